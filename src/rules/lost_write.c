/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lost-write: output found no room, EPOLLOUT is not asked for, and nobody has written since there
 * is room again. A program that had no more to write looks the same to the kernel: a note. With
 * --io the result of the last write is known: if it was short, the rest is owed. Output that gave
 * EAGAIN may have been dropped on purpose, as publishers do with whole frames.
 */
#include "event/names.h"
#include "rules/facts.h"
#include "rules/failed_ctl.h"
#include "rules/rule.h"

#include <errno.h>

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_lost_write = {
	.title = "output was blocked, and EPOLLOUT is not asked for",
	.means = "A write was short or gave EAGAIN. Only entries that ask for EPOLLOUT "
		 "learn that there is room again, so the rest is never written.",
	.evidence = "One scan found that output had no room, a later one that there is room "
		    "and that nothing has been written for 3 T, and the program's mask "
		    "lacks EPOLLOUT: a note, because the program may have written all it "
		    "had. With --io it is an error after T if the last write was short, so "
		    "that the rest is owed. If the last write gave EAGAIN it is a note, and "
		    "an error once every thread of the process has been parked for 5 T. A "
		    "call that asked for EPOLLOUT and failed is named.",
	.not_it = "Programs that retry by a timer, those that ask for EPOLLIN, EPOLLOUT "
		  "and EPOLLET once and for all, and those that have called "
		  "shutdown(SHUT_WR), which --io sees. A publisher that drops what finds "
		  "no room and comes back with what it has next: once that has been seen "
		  "it stays a note. A program that had asked for EPOLLOUT and took it "
		  "away after its last write: it is done. An entry that asked for "
		  "EPOLLOUT and was disarmed by EPOLLONESHOT is reported by "
		  "oneshot-not-rearmed.",
	.fix = "ask for EPOLLOUT while output is queued, and continue writing when it "
	       "comes",
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 0,
		  .pictured = pictured,
		  .idle = true,
		  .judge = judge,
		  .explain = explain}},
};

#define PATIENCE 3 /* T, without --io */
#define CONFIRM	 5 /* T, if the last write gave EAGAIN */

/* Did the program ask for EPOLLOUT, and take it away after its last write? Then it was done. */
static bool took_it_away(const struct entry *e)
{
	uint64_t wrote_ns =
		e->io && e->io->out.calls ? e->io->out.time_ns : e->observed->unwritten_since_ns;

	return e->asked_out && e->changed_ns > wrote_ns;
}

/* Nothing in the process comes back to it, nor has it done so before. */
static bool nothing_comes_back(const struct rules *r, const struct finding *f,
			       const struct entry *e)
{
	return fact_unwritten_ns(r, e) >= CONFIRM * r->T &&
	       fact_parked_ns(r, e->instance) >= CONFIRM * r->T && f->count <= 1;
}

/* The program has asked for EPOLLOUT, by a call that failed: that is what is to be fixed. */
static void report_failed(struct rules *r, struct finding *f, const struct failed_ctl *c)
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
		f->fix = "ask for EPOLLOUT by EPOLL_CTL_MOD: EPOLL_CTL_ADD changes nothing";
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	const struct failed_ctl *c = failed_ctl_asking(r, e, OUTPUT);
	bool knows = e->io && e->io->out.calls;
	double quiet = seconds(fact_unwritten_ns(r, e));

	if (c)
		evidence(f,
			 "EPOLLOUT was asked for in vain; output has room, and nothing was written "
			 "for %.1f s",
			 quiet);
	else
		evidence(
			f,
			"output found no room, has room again, and nothing was written for %.1f s; "
			"EPOLLOUT is not asked for",
			quiet);
	if (c)
		report_failed(r, f, c);
	if (knows)
		evidence_io(r, f, "write", &e->io->out);
	evidence_waiter(r, f, e->instance);
	if (f->severity != SEVERITY_ERROR)
		evidence(f, "possible: a program that %s looks the same",
			 knows ? "drops what finds no room" : "had written all");
	else if (e->io->out.ret == -EAGAIN && !c)
		evidence(f, "all threads of process %u parked for %.1f s: none comes back to it",
			 f->pid, seconds(fact_parked_ns(r, e->instance)));
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;
	bool knows = e->io && e->io->out.calls;

	if (!fact_known(r, e) || !fact_room_unreported(r, e) || took_it_away(e))
		return false;
	if (!knows && failed_ctl_asking(r, e, OUTPUT))
		suspect_no_room(r, RULE_LOST_WRITE, e);
	return suspect_room(r, RULE_LOST_WRITE, e);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	bool knows = e->io && e->io->out.calls;

	if (fact_unwritten_ns(r, e) < (knows ? 1 : PATIENCE) * r->T || fact_timer(r, e->instance) ||
	    fact_parked_ns(r, e->instance) < r->T)
		return SEVERITY_NONE;
	return knows && (e->io->out.ret != -EAGAIN || failed_ctl_asking(r, e, OUTPUT) ||
			 nothing_comes_back(r, f, e))
		       ? SEVERITY_ERROR
		       : SEVERITY_NOTE;
}
