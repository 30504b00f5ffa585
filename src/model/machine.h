/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * machine.h - what the stream says of the machine that was traced, which a recording may have
 * brought from elsewhere: its clocks, its kernel, the names of its system calls, what could be traced.
 */
#ifndef ET_MACHINE_H
#define ET_MACHINE_H

#include "model/clocks.h"

/* A line of --features. */
struct feature {
	struct feature *next;
	char name[65], state[129];
};

struct machine {
	struct start_event start;
	struct clocks clocks;
	struct feature *features, *last_feature; /* in the order of --features */
	unsigned feature_count;
	char *syscalls;	      /* all names, each ended by NUL */
	const char **syscall; /* by number, empty if there is none */
	int syscall_count;
};

/* Applies EVENT_START, EVENT_CLOCK, EVENT_FEATURE or EVENT_SYSCALLS. */
void machine_apply(struct machine *m, const struct event *ev);

void machine_free(struct machine *m);

/* "i386 call" for CALL_NR_I386; NULL if the number has no name. */
const char *machine_syscall(const struct machine *m, int nr);

/* Is it poll(2), select(2), or a call like these, which may be about any descriptor? */
bool machine_polls(const struct machine *m, int nr);

#endif
