/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * error-queue-spin: EPOLLERR is reported until somebody fetches the error, and nobody does.
 */
#include "rules/facts.h"
#include "rules/rule.h"
#include "rules/spins.h"

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_error_queue_spin = {
	.title = "an error of a socket is reported again and again, and nobody "
		 "fetches it",
	.means = "A socket with an error is ready with EPOLLERR, asked for or "
		 "not, until the error is fetched: by getsockopt(SO_ERROR), by "
		 "the next read or write, or by recvmsg(MSG_ERRQUEUE) if it is "
		 "in the error queue. A refused datagram, an ICMP error with "
		 "IP_RECVERR, a time stamp, or ENOBUFS of a netlink socket cause "
		 "it.",
	.evidence = "In each of two intervals between scans (about T) the entry was "
		    "delivered at least 100 times a second with EPOLLERR and "
		    "without EPOLLHUP, its socket had an error or a message in its "
		    "error queue, and nobody read from it or wrote to it. It is a "
		    "warning if the thread wanted a twentieth of a CPU or more, "
		    "else a note; and a note if the kernel keeps no count of what "
		    "was written, as with UDP sockets, unless --io is given.",
	.not_it = "A connection that was reset, which is also reported with "
		  "EPOLLHUP: hangup-spin. A client that fetches each error and "
		  "sends again.",
	.fix = "on EPOLLERR fetch the error: getsockopt(SO_ERROR), and "
	       "recvmsg(MSG_ERRQUEUE) until EAGAIN",
	.asks = {SPIN_QUESTION(judge)},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	return fact_spin(r, s->entry) == SPIN_ERROR;
}

/* A program that fetches each error and causes the next one by a write looks the same otherwise. */
static bool is_certain(const struct rules *r, const struct entry *e)
{
	return e->turns->write_known || spin_io_tells(r, e->turns);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	return spin_judge_as(r, f, s, is_certain(r, s->entry));
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;

	evidence_spin(r, f, e, "nothing read or written meanwhile");
	evidence(f, e->turns->pending.error_queue
			    ? "its error queue is not empty: recvmsg(MSG_ERRQUEUE) takes from it"
			    : "its error is still set: SO_ERROR, a read or a write fetches it");
	if (!is_certain(r, e))
		evidence(f, "possible: what is written to it is not seen without --io");
}
