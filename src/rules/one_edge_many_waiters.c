/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * one-edge-many-waiters: a notifier with EPOLLET wakes one of the threads that wait on an instance.
 * If that one has gone, and the others wait on, the write may have been meant for all of them. A
 * pool where one is enough looks the same until the one that was woken comes back to wait.
 */
#include "rules/facts.h"
#include "rules/rule.h"

#define PATIENCE 5 /* T */

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_one_edge_many_waiters = {
	.title = "one write to an edge-triggered notifier, and many that wait for it",
	.means = "With EPOLLET one write to an eventfd or a pipe wakes one of the "
		 "threads that wait on the instance. A program that ends its threads "
		 "that way ends one of them and waits for the others for ever.",
	.evidence = "An eventfd or a pipe with EPOLLET was written and delivered to one "
		    "thread, which has ended or is parked elsewhere; other threads have "
		    "been waiting on the instance since before that; and every thread of "
		    "the process has been parked without a time-out for 5 T. A note.",
	.not_it = "A pool in which one thread is enough, and which comes back to wait; a "
		  "notifier that is also registered without EPOLLET.",
	.fix = "one write for each thread, or EPOLLIN without EPOLLET and no read",
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = PATIENCE,
		  .pictured = pictured,
		  .judge = judge,
		  .explain = explain}},
};

static bool is_notifier(const struct entry *e)
{
	const struct pending *p = &e->observed->pending;

	return p->class == CLASS_EVENTFD || (p->class == CLASS_PIPE && p->has_unread);
}

static bool has_level_twin(const struct rules *r, const struct entry *e)
{
	struct node *n = table_find(&model_interest(r->model)->by_file, hash_u64(e->file));

	for (; n && model_affords(r->model, 1); n = table_next(n)) {
		const struct entry *o = container_of(n, struct entry, by_file);

		if (o->file == e->file && o->instance == e->instance && !(o->events & EPOLLET))
			return true;
	}
	return false;
}

/* Has the thread that was woken gone for good: ended, or parked for something else? */
static bool is_done(const struct rules *r, const struct entry *e)
{
	const struct task *t = tasks_find(model_tasks(r->model), e->last_tid);

	return !t || (t->scanned && t->forever && !t->wait.active);
}

/* The threads that have waited on the instance since before it was delivered; 0: others came later. */
static unsigned left_waiting(const struct rules *r, const struct entry *e)
{
	unsigned count = 0;

	for (const struct task *t = model_tasks(r->model)->waiting; t && model_affords(r->model, 1);
	     t = t->next_waiting) {
		if (t->wait.ep != e->instance->ep)
			continue;
		if (t->wait.entry_ns >= e->last_ready_ns)
			return 0;
		count++;
	}
	return count;
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	if (!fact_known(r, e) || !is_notifier(e) || !fact_edge(e) || e->observed->ready ||
	    !e->last_tid || !fact_input_waits(e) || e->events & EPOLLONESHOT)
		return false;
	return is_done(r, e) && !has_level_twin(r, e) && left_waiting(r, e);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)f;
	return fact_parked_ns(r, s->entry->instance) < PATIENCE * r->T ? SEVERITY_NONE
								       : SEVERITY_NOTE;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	unsigned waiters = left_waiting(r, e);

	evidence(f, "EPOLLET told thread %u of it alone, %.1f s ago, which waits here no longer",
		 e->last_tid, seconds(r->now_ns - e->last_ready_ns));
	evidence(f, "%u other thread%s have waited on the instance since before that", waiters,
		 waiters == 1 ? "" : "s");
	evidence(f, "all threads of process %u parked for %.1f s", f->pid,
		 seconds(fact_parked_ns(r, e->instance)));
	evidence(f, "possible: one may have been enough");
}
