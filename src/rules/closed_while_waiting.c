/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * closed-while-waiting: an instance was closed while a thread waits on it. The wait keeps it alive
 * and goes on, but nothing can be registered any more, and a wait without time-out never returns. The
 * same happens to an entry that another thread closes: the kernel drops it, and the wait goes on for
 * the others, perhaps for a wake-up descriptor alone. If the last entry goes, whichever thread closed
 * it, others may be added later, so that is a note.
 */
#include "event/names.h"
#include "rules/closed.h"
#include "rules/facts.h"
#include "rules/rule.h"

static bool lost_an_entry(struct rules *r, const struct subject *s);
static enum severity judge_entry(struct rules *r, struct finding *f, const struct subject *s);
static void explain_entry(struct rules *r, struct finding *f, const struct subject *s);
static bool lost_the_instance(struct rules *r, const struct subject *s);
static void explain_instance(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_closed_while_waiting = {
	.title = "what a thread waits on was closed by another thread",
	.means = "A close does not wake a waiting thread. The wait keeps the instance "
		 "alive, but nothing can be registered with it any more; the entry of a "
		 "watched file is dropped by the kernel, and its events never come.",
	.evidence = "A thread has been in a wait for T on an instance that no descriptor "
		    "leads to: a warning. An entry that nobody has deleted was closed by a "
		    "thread that did not register it while another one waits on the "
		    "instance without a time-out, and no wait has returned for T: a warning "
		    "that names both threads, and an earlier close of the same number by "
		    "the same thread. With EPOLLET or EPOLLONESHOT and not yet delivered, "
		    "or if the attach found the entry: a note. The last entry of an "
		    "instance was closed while a thread waits without a time-out: a note, "
		    "because another may be added.",
	.not_it = "An orderly shutdown, in which the instance is gone or the thread "
		  "returns within T; pools of threads, in which one closes what it was "
		  "handed, with EPOLLET or EPOLLONESHOT, or waits on the instance itself.",
	.fix = "wake the thread first, by an eventfd, and close what it has left",
	.asks = {{.about = ABOUT_INSTANCE,
		  .hold = 1,
		  .pictured = lost_an_entry,
		  .judge = judge_entry,
		  .explain = explain_entry},
		 {.about = ABOUT_WAITER,
		  .hold = 1,
		  .pictured = lost_the_instance,
		  .severity = SEVERITY_WARNING,
		  .explain = explain_instance}},
};

static void evidence_blocked(struct rules *r, struct finding *f, const struct task *t)
{
	evidence(f, "thread %u blocked in %s for %.1f s", t->tid, call_name(t->wait.id),
		 seconds(r->now_ns - t->wait.entry_ns));
}

/* The instance at that address that was closed last; NULL: no close of it was observed. */
static const struct instance *closed_instance(const struct rules *r, uint64_t ep)
{
	const struct instance *i = interest_find(model_interest(r->model), ep);

	if (i && i->closer)
		return i; /* the wait still keeps it */
	for (i = model_interest(r->model)->gone_instances; i && model_affords(r->model, 1);
	     i = i->next)
		if (i->ep == ep)
			return i->closer ? i : NULL;
	return NULL;
}

/* No descriptor leads to the instance any more. */
static bool lost_the_instance(struct rules *r, const struct subject *s)
{
	const struct task *t = s->waiter;

	if (!t->wait.ep || t->wait.entry_ns >= model_scan_began_ns(r->model))
		return false;
	return !s->instance || !model_scan_saw(r->model, s->instance);
}

static void explain_instance(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct task *t = s->waiter;
	const struct instance *closed = closed_instance(r, t->wait.ep);

	f->epfd = t->wait.args.epfd;
	if (closed)
		f->instance = closed->number;
	evidence(f, "the instance that was descriptor %d is open nowhere: only this wait keeps it",
		 t->wait.args.epfd);
	if (closed)
		evidence(f, "thread %u closed it %.1f s ago", closed->closer,
			 seconds(r->now_ns - closed->closed_ns));
	evidence_blocked(r, f, t);
}

/*
 * Is the entry one that its waiting thread handles itself? With EPOLLET or EPOLLONESHOT events are
 * handed to other threads, and the thread that was given one closes the file as well.
 */
static bool is_handed_over(const struct entry *e)
{
	return e->events & (EPOLLET | EPOLLONESHOT);
}

/* Has the closer a part in the loop, so that it knows what it does? */
static bool is_of_loop(const struct entry *e)
{
	return e->closer == e->adder || e->closer_waits;
}

/*
 * How grave it is that the entry went by a close while that thread waits for it. If its event was
 * delivered to a pool, any thread of that may close it; which one registered it may not be known.
 */
static enum severity severity_of(const struct rules *r, const struct entry *e, const struct task *t)
{
	if (!e->closer || e->closer_pid != t->pid || !(e->events & ~EPOLL_PRIVATE_BITS) ||
	    is_of_loop(e))
		return SEVERITY_NONE;
	if (!is_handed_over(e))
		return e->adder ? SEVERITY_WARNING : SEVERITY_NOTE;
	return fact_never_delivered(r, e) && e->adder ? SEVERITY_NOTE : SEVERITY_NONE;
}

#define GONE_MAX 256 /* that are gone through at a scan */

/* What another thread has closed, and the wait has not returned since. */
struct taken {
	const struct entry *entry; /* the gravest, of these the latest; NULL: none */
	enum severity severity;
	unsigned count;
};

/* Gone ones are newest first. */
static struct taken taken_away(const struct rules *r, const struct instance *inst,
			       const struct task *t)
{
	struct taken found = {0};
	unsigned left = GONE_MAX;

	for (const struct entry *e = inst->gone_entries; e && left--; e = e->next) {
		enum severity severity;

		if (e->ended_ns <= t->wait.entry_ns)
			break;
		if (e->closed_ns <= t->wait.entry_ns || e->closed_ns <= inst->waited_ns)
			continue;
		severity = severity_of(r, e, t);
		found.count += severity != SEVERITY_NONE;
		if (severity <= found.severity)
			continue;
		found.severity = severity;
		found.entry = e;
	}
	return found;
}

static void evidence_closer(struct rules *r, struct finding *f, const struct taken *gone)
{
	const struct entry *e = gone->entry, *before;

	if (e->adder)
		evidence(f,
			 "thread %u closed it %.1f s ago, and not thread %u, which had registered "
			 "it; there was no EPOLL_CTL_DEL",
			 e->closer, seconds(r->now_ns - e->closed_ns), e->adder);
	else
		evidence(f, "thread %u closed it %.1f s ago; there was no EPOLL_CTL_DEL", e->closer,
			 seconds(r->now_ns - e->closed_ns));
	before = closed_before(r, e->fd, e->table, e->closer, e->closed_ns);
	if (before) {
		evidence(f,
			 "the same thread had closed number %d %.1f s before that: closed twice?",
			 e->fd, seconds(e->closed_ns - before->closed_ns));
		f->fix = "close a number once: forget it where it is closed";
	}
	if (gone->count > 1)
		evidence(f, "%u entries went so during this wait", gone->count);
	if (f->severity == SEVERITY_NOTE)
		evidence(f, "possible: in a pool of threads one closes what it was handed");
}

/* The last entry went, whichever thread closed it. */
static bool watches_nothing(const struct instance *inst, const struct task *t)
{
	const struct entry *last = inst->gone_entries;

	if (inst->live_count || !last || last->dels)
		return false;
	return (last->closer ? last->closed_ns : last->ended_ns) >= t->wait.entry_ns;
}

static const struct task *waiter_of(const struct rules *r, const struct instance *inst)
{
	return inst->waiters ? tasks_find(model_tasks(r->model), inst->waiter) : NULL;
}

/* An entry went by a close, during a wait without time-out. */
static bool lost_an_entry(struct rules *r, const struct subject *s)
{
	const struct task *t = waiter_of(r, s->instance);

	return t && t->wait.args.timeout_ns == -1 &&
	       (taken_away(r, s->instance, t).entry || watches_nothing(s->instance, t));
}

static enum severity judge_entry(struct rules *r, struct finding *f, const struct subject *s)
{
	struct taken gone = taken_away(r, s->instance, waiter_of(r, s->instance));

	(void)f;
	return gone.entry ? gone.severity : SEVERITY_NOTE;
}

static void explain_entry(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct instance *inst = s->instance;
	const struct task *t = waiter_of(r, inst);
	struct taken gone = taken_away(r, inst, t);

	rules_about_entry(r, f, gone.entry ? gone.entry : inst->gone_entries);
	if (gone.entry)
		evidence_closer(r, f, &gone);
	if (!inst->live_count)
		evidence(
			f,
			"the last entry of the instance was closed during a wait without time-out");
	evidence_blocked(r, f, t);
}
