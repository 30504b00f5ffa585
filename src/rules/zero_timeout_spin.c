/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * zero-timeout-spin: a loop that waits with a time-out of 0 and never blocks takes a whole CPU to learn
 * that nothing has happened.
 */
#include "rules/spins.h"
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_zero_timeout_spin = {
	.title = "a loop polls with a time-out of 0 and never blocks",
	.means = "A wait with a time-out of 0 returns at once, whether anything "
		 "is ready or not. A loop that only waits like this takes all the CPU "
		 "it gets. The usual causes are a time-out that was rounded down "
		 "to 0, and a flag for work to do that is never taken back.",
	.evidence = "In each of two intervals between scans (about T) a thread made "
		    "at least 1000 waits a second, nine of ten had a time-out of 0 "
		    "and returned no event, and it was on a CPU, or runnable, for "
		    "more than half of the time, with fewer than one read, write or "
		    "change to an interest list in ten waits. It is a warning.",
	.not_it = "A loop that polls once before each wait that blocks, or between "
		  "the pieces of a backlog that it reads or writes. Busy polling "
		  "by design, set by EPIOCSPARAMS: see busy-poll.",
	.fix = "wait with the time-out of the next timer, or -1; round time-outs "
	       "up, not down",
	.asks = {{.about = ABOUT_THREAD,
		  .hold = 0,
		  .pictured = pictured,
		  .judge = judge,
		  .explain = explain}},
};

#define PER_SECOND 1000
#define SHARE	   0.9
#define CPU_SHARE  0.5

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct thread_turns *t = &s->thread->turns;
	uint64_t calls = t->last_reads + t->last_writes + t->last.changes;

	return fact_turns_known(r, s->thread) && is_often(t->ns, t->last.count, PER_SECOND) &&
	       calls < (1 - SHARE) * t->last.count && t->last.polls > SHARE * t->last.count &&
	       fact_wanted_share(s->thread) > CPU_SHARE && !(s->instance && s->instance->busy_poll);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)r;
	(void)s;
	return spin_lasts(f) ? SEVERITY_WARNING : SEVERITY_NONE;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct thread_turns *t = &s->thread->turns;

	(void)r;
	evidence(f, "%llu of %llu waits in %.1f s had a time-out of 0 and returned no event",
		 (unsigned long long)t->last.polls, (unsigned long long)t->last.count,
		 seconds(t->ns));
	evidence(f, "thread %u spent %.0f %% of a CPU in this loop", s->thread->tid,
		 fact_cpu_share(s->thread) * 100);
}
