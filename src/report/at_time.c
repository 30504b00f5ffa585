/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/at_time.h"

#include <stdlib.h>

#define NS_PER_S 1000000000ULL
#define DAY_NS	 (86400 * NS_PER_S)

/* A thread that has been told of behind the moment. */
struct reported_thread {
	struct node by_tid;
	uint32_t tid;
};

void moment_free(struct moment *m)
{
	struct node *n, *behind;

	table_each(&m->by_tid, n, behind)
		free(container_of(n, struct reported_thread, by_tid));
	table_free(&m->by_tid);
}

#define THREADS_MAX (1u << 20) /* a recording may be made up */

/* Is it the first that is reported of the thread? */
static bool first_of(struct moment *m, uint32_t tid)
{
	struct node *n = table_find(&m->by_tid, hash_u64(tid));
	struct reported_thread *t;

	for (; n; n = table_next(n))
		if (container_of(n, struct reported_thread, by_tid)->tid == tid)
			return false;
	t = m->by_tid.count < THREADS_MAX ? calloc(1, sizeof(*t)) : NULL;
	if (!t || table_add(&m->by_tid, &t->by_tid, hash_u64(tid))) {
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

/* A time of day is of the day on which the stream begins, or of the next one. */
static void begin(struct moment *m, const struct event *start)
{
	uint64_t to_local = to_local_ns(&start->start.clock);
	uint64_t first = start->time_ns + to_local, at;

	m->known = true;
	m->at_ns = start->time_ns + m->wanted.ns;
	if (!m->wanted.of_day)
		return;
	at = first - first % DAY_NS + m->wanted.ns;
	if (at < first && first - at > DAY_NS / 2)
		at += DAY_NS;
	m->local_ns = at;
	m->before = at < first;
	m->at_ns = m->before ? start->time_ns : at - to_local;
}

/*
 * The clock was set: what was to come comes sooner or later. A time that it was set beyond is the
 * time at which it was set.
 */
static void step(struct moment *m, const struct event *ev)
{
	uint64_t since_local_ns = ev->time_ns + to_local_ns(&ev->clock);

	if (!m->known || !m->wanted.of_day || m->before || m->reached)
		return;
	m->at_ns = m->local_ns > since_local_ns ? ev->time_ns + (m->local_ns - since_local_ns)
						: ev->time_ns;
}

/* When it was told: calls at their return. */
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

static enum moment_does scan_back(struct moment *m, struct event *ev)
{
	bool tells = event_is_call(ev) ? !ev->call.io_uring
				       : ev->kind == EVENT_INFLIGHT || ev->kind == EVENT_EXIT;

	if (ev->kind == EVENT_END)
		return MOMENT_APPLY;
	if (!tells || !first_of(m, ev->tid) || ev->time_ns > m->at_ns)
		return MOMENT_SKIP;
	if (ev->kind == EVENT_WAIT)
		*ev = in_flight(ev);
	if (ev->kind != EVENT_INFLIGHT)
		return MOMENT_SKIP;
	ev->inflight.cut = false;
	return MOMENT_APPLY;
}

enum moment_does moment_take(struct moment *m, struct event *ev)
{
	if (ev->kind == EVENT_START && !m->known)
		begin(m, ev);
	if (ev->kind == EVENT_CLOCK)
		step(m, ev);
	if (m->reached)
		return scan_back(m, ev);
	/* What was there before is told at the beginning, with times of then. */
	if (ev->kind == EVENT_START || ev->kind == EVENT_INFLIGHT || !m->known ||
	    emitted_ns(ev) <= m->at_ns || ev->kind == EVENT_END)
		return MOMENT_APPLY;
	m->reached = true;
	return MOMENT_REACH;
}
