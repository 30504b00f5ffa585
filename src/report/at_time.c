/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/at_time.h"

#include <stdlib.h>

#define NS_PER_S 1000000000ULL
#define DAY_NS	 (86400 * NS_PER_S)

/* A thread that an event after the time was about. */
struct reported_thread {
	struct node by_tid;
	uint32_t tid;
};

void at_time_free(struct at_time *a)
{
	struct node *n, *next;

	table_each(&a->by_tid, n, next)
		free(container_of(n, struct reported_thread, by_tid));
	table_free(&a->by_tid);
}

#define THREADS_MAX (1u << 20) /* a recording may be made up */

/* Is this the first event after the time that is about the thread? */
static bool is_first_of_thread(struct at_time *a, uint32_t tid)
{
	struct node *n = table_find(&a->by_tid, hash_u64(tid));
	struct reported_thread *t;

	for (; n; n = table_next(n))
		if (container_of(n, struct reported_thread, by_tid)->tid == tid)
			return false;
	t = a->by_tid.count < THREADS_MAX ? calloc(1, sizeof(*t)) : NULL;
	if (!t || table_add(&a->by_tid, &t->by_tid, hash_u64(tid))) {
		free(t);
		return false;
	}
	t->tid = tid;
	return true;
}

static uint64_t to_local_ns(const struct clock_event *c)
{
	return c->realtime_offset_ns + (uint64_t)(int64_t)c->utc_offset_s * NS_PER_S;
}

/* A time of day is one of the day on which the stream begins, or of the next day. */
static void set_time(struct at_time *a, const struct event *start)
{
	uint64_t to_local = to_local_ns(&start->start.clock);
	uint64_t first = start->time_ns + to_local, at;

	a->known = true;
	a->at_ns = start->time_ns + a->wanted.ns;
	if (!a->wanted.of_day)
		return;
	at = first - first % DAY_NS + a->wanted.ns;
	if (at < first && first - at > DAY_NS / 2)
		at += DAY_NS;
	a->local_ns = at;
	a->before = at < first;
	a->at_ns = a->before ? start->time_ns : at - to_local;
}

/*
 * The clock was set, so the time of day comes sooner or later than it seemed. If the clock skipped it,
 * it is the time at which the clock was set.
 */
static void follow_clock(struct at_time *a, const struct event *ev)
{
	uint64_t since_local_ns = ev->time_ns + to_local_ns(&ev->clock);

	if (!a->known || !a->wanted.of_day || a->before || a->reached)
		return;
	a->at_ns = a->local_ns > since_local_ns ? ev->time_ns + (a->local_ns - since_local_ns)
						: ev->time_ns;
}

/* When it was reported: calls at their return. */
static uint64_t emitted_ns(const struct event *ev)
{
	return event_is_call(ev) ? ev->time_ns + ev->call.duration_ns : ev->time_ns;
}

static struct event in_flight(const struct event *wait)
{
	return (struct event){
		.kind = EVENT_INFLIGHT,
		.time_ns = wait->time_ns,
		.pid = wait->pid,
		.tid = wait->tid,
		.inflight =
			{
				.id = wait->call.id,
				.began_before = wait->call.began_before,
				.ep = wait->call.ep,
				.args = wait->wait.args,
			},
	};
}

/* An event after the time: was its thread in a wait then? Only the first one of a thread can say. */
static enum at_time_action look_back(struct at_time *a, struct event *ev)
{
	bool says = event_is_call(ev) ? !ev->call.io_uring
				      : ev->kind == EVENT_INFLIGHT || ev->kind == EVENT_EXIT;

	if (ev->kind == EVENT_END)
		return AT_TIME_APPLY;
	if (!says || !is_first_of_thread(a, ev->tid) || ev->time_ns > a->at_ns)
		return AT_TIME_SKIP;
	if (ev->kind == EVENT_WAIT)
		*ev = in_flight(ev);
	if (ev->kind != EVENT_INFLIGHT)
		return AT_TIME_SKIP;
	ev->inflight.cut = false;
	return AT_TIME_APPLY;
}

enum at_time_action at_time_take(struct at_time *a, struct event *ev)
{
	if (ev->kind == EVENT_START && !a->known)
		set_time(a, ev);
	if (ev->kind == EVENT_CLOCK)
		follow_clock(a, ev);
	if (a->reached)
		return look_back(a, ev);
	/* What was there before the attach comes first in the stream, with times from before. */
	if (ev->kind == EVENT_START || ev->kind == EVENT_INFLIGHT || !a->known ||
	    emitted_ns(ev) <= a->at_ns || ev->kind == EVENT_END)
		return AT_TIME_APPLY;
	a->reached = true;
	return AT_TIME_REACH;
}
