/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unconnected-spin: a stream socket that was added before connect(2), or before listen(2), is ready with
 * EPOLLOUT and EPOLLHUP from the start.
 */
#include "rules/facts.h"
#include "rules/rule.h"
#include "rules/spins.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_unconnected_spin = {
	.title = "a socket that is not connected is reported as hung up again "
		 "and again",
	.means = "A stream socket that is neither connected nor listening is "
		 "ready with EPOLLOUT and EPOLLHUP. If it is added to an "
		 "instance before connect, or before bind and listen, each wait "
		 "returns at once; many loops take the EPOLLHUP for the end of "
		 "the connection.",
	.evidence = "In each of two intervals between scans (about T) the entry was "
		    "delivered at least 100 times a second with EPOLLHUP, and its "
		    "socket has never been connected and does not listen. It is a "
		    "warning if the thread wanted a twentieth of a CPU or more, "
		    "else a note.",
	.not_it = "A connection that has ended: hangup-spin.",
	.fix = "call connect, or bind and listen, before EPOLL_CTL_ADD",
	.asks = {SPIN_QUESTION(spin_judge)},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	return fact_spin(r, s->entry) == SPIN_UNCONNECTED;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	evidence_spin(r, f, s->entry, "and the socket was never connected and does not listen");
}
