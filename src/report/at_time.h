/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * at_time.h - the state at a time within a stream, rather than at its end.
 *
 * A wait is told when it returns, or when it has blocked for a while. Who was in a wait at the
 * moment is therefore told by what comes behind it.
 */
#ifndef ET_AT_TIME_H
#define ET_AT_TIME_H

#include "base/table.h"
#include "event/event.h"
#include "report/at_time_options.h"

struct moment {
	struct moment_wanted wanted;
	bool known;	   /* at_ns is: the stream has begun */
	uint64_t at_ns;	   /* CLOCK_MONOTONIC */
	uint64_t local_ns; /* of_day: the moment in local time, since 1970 */
	bool reached;
	bool before;	     /* the stream begins only behind it */
	struct table by_tid; /* threads that something behind it was told of */
};

/* What to do with an event. */
enum moment_does {
	MOMENT_APPLY, /* it is of before */
	MOMENT_REACH, /* it is the first of behind: a tick at at_ns first, then ask again */
	MOMENT_SKIP,  /* it is of behind, and tells nothing of the moment */
};

/* Where it is to be applied *ev may have become another one: a wait that was in flight. */
enum moment_does moment_take(struct moment *m, struct event *ev);

void moment_free(struct moment *m);

#endif
