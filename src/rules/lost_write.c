/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lost-write: output found no room, EPOLLOUT is not asked for, and nobody has written since there
 * is room again. A program that had no more to write looks the same to the kernel: a note. With
 * --io the result of the last write tells.
 */
#include "rules/list.h"

#include "event/names.h"
#include "rules/facts.h"
#include "rules/failed_ctl.h"

#include <errno.h>

#define PATIENCE       3	 /* T, without --io */
#define memory_blocked memory[0] /* output was seen to be blocked */
#define memory_given   memory[1] /* and had got so far */

static bool is_blocked(const struct entry *e)
{
	return e->seen->pending.no_space && e->seen->pending.unsent_bytes;
}

/* The program has asked for EPOLLOUT, by a call that failed: that is what is to be fixed. */
static void tell_failed(struct rules *r, struct finding *f, const struct failed_ctl *c)
{
	struct buf b = {0};

	name_ctl_op(&b, c->op);
	buf_str(&b, " for EPOLLOUT gave ");
	name_errno(&b, c->err);
	buf_printf(&b, " %.1f s ago, thread %u", seconds(r->now_ns - c->time_ns), c->tid);
	buf_char(&b, 0);
	if (!b.failed)
		evidence(f, "%s", b.data);
	buf_free(&b);
	if (c->err == EEXIST)
		f->mend = "ask for EPOLLOUT by EPOLL_CTL_MOD: EPOLL_CTL_ADD changes nothing";
}

static void tell(struct rules *r, struct finding *f, const struct entry *e)
{
	const struct failed_ctl *c = failed_ctl_asking(r, e, OUTPUT);
	double s = seconds(fact_unwritten_ns(r, e));

	if (c)
		evidence(f,
			 "EPOLLOUT was asked for in vain; output has room, and nothing was written "
			 "for %.1f s",
			 s);
	else
		evidence(
			f,
			"output found no room, has room again, and nothing was written for %.1f s; "
			"EPOLLOUT is not asked for",
			s);
	if (c)
		tell_failed(r, f, c);
	if (e->io)
		evidence_io(r, f, "write", &e->io->out);
	evidence_waiter(r, f, e->instance);
	if (f->severity != SEVERITY_ERROR)
		evidence(f, "possible: a program that had written all looks the same");
	rules_tell(r, f);
}

/*
 * By the kernel's state alone: blocked in one look, not any more in a later one. Who has asked for
 * EPOLLOUT in vain has found no room, whether a look saw that or not.
 */
static struct finding *by_state(struct rules *r, const struct entry *e)
{
	bool asked = failed_ctl_asking(r, e, OUTPUT) != NULL;
	struct finding *f = is_blocked(e) || asked ? rules_suspect(r, RULE_LOST_WRITE, e->number)
						   : rules_find(r, RULE_LOST_WRITE, e->number);

	if (!f)
		return NULL;
	if (is_blocked(e)) {
		f->memory_blocked = true;
		f->memory_given = e->seen->pending.given;
		return NULL;
	}
	if (asked && !f->memory_blocked) {
		f->memory_blocked = true;
		f->memory_given = e->seen->pending.given;
	}
	if (!f->memory_blocked)
		return NULL;
	if (e->seen->pending.has_given && f->memory_given != e->seen->pending.given)
		return NULL; /* of a unix socket that was emptied nothing tells */
	f->round = r->round; /* there is room again, and nobody has used it */
	return f;
}

void lost_write_entry(struct rules *r, const struct entry *e)
{
	bool knows = e->io && e->io->out.calls;
	struct finding *f;

	if (!fact_known(r, e) || !fact_room_untold(r, e) || (knows && !fact_cut_short(e)))
		return;
	if (knows)
		f = is_blocked(e) ? NULL : rules_suspect(r, RULE_LOST_WRITE, e->number);
	else
		f = by_state(r, e);
	if (!f || fact_unwritten_ns(r, e) < (knows ? 1 : PATIENCE) * r->T ||
	    !fact_idle(e->instance))
		return;
	if (fact_timer(r, e->instance) || fact_parked_ns(r, e->instance) < r->T)
		return;
	rules_about_entry(r, f, e);
	if (rules_raise(r, f, knows ? SEVERITY_ERROR : SEVERITY_NOTE))
		tell(r, f, e);
}
