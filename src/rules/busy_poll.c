/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * busy-poll: EPIOCSPARAMS has set an instance to poll its network devices busily.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_busy_poll = {
	.title = "an instance polls busily",
	.means = "By ioctl(EPIOCSPARAMS) a program lets its waits poll the "
		 "network device for some microseconds before they block. It "
		 "costs CPU time and saves latency. A loop of such an instance "
		 "that never blocks is by design.",
	.evidence = "The instance has busy polling set, in microseconds, at a scan "
		    "(Linux 6.9 and later). It is a note.",
	.not_it = "It is what was asked for.",
	.fix = "nothing, if the latency is worth the CPU time; otherwise set "
	       "the microseconds to 0",
	.asks = {{.about = ABOUT_INSTANCE,
		  .pictured = pictured,
		  .severity = SEVERITY_NOTE,
		  .explain = explain}},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	(void)r;
	return s->instance->busy_poll;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)r;
	(void)s;
	evidence(f, "EPIOCSPARAMS is in force: zero-timeout-spin is not looked for there");
}
