/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * at_time.h - the state at a time within a stream, rather than at its end.
 *
 * A wait is reported when it returns, or once it has blocked for a while. Which threads were in a
 * wait at that time is therefore known only from the events after it.
 */
#ifndef ET_AT_TIME_H
#define ET_AT_TIME_H

#include "base/table.h"
#include "event/event.h"
#include "report/at_time_options.h"

struct at_time {
	struct at_time_options wanted;
	bool known;	   /* at_ns is: the stream has begun */
	uint64_t at_ns;	   /* CLOCK_MONOTONIC */
	uint64_t local_ns; /* of_day: the same in local time, since 1970 */
	bool reached;
	bool before;	     /* the stream begins only after that time */
	struct table by_tid; /* threads that an event after that time was about */
};

/* What to do with an event. */
enum at_time_action {
	AT_TIME_APPLY, /* it changes the state at that time */
	AT_TIME_REACH, /* it is the first one after it: apply a tick at at_ns, then ask again */
	AT_TIME_SKIP,  /* it is later, and says nothing about the state */
};

/* With AT_TIME_APPLY, *ev may have become another event: a wait that was in flight. */
enum at_time_action at_time_take(struct at_time *a, struct event *ev);

void at_time_free(struct at_time *a);

#endif
