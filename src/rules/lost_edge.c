/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lost-edge: input was delivered by an edge and not all of it read, and no event will come for the
 * rest. A program that caches readiness and has paused a reader looks the same from outside, so it
 * is an error only if nothing in the process can come back to it, or if old input was twice
 * observed to be read only when a new edge came.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static bool left_for_output(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);
static bool is_event_driven(const struct rules *r, const struct entry *e);

const struct rule rule_lost_edge = {
	.title = "edge-triggered input was delivered and not all of it taken",
	.means = "With EPOLLET an event is reported once. If part of the input is left "
		 "unread, no further event comes for it until new data arrives. The "
		 "program waits, its peer waits for an answer, and both hang.",
	.evidence = "The entry is armed with EPOLLET and EPOLLIN, bytes wait in the file, "
		    "the entry is not on the ready list, nobody has read for T, and every "
		    "thread that waits on the instance is in its wait. A wait must have "
		    "reported the entry since it was added, or since it was last seen to "
		    "have nothing to read. It is an error if for 5 T every thread of the "
		    "process has been parked in epoll, or in a futex without a time-out, "
		    "and the file was never read without an event; or if old bytes were "
		    "twice read only after a new event. Otherwise it is a note, as it is "
		    "while the process waits for an answer or a timer that it has asked for "
		    "since the event.",
	.not_it = "Runtimes that cache readiness (Go, tokio, netty, nginx) come back to a "
		  "socket without an event; while their reader is paused they look the "
		  "same. Nothing is reported while output of the process is blocked, "
		  "because the input may be left on purpose. If --io shows that the last "
		  "write was short and never resumed, only lost-write is reported. A "
		  "message may be left in the socket until it is whole: if nothing was "
		  "taken since the event or, with --io, the last call was one with "
		  "MSG_PEEK or FIONREAD, it stays a note. SO_RCVLOWAT says that better.",
	.fix = "read until EAGAIN or a short read before waiting again, or remember "
	       "that more may be there",
	.mark = MARK_NO_EDGE,
	.marked = is_event_driven,
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 1,
		  .pictured = pictured,
		  .idle = true,
		  .excused = left_for_output,
		  .judge = judge,
		  .explain = explain}},
};

#define CONFIRM	       5 /* T that the process must be parked for */
#define RESCUES	       2
#define memory_at      memory[0] /* the scan that observed it stuck, ns; 0: it was not */
#define memory_rescues memory[1]
#define memory_whole   memory[2] /* nothing had been taken of what it was stuck with */

static bool may_lose(const struct entry *e)
{
	switch (e->observed->pending.class) {
	case CLASS_STREAM:
	case CLASS_DATAGRAM:
	case CLASS_PIPE:
	case CLASS_SEMAPHORE:
		return !e->observed->pending.layered;
	case CLASS_OTHER:
	case CLASS_LISTENER: /* lost-accept */
	case CLASS_EVENTFD:  /* every write of it is an edge */
	case CLASS_TIMERFD:  /* timer-unread */
	case CLASS_SIGNALFD:
	case CLASS_INOTIFY:
	case CLASS_INSTANCE:
		break;
	}
	return false;
}

/* Has old input been taken since, and only because a new edge came? */
static void count_rescue(struct rules *r, const struct entry *e)
{
	struct finding *f = rules_find(r, RULE_LOST_EDGE, e->number);

	if (!f || !f->memory_at || e->observed->unread_since_ns <= f->memory_at)
		return;
	if (e->last_ready_ns > f->memory_at && !f->memory_whole)
		f->memory_rescues++;
	f->memory_at = 0;
}

/*
 * Input may be left because output is stuck. If there is room again, and the last write was cut
 * short, that is lost-write's; but not if a timer may write on.
 */
static bool left_for_output(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	return fact_output_blocked(r, e->instance) ||
	       (fact_room_unreported(r, e) && fact_cut_short(e) && !fact_timer(r, e->instance));
}

/*
 * Has nothing been taken since the last event? A program that waits for the rest of a message leaves
 * its beginning where it is, and what it peeks at only --io shows.
 */
static bool is_left_whole(const struct rules *r, const struct entry *e)
{
	if (fact_feature(r, FEATURE_IO))
		return e->io && e->io->in.peeked;
	return e->observed->unread_since_ns < e->last_ready_ns ||
	       e->observed->unread_since_ns < fact_unread_ns(r, e);
}

static bool nothing_comes_back(struct rules *r, const struct finding *f, const struct entry *e)
{
	return r->now_ns - f->since_ns >= CONFIRM * r->T && fact_quiet_ns(r, e) >= CONFIRM * r->T &&
	       fact_parked_ns(r, e->instance) >= CONFIRM * r->T && !e->observed->late_reads &&
	       !fact_registered_once(e) && !fact_awaits_other(r, e);
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	char unread[UNREAD_TEXT];

	evidence(f, "%s, EPOLLET, not on the ready list; no read for %.1f s",
		 unread_text(unread, &e->observed->pending), seconds(fact_quiet_ns(r, e)));
	if (e->io)
		evidence_io(r, f, "read", &e->io->in);
	evidence_waiter(r, f, e->instance);
	if (f->severity == SEVERITY_ERROR && f->memory_rescues >= RESCUES)
		evidence(f, "%llu times old input was read only after a new edge",
			 (unsigned long long)f->memory_rescues);
	else if (f->severity == SEVERITY_ERROR)
		evidence(f, "all threads of process %u parked for %.1f s: none comes back to it",
			 f->pid, seconds(fact_parked_ns(r, e->instance)));
	else
		evidence(f, "possible: a reader that is paused on purpose looks the same");
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	if (!fact_known(r, e) || e->state != ENTRY_OPEN || !may_lose(e)) /* else phantom's */
		return false;
	count_rescue(r, e);
	return fact_edge_passed(r, e);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;

	if (fact_quiet_ns(r, e) < r->T)
		return SEVERITY_NONE;
	f->memory_at = e->observed->scanned_ns;
	f->memory_whole = is_left_whole(r, e);
	return f->memory_rescues >= RESCUES || (!f->memory_whole && nothing_comes_back(r, f, e))
		       ? SEVERITY_ERROR
		       : SEVERITY_NOTE;
}

/* A runtime that caches readiness comes back without an event: one scan cannot show that it will not. */
static bool is_event_driven(const struct rules *r, const struct entry *e)
{
	(void)r;
	return !fact_registered_once(e);
}
