/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lost-eof: the peer's FIN was queued already when the program stopped at a short read, and end of
 * file is not announced again. The kernel's state is the same whether the program was given the end
 * of file or not, so it alone makes a note; with --io the reads show it.
 */
#include "rules/facts.h"
#include "rules/rule.h"

#include <sys/socket.h>

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_lost_eof = {
	.title = "the end of file came with the last data and was not read",
	.means = "A FIN that is already queued when the program stops at a short read is "
		 "not announced again, whether EPOLLRDHUP is asked for or not. The "
		 "connection stays open for ever.",
	.evidence = "EPOLLET, the peer has closed its side, nothing is unread, the entry is "
		    "not on the ready list, and the file has been untouched for 10 T: a "
		    "note, because the kernel does not keep whether a read returned 0. With "
		    "--io it is an error after T if no read returned 0.",
	.not_it = "A program that has read the end of file and keeps its own half of the "
		  "connection open on purpose, or that has called shutdown(SHUT_RD), "
		  "which --io sees.",
	.fix = "at EPOLLRDHUP or EPOLLHUP, and after a short read, read until 0 or "
	       "EAGAIN",
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 1,
		  .pictured = pictured,
		  .idle = true,
		  .judge = judge,
		  .explain = explain}},
};

#define PATIENCE 10 /* T, without --io */

/* The peer's end was reported, so the program may act on it later. */
static bool was_reported(const struct entry *e)
{
	return e->last_ready & (EPOLLRDHUP | EPOLLHUP) && e->events & EPOLLRDHUP;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	evidence(f,
		 "the peer has closed its side, the descriptor is still open, EPOLLET, not on the "
		 "ready list; untouched for %.1f s",
		 seconds(fact_quiet_ns(r, e)));
	if (e->io)
		evidence_io(r, f, "read", &e->io->in);
	evidence_change(r, f, e);
	evidence_waiter(r, f, e->instance);
	if (f->severity == SEVERITY_ERROR)
		evidence(f, "no read has returned 0");
	else
		evidence(f, "possible: half of a connection that is kept on purpose looks the "
			    "same");
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	if (!fact_known(r, e) || !fact_edge(e) || e->observed->ready || !fact_delivered(r, e))
		return false;
	if (e->observed->pending.class != CLASS_STREAM && e->observed->pending.class != CLASS_PIPE)
		return false;
	if (!e->observed->pending.peer_closed || e->observed->pending.unread_bytes)
		return false; /* what is unread is lost-edge's */
	if (e->state != ENTRY_OPEN)
		return false; /* and this is phantom's */
	/* Or it was given the end of file, or made it. */
	return !(e->io && e->io->in.zeros) && !fact_shut_down(r, e, SHUT_RD);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	bool unread_end = e->io && e->io->in.calls && !e->io->in.zeros && !was_reported(e);
	uint64_t patience_ns = (unread_end ? 1 : PATIENCE) * r->T;

	if (r->now_ns - f->since_ns < patience_ns || fact_quiet_ns(r, e) < patience_ns ||
	    fact_unwritten_ns(r, e) < patience_ns)
		return SEVERITY_NONE;
	return unread_end ? SEVERITY_ERROR : SEVERITY_NOTE;
}
