/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exclusive-bound: EPOLLEXCLUSIVE wakes one of the threads that wait for a file. That one left the
 * input, and the others, which would take it, were never notified.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);
static uint64_t key_of(const struct rules *r, const struct subject *s);

const struct rule rule_exclusive_bound = {
	.title = "EPOLLEXCLUSIVE woke one waiter, which left what had come",
	.means = "Of the threads that wait for a file with EPOLLEXCLUSIVE the kernel "
		 "wakes one. If that one is in the middle of other work and leaves the "
		 "connection or the message for later, nobody else is woken: the others "
		 "are idle, and what has come waits.",
	.evidence = "Input or connections have waited for T; this entry has EPOLLEXCLUSIVE "
		    "and is not on the ready list; every thread that waits on its instance "
		    "is in its wait, and no wait has reported the entry since it was added, "
		    "or since a scan found that nothing waited. But a wait has reported "
		    "another instance's entry of the file, also with EPOLLEXCLUSIVE.",
	.not_it = "The waiter that was woken is taking it, however slowly; all were "
		  "woken, and each took some of it.",
	.fix = "accept or read at once in the one that is woken, or leave the list "
	       "while there is no room; SO_REUSEPORT for listeners",
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 1,
		  .pictured = pictured,
		  .judge = judge,
		  .explain = explain,
		  .key = key_of}},
	.needs_ready = true,
};

static bool is_exclusive(const struct rules *r, const struct entry *e)
{
	return fact_known(r, e) && e->events & EPOLLEXCLUSIVE && e->state == ENTRY_OPEN;
}

/* The entry of another instance that was delivered last, and later than this one. */
static const struct entry *given_to(const struct rules *r, const struct entry *e)
{
	struct node *n = table_find(&model_interest(r->model)->by_file, hash_u64(e->file));
	const struct entry *last = NULL;

	for (; n && model_affords(r->model, 1); n = table_next(n)) {
		const struct entry *o = container_of(n, struct entry, by_file);

		if (o->file != e->file || o->instance == e->instance || !is_exclusive(r, o))
			continue;
		if (fact_delivered(r, o) && o->last_ready_ns > e->last_ready_ns &&
		    (!last || o->last_ready_ns > last->last_ready_ns))
			last = o;
	}
	return last;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	const struct entry *o = given_to(r, e);
	const struct pending *p = &e->observed->pending;
	char unread[UNREAD_TEXT];

	if (p->class == CLASS_LISTENER)
		evidence(f, "%s; no accept for %.1f s", unread_text(unread, p),
			 seconds(fact_quiet_ns(r, e)));
	else
		evidence(f, "%s; no read for %.1f s", unread_text(unread, p),
			 seconds(fact_quiet_ns(r, e)));
	if (o)
		evidence(f,
			 "EPOLLEXCLUSIVE gave it to eventpoll#%u alone, %.1f s ago to thread %u, "
			 "which has "
			 "left it",
			 o->instance->number, seconds(r->now_ns - o->last_ready_ns), o->last_tid);
	evidence(f, "this instance was not told%s, and its waiter would be free to take it",
		 e->deliveries ? " since" : "");
	evidence_waiter(r, f, e->instance);
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	return is_exclusive(r, e) && !e->observed->ready && !fact_delivered(r, e) &&
	       e->observed->events & INPUT && fact_input_waits(e) && fact_idle(e->instance) &&
	       given_to(r, e);
}

/* One finding for all that were left out. */
static uint64_t key_of(const struct rules *r, const struct subject *s)
{
	return given_to(r, s->entry)->number;
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	const struct entry *o = given_to(r, e);

	if (!o || (f->state == FINDING_RAISED && f->entry != e->number))
		return SEVERITY_NONE;
	if (fact_quiet_ns(r, e) < r->T || fact_waits_ns(r, e->instance) < r->T ||
	    r->now_ns - o->last_ready_ns < r->T)
		return SEVERITY_NONE;
	return SEVERITY_WARNING;
}
