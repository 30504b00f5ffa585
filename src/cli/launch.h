/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * launch.h - COMMAND as a child that is held before its first instruction.
 *
 * The child waits on a close-on-exec pipe; the end of the pipe means exit, so that whatever ends
 * the tool leaves no child behind. It is made before the tool changes anything of its own that a
 * child inherits: signal mask, dispositions, limits.
 */
#ifndef ET_LAUNCH_H
#define ET_LAUNCH_H

#include "base/failure.h"

#include <sys/types.h>

struct launch {
	pid_t pid;   /* 0: nothing launched */
	int hold;    /* writing releases the child, closing ends it */
	int outcome; /* reads the errno of a failed exec, or the end */
};

/* Makes the child, as user if not NULL. 0, or -errno with *failure. */
int launch_hold(char **command, const char *user, struct launch *ret_launch,
		struct failure *failure);

/*
 * Lets the child run COMMAND. Returns 0 when COMMAND runs; else the exit status to end with, 126
 * or 127, with *failure; the child has ended then.
 */
int launch_release(struct launch *launch, char **command, struct failure *failure);

/* Ends a child that was not released. */
void launch_abandon(struct launch *launch);

/* Waits for COMMAND to end; its status as wait(2) gives it. */
int launch_wait(struct launch *launch);

#endif
