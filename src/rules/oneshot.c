/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * oneshot-not-rearmed: EPOLLONESHOT has disarmed an entry, input waits, and nobody arms it again.
 * A worker that still has the connection looks the same while it does other things, so that it is
 * an error only where no thread of the process has anything left to do.
 */
#include "rules/list.h"

#include "rules/facts.h"

#define PATIENCE 3 /* T */

static void tell(struct rules *r, struct finding *f, const struct entry *e)
{
	const struct pending *p = &e->seen->pending;
	char unread[UNREAD_TEXT];

	if (p->class == CLASS_LISTENER)
		evidence(f,
			 "%u connections wait, EPOLLONESHOT has disarmed it; no accept for "
			 "%.1f s",
			 p->count, seconds(fact_quiet_ns(r, e)));
	else if (p->unread_bytes || p->count)
		evidence(f, "%s, EPOLLONESHOT has disarmed it; no read for %.1f s",
			 unread_text(unread, p), seconds(fact_quiet_ns(r, e)));
	else
		evidence(f,
			 "the peer has closed its side, EPOLLONESHOT has disarmed it; untouched "
			 "for %.1f s",
			 seconds(fact_quiet_ns(r, e)));
	if (f->severity == SEVERITY_ERROR)
		evidence(f, "all threads of process %u parked for %.1f s: none has it", f->pid,
			 seconds(fact_parked_ns(r, e->instance)));
	else
		evidence(f, "possible: a thread that still works on it looks the same");
	rules_tell(r, f);
}

void oneshot_entry(struct rules *r, const struct entry *e)
{
	bool nobody_has_it;
	struct finding *f;

	if (!fact_known(r, e) || !entry_disarmed(e))
		return;
	if (!fact_input_waits(e) && !e->seen->pending.peer_closed)
		return;
	f = rules_suspect(r, RULE_ONESHOT_NOT_REARMED, e->number);
	if (!f || fact_quiet_ns(r, e) < PATIENCE * r->T ||
	    r->now_ns - f->since_ns < PATIENCE * r->T || !fact_idle(e->instance))
		return;
	nobody_has_it = fact_parked_ns(r, e->instance) >= PATIENCE * r->T;
	rules_about_entry(r, f, e);
	if (rules_raise(r, f, nobody_has_it ? SEVERITY_ERROR : SEVERITY_NOTE))
		tell(r, f, e);
}
