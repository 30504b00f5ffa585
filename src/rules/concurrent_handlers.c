/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * concurrent-handlers: an entry was delivered to a second thread before the first came back to its
 * wait, and both did I/O on it. Whether a lock keeps them apart cannot be observed. Only connections
 * are judged: connections to accept, datagrams and bytes that wake a loop may go to any thread.
 */
#include "rules/facts.h"
#include "rules/rule.h"

#define OVERLAPS_MAX 64

enum overlap_state {
	OVERLAP_NONE,
	OVERLAP_OPEN, /* the first thread has not come back yet */
	OVERLAP_SEEN, /* it has, and only then: did both do I/O? */
};

/* Deliveries of one entry to two threads, the latest few. */
struct overlaps {
	struct overlap {
		enum overlap_state state;
		uint32_t entry; /* its number */
		uint32_t first, second;
		uint64_t first_ns, second_ns; /* deliveries */
	} at[OVERLAPS_MAX];
	unsigned open; /* so many are in that state */
	unsigned next;
	const struct overlap *found; /* the one that an entry is asked about for */
};

static void take_view(struct rules *r, const struct view *v);
static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_concurrent_handlers = {
	.title = "two threads handle one entry at once",
	.means = "An entry that is neither EPOLLONESHOT nor EPOLLEXCLUSIVE may be "
		 "delivered to a second thread while the first one still handles it; "
		 "data gets out of order.",
	.evidence = "The entry was delivered to a second thread before the first came back "
		    "to its wait, and both did I/O on it. Locks cannot be observed.",
	.not_it = "Listeners, datagrams, notifiers; a lock for each descriptor; runtimes "
		  "that register EPOLLIN, EPOLLOUT and EPOLLET once, in which the thread "
		  "that waits hands the work to others.",
	.fix = "EPOLLONESHOT, and EPOLL_CTL_MOD when done",
	.view = take_view,
	.views = 1u << VIEW_CALL,
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 0,
		  .pictured = pictured,
		  .judge = judge,
		  .explain = explain}},
	.happens = true,
	.state_size = sizeof(struct overlaps),
	.needs_io = true,
	.needs_ready = true,
};

static void note_overlap(struct rules *r, const struct entry *e)
{
	const struct task *first = tasks_find(model_tasks(r->model), e->former_tid);
	struct overlaps *o = r->states[RULE_CONCURRENT_HANDLERS];

	if (!first || first->turn_ns != e->former_ready_ns || first->wait.active)
		return; /* it has waited again since */
	o->open += o->at[o->next % OVERLAPS_MAX].state != OVERLAP_OPEN;
	o->at[o->next++ % OVERLAPS_MAX] = (struct overlap){
		.state = OVERLAP_OPEN,
		.entry = e->number,
		.first = e->former_tid,
		.second = e->last_tid,
		.first_ns = e->former_ready_ns,
		.second_ns = e->last_ready_ns,
	};
}

/* A thread's wait has returned: when it began shows whether it had been away. */
static void close_overlaps(struct rules *r, const struct view *v)
{
	struct overlaps *all = r->states[RULE_CONCURRENT_HANDLERS];

	for (unsigned i = 0; all->open && i < OVERLAPS_MAX; i++) {
		struct overlap *o = &all->at[i];

		if (o->state != OVERLAP_OPEN || o->first != v->tid)
			continue;
		o->state = v->time_ns > o->second_ns ? OVERLAP_SEEN : OVERLAP_NONE;
		all->open--;
	}
}

static void take_view(struct rules *r, const struct view *v)
{
	if (v->ev->kind != EVENT_WAIT || v->ev->call.io_uring || v->ev->call.skipped)
		return;
	close_overlaps(r, v);
	for (unsigned i = 0; i < v->ready_count; i++) {
		const struct entry *e = v->ready[i].entry;

		if (e && e->former_tid && e->last_tid == v->tid && e->former_tid != v->tid &&
		    !(e->events & (EPOLLONESHOT | EPOLLEXCLUSIVE)) && !fact_registered_once(e))
			note_overlap(r, e);
	}
}

static bool both_did_io(const struct overlap *o, const struct io_side *s)
{
	bool last_first = s->tid == o->first && s->other_tid == o->second;
	bool last_second = s->tid == o->second && s->other_tid == o->first;

	return (last_first && s->time_ns >= o->first_ns && s->other_ns >= o->second_ns) ||
	       (last_second && s->time_ns >= o->second_ns && s->other_ns >= o->first_ns);
}

static bool pictured(struct rules *r, const struct subject *s)
{
	struct overlaps *all = r->states[RULE_CONCURRENT_HANDLERS];
	const struct entry *e = s->entry;
	bool found = false;

	for (unsigned i = 0; i < OVERLAPS_MAX; i++) {
		struct overlap *o = &all->at[i];

		if (o->state != OVERLAP_SEEN || o->entry != e->number)
			continue;
		o->state = OVERLAP_NONE;
		if (!fact_known(r, e) || e->observed->pending.class != CLASS_STREAM || !e->io)
			continue;
		if (!both_did_io(o, &e->io->in) && !both_did_io(o, &e->io->out))
			continue;
		all->found = o;
		found = true;
	}
	return found;
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)r, (void)s;
	f->pid = 0; /* whose thread was the second one */
	return SEVERITY_WARNING;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct overlaps *all = r->states[RULE_CONCURRENT_HANDLERS];
	const struct overlap *o = all->found;

	(void)s;
	f->tid = o->second;
	evidence(f,
		 "delivered to thread %u, and %.3f s later to thread %u, before the first had come "
		 "back to its wait; both did I/O on it",
		 o->first, seconds(o->second_ns - o->first_ns), o->second);
	evidence(f, "neither EPOLLONESHOT nor EPOLLEXCLUSIVE; a lock of its own cannot be seen");
}
