/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * user.h - the user that COMMAND runs as.
 */
#ifndef ET_USER_H
#define ET_USER_H

#include "base/failure.h"

#include <sys/types.h>

struct user {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* supplementary; to be freed */
	unsigned group_count;
	size_t group_cap;
};

/*
 * A name, or UID:GID. Reads /etc/passwd and /etc/group itself: a static binary has no NSS. 0, or
 * -errno with *failure.
 */
int user_find(const char *text, struct user *ret_user, struct failure *failure);

/* Makes the process that user, for good. 0 or -errno. */
int user_become(const struct user *user);

void user_free(struct user *user);

#endif
