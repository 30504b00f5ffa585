/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * timeout-rounding: in the last millisecond before a timer the time-out is rounded down to 0, and the loop
 * spins until the timer is due.
 */
#include "rules/spins.h"
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_timeout_rounding = {
	.title = "a loop spins in the last millisecond before a timer",
	.means = "epoll_wait takes its time-out in milliseconds. If the time to "
		 "the next timer is rounded down, the last part of a millisecond "
		 "becomes 0, and the loop polls until the timer is due.",
	.evidence = "At least 10 times, and once a second or more often, a thread "
		    "made 3 or more waits in a row with a time-out of 0 that "
		    "returned no event, less than 1 ms apart, right after a wait "
		    "that ended by its time-out. It is a note.",
	.not_it = "A loop that polls once before each wait that blocks.",
	.fix = "round the time-out up, or use epoll_pwait2, whose time-out has "
	       "nanoseconds",
	.asks = {{.about = ABOUT_THREAD,
		  .hold = 1,
		  .pictured = pictured,
		  .severity = SEVERITY_NOTE,
		  .explain = explain}},
};

#define BURSTS_MIN 10

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct thread_turns *t = &s->thread->turns;

	return fact_turns_known(r, s->thread) && t->bursts >= BURSTS_MIN &&
	       is_often(t->ns, t->last.bursts, 1);
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct thread_turns *t = &s->thread->turns;

	(void)r;
	evidence(f,
		 "%llu times in %.1f s the thread polled 3 times or more, up to %u times, after a "
		 "wait that timed out",
		 (unsigned long long)t->last.bursts, seconds(t->ns), t->burst_max);
}
