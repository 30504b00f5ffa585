/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interest-off: input waits for long, and the mask does not ask for it. Where output of the process
 * is blocked that is back-pressure, as it should be.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static void ask_entry(struct rules *r, const struct entry *e);

const struct rule rule_interest_off = {
	.title = "input waits, and the mask does not ask for EPOLLIN",
	.means = "Nothing tells the program of this input. That is how reading is paused; it is "
		 "a mistake where it is never resumed.",
	.evidence = "Bytes or connections wait, the mask lacks EPOLLIN, and nobody has read for 10 "
		    "T, and no output of the process is blocked.",
	.not_it = "Back-pressure of other kinds: the program does not want more just now.",
	.fix = "put EPOLLIN back when there is room again",
	.entry = ask_entry,
};

#define PATIENCE 10 /* T */

static void ask_entry(struct rules *r, const struct entry *e)
{
	char unread[UNREAD_TEXT];
	struct finding *f;

	if (!fact_known(r, e) || e->seen->events & INPUT || e->seen->events & EPOLLONESHOT)
		return;
	if (!fact_input_waits(e) || !e->seen->pending.has_taken)
		return;
	if (fact_output_blocked(r, e->instance))
		return;
	f = rules_suspect(r, RULE_INTEREST_OFF, e->number);
	if (!f || fact_quiet_ns(r, e) < PATIENCE * r->T ||
	    r->now_ns - f->since_ns < PATIENCE * r->T)
		return;
	rules_about_entry(r, f, e);
	if (!rules_raise(r, f, SEVERITY_NOTE))
		return;
	evidence(f, "%s", unread_text(unread, &e->seen->pending));
	evidence(f, "the mask lacks EPOLLIN; no read for %.1f s", seconds(fact_quiet_ns(r, e)));
	rules_tell(r, f);
}
