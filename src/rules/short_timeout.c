/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * short-timeout: a loop that wakes up a hundred times a second and more, and nearly always for nothing.
 */
#include "rules/spins.h"
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_short_timeout = {
	.title = "a loop wakes up again and again and finds nothing to do",
	.means = "A wait with a time-out of a few milliseconds returns that "
		 "often even if nothing happens. It keeps a CPU from resting, "
		 "and each thread that does so adds to that.",
	.evidence = "For 10 T a thread made at least 100 waits a second, of which "
		    "at least 95 in a hundred had a time-out of 1 to 10 ms and "
		    "returned no event, and it made no change to an interest list. "
		    "It is a note.",
	.not_it = "A timer wheel at work, whose turns do something: then the "
		  "thread reads, writes, or takes part of a CPU in between.",
	.fix = "wait for the next event or timer: compute the time-out from "
	       "what is due, or use a timerfd",
	.asks = {{.about = ABOUT_THREAD,
		  .hold = 10,
		  .pictured = pictured,
		  .severity = SEVERITY_NOTE,
		  .explain = explain}},
};

#define PER_SECOND 100
#define SHARE	   0.95
#define CPU_SHARE  0.05 /* more: its turns do something */

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct thread_turns *t = &s->thread->turns;
	uint64_t calls = t->last_reads + t->last_writes + t->last.changes;

	return fact_turns_known(r, s->thread) && is_often(t->ns, t->last.count, PER_SECOND) &&
	       t->last.short_empty >= SHARE * t->last.count &&
	       calls < t->last.count * (1 - SHARE) && fact_cpu_share(s->thread) < CPU_SHARE;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct thread_turns *t = &s->thread->turns;

	(void)r;
	evidence(f, "%llu of %llu waits in %.1f s ended by a time-out of 1 to 10 ms",
		 (unsigned long long)t->last.short_empty, (unsigned long long)t->last.count,
		 seconds(t->ns));
}
