/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wakeup-dropped: EPOLLWAKEUP was asked for, and the kernel has taken it away without an error.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_wakeup_dropped = {
	.title = "EPOLLWAKEUP was asked for, and the kernel does not have it",
	.means = "EPOLLWAKEUP keeps the system from suspending while an event is "
		 "handled. The kernel drops it silently if the caller lacks "
		 "CAP_BLOCK_SUSPEND, or if it was built without power "
		 "management; the system may then suspend in between.",
	.evidence = "epoll_ctl was seen to ask for EPOLLWAKEUP, and the mask that "
		    "the kernel keeps lacks it. It is a note.",
	.not_it = "A machine that never suspends, where it does not matter.",
	.fix = "give the program CAP_BLOCK_SUSPEND, or leave EPOLLWAKEUP out",
	.asks = {{.about = ABOUT_ENTRY,
		  .pictured = pictured,
		  .severity = SEVERITY_NOTE,
		  .explain = explain}},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	return fact_known(r, e) && !e->discovered && e->events & EPOLLWAKEUP &&
	       !(e->observed->events & EPOLLWAKEUP) &&
	       e->changed_ns < model_scan_began_ns(r->model);
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)r;
	(void)s;
	evidence(f, "asked for by epoll_ctl, and not in the mask that the kernel keeps");
}
