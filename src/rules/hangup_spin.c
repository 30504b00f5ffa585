/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hangup-spin: the other end has gone, which is reported for ever, and the program does nothing about
 * it. EPOLLHUP and EPOLLERR come unasked, even for a mask of 0.
 */
#include "rules/facts.h"
#include "rules/rule.h"
#include "rules/spins.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_hangup_spin = {
	.title = "the end of a connection is reported again and again, and "
		 "nothing is done",
	.means = "After the other end has closed, EPOLLIN or EPOLLRDHUP stays "
		 "ready; after a reset, or when both directions are closed, "
		 "EPOLLHUP and EPOLLERR are reported, which no mask can turn "
		 "off. Only a close or EPOLL_CTL_DEL ends it. To set the same "
		 "mask again, to re-arm EPOLLONESHOT, or to delete the entry and "
		 "add it again changes nothing.",
	.evidence = "In each of two intervals between scans (about T) the entry was "
		    "delivered at least 100 times a second with EPOLLHUP, EPOLLERR "
		    "or EPOLLRDHUP, or with EPOLLIN at the end of file, and nobody "
		    "read any byte or wrote to the file. It is a warning if the "
		    "thread wanted a twentieth of a CPU or more, else a note.",
	.not_it = "A peer that lingers for less than T before the program closes; "
		  "a half-closed connection to which the program goes on writing.",
	.fix = "on EPOLLHUP, EPOLLERR, EPOLLRDHUP or a read of 0 close the "
	       "descriptor, or delete the entry",
	.asks = {SPIN_QUESTION(spin_judge)},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	return fact_spin(r, s->entry) == SPIN_HANGUP;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;

	evidence_spin(r, f, e, "nothing read, written or closed meanwhile");
	if (!(e->events & ~EPOLL_PRIVATE_BITS))
		evidence(f, "its mask is 0: EPOLLHUP and EPOLLERR are reported all the same");
	else if (!(e->turns->last.any & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)))
		evidence(f, "the other end has closed: reads return 0");
	if (e->io)
		evidence_io(r, f, "read", &e->io->in);
}
