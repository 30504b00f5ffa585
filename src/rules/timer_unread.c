/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * timer-unread: a periodic timerfd, a signalfd or an inotify descriptor was delivered by an edge
 * and not read. An unread timer makes no further edge, ever (fs/timerfd.c restarts it when it is
 * read); what waits in a signalfd or inotify descriptor is not reported again.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_timer_unread = {
	.title = "an edge-triggered timerfd, signalfd or inotify was not read",
	.means = "A periodic timer that has expired makes no further edge until it is "
		 "read, so no tick comes any more. One read of a signalfd takes as many "
		 "signals as the buffer holds, and the rest are not reported again; nor "
		 "is what is left in an inotify descriptor.",
	.evidence = "EPOLLET; expirations, signals or events wait; the entry is not on the "
		    "ready list; the file has not been read for T, and for two periods of "
		    "the timer; and every thread that waits on the instance is in its wait.",
	.not_it = "Timers that expire once, and those that timerfd_settime sets again.",
	.fix = "read it at each event, a signalfd until EAGAIN",
	.mark = MARK_NO_EDGE,
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 1,
		  .pictured = pictured,
		  .idle = true,
		  .judge = judge,
		  .explain = explain}},
};

static uint64_t patience_ns(const struct rules *r, const struct pending *p)
{
	return p->class == CLASS_TIMERFD && 2 * p->period_ns > r->T ? 2 * p->period_ns : r->T;
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;
	const struct pending *p;

	if (!fact_known(r, e))
		return false;
	p = &e->observed->pending;
	if (p->class != CLASS_TIMERFD && p->class != CLASS_SIGNALFD && p->class != CLASS_INOTIFY)
		return false;
	if (p->class == CLASS_TIMERFD && !p->period_ns)
		return false; /* it expires once: there is nothing more to come */
	return fact_edge_passed(r, e);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;

	(void)f;
	return fact_quiet_ns(r, e) < patience_ns(r, &e->observed->pending) ? SEVERITY_NONE
									   : SEVERITY_ERROR;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	const struct pending *p = &e->observed->pending;

	if (p->class == CLASS_TIMERFD)
		evidence(f,
			 "%u expirations unread of a timer with a period of %.3f s, EPOLLET, not "
			 "on the ready list; no read for %.1f s",
			 p->count, seconds(p->period_ns), seconds(fact_quiet_ns(r, e)));
	else
		evidence(f, "%u %s unread, EPOLLET, not on the ready list; no read for %.1f s",
			 p->count, p->class == CLASS_SIGNALFD ? "signals" : "events",
			 seconds(fact_quiet_ns(r, e)));
	evidence_change(r, f, e);
	evidence_waiter(r, f, e->instance);
}
