/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/user.h"

#include "base/array.h"
#include "base/log.h"
#include "cli/values.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HIGHEST_ID 0xfffffffeu /* -1 means "as it is" to setuid and its like */

static int parse_ids(const char *text, struct user *user)
{
	char uid_text[16];
	const char *colon = strchr(text, ':');
	uint64_t uid, gid;

	if (!colon || (size_t)(colon - text) >= sizeof(uid_text))
		return -EINVAL;
	memcpy(uid_text, text, colon - text);
	uid_text[colon - text] = 0;
	if (value_number(uid_text, 0, HIGHEST_ID, &uid) ||
	    value_number(colon + 1, 0, HIGHEST_ID, &gid))
		return -EINVAL;
	user->uid = uid;
	user->gid = gid;
	return 0;
}

static int find_passwd(const char *name, struct user *user)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw;

	if (!f)
		return -errno;
	while ((pw = fgetpwent(f)) && strcmp(pw->pw_name, name))
		;
	if (pw) {
		user->uid = pw->pw_uid;
		user->gid = pw->pw_gid;
	}
	fclose(f);
	return pw ? 0 : -ENOENT;
}

static int add_group(struct user *user, gid_t gid)
{
	if (!array_room(&user->groups, &user->group_cap, user->group_count + 1, sizeof(gid)))
		return -ENOMEM;
	user->groups[user->group_count++] = gid;
	return 0;
}

static int find_groups(const char *name, struct user *user)
{
	FILE *f = fopen("/etc/group", "re");
	struct group *gr;
	int err = 0;

	if (!f)
		return errno == ENOENT ? 0 : -errno;
	while (!err && (gr = fgetgrent(f)))
		for (char **m = gr->gr_mem; *m && !err; m++)
			if (!strcmp(*m, name))
				err = add_group(user, gr->gr_gid);
	fclose(f);
	return err;
}

int user_find(const char *text, struct user *user, struct failure *failure)
{
	int err;

	*user = (struct user){0};
	if (!parse_ids(text, user))
		return 0;
	err = find_passwd(text, user);
	if (err == -ENOENT)
		return fail(failure, err, "a name of /etc/passwd, or UID:GID",
			    "cannot find user '%s'", text);
	if (!err)
		err = add_group(user, user->gid);
	if (!err)
		err = find_groups(text, user);
	if (err)
		return fail(failure, err, NULL, "cannot look up user '%s': %s", text,
			    log_errno(err));
	return 0;
}

int user_become(const struct user *user)
{
	if (setgroups(user->group_count, user->groups) || setgid(user->gid) || setuid(user->uid))
		return -errno;
	return 0;
}

void user_free(struct user *user)
{
	free(user->groups);
	user->groups = NULL;
}
