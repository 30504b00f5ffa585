/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interest-off: input waits for long, and the mask does not ask for it. If output of the process
 * is blocked that is back-pressure, as it should be.
 */
#include "rules/facts.h"
#include "rules/rule.h"

#define PATIENCE 10 /* T */

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_interest_off = {
	.title = "input waits, and the mask does not ask for EPOLLIN",
	.means = "Nothing tells the program about this input. That is how reading is "
		 "paused; it is a mistake if reading is never resumed.",
	.evidence = "Bytes or connections wait, the mask lacks EPOLLIN, nobody has read for "
		    "10 T, and no output of the process is blocked.",
	.not_it = "Back-pressure of other kinds: the program does not want more just now.",
	.fix = "put EPOLLIN back when there is room again",
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = PATIENCE,
		  .pictured = pictured,
		  .judge = judge,
		  .explain = explain}},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	return fact_known(r, e) && !(e->observed->events & (INPUT | EPOLLONESHOT)) &&
	       fact_input_waits(e) && e->observed->pending.has_taken &&
	       !fact_output_blocked(r, e->instance);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)f;
	return fact_quiet_ns(r, s->entry) < PATIENCE * r->T ? SEVERITY_NONE : SEVERITY_NOTE;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	char unread[UNREAD_TEXT];

	evidence(f, "%s", unread_text(unread, &e->observed->pending));
	evidence(f, "the mask lacks EPOLLIN; no read for %.1f s", seconds(fact_quiet_ns(r, e)));
}
