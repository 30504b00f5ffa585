/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * syscalls.h - the names of the system calls of the machine that was traced, as the stream has them:
 * a recording may come from another architecture.
 */
#ifndef ET_SYSCALLS_H
#define ET_SYSCALLS_H

#include "event/event.h"

struct syscalls {
	char *text;	    /* all names, each ended by NUL */
	const char **names; /* by number, empty where there is none */
	int count;
};

void syscalls_apply(struct syscalls *s, const struct syscalls_event *ev);

void syscalls_free(struct syscalls *s);

/* NULL where the number has no name. */
const char *syscalls_name(const struct syscalls *s, int nr);

#endif
