/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * accept-emfile: connections wait, and accept(2) has no descriptor for them: the listener stays ready.
 */
#include "rules/facts.h"
#include "rules/rule.h"
#include "rules/spins.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_accept_emfile = {
	.title = "connections wait, and there is no descriptor left to accept "
		 "them",
	.means = "If a process has as many descriptors as RLIMIT_NOFILE allows, "
		 "accept fails with EMFILE and leaves the connection in the "
		 "queue. A level-triggered listener stays ready, so that the "
		 "loop turns at full speed and clients hang. ENFILE, ENOBUFS and "
		 "ENOMEM do the same.",
	.evidence = "In each of two intervals between scans (about T) a listener "
		    "that is not EPOLLET was delivered at least 20 times a second "
		    "with connections waiting, and all descriptors that the process "
		    "may have are in use, or --io saw accept fail with one of these "
		    "errors. It is a warning if the thread wanted a twentieth of a "
		    "CPU or more, else a note.",
	.not_it = "A program that leaves the listener alone for a while, by a "
		  "timer or by taking EPOLLIN away.",
	.fix = "raise RLIMIT_NOFILE, close what leaks; keep a spare descriptor "
	       "to accept and close with, or take EPOLLIN away until a "
	       "descriptor is free",
	.asks = {SPIN_QUESTION(spin_judge)},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	return fact_spin(r, s->entry) == SPIN_ACCEPT;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	const struct process *p = fact_process(r, e->instance);
	char unread[UNREAD_TEXT];

	evidence_spin(r, f, e, unread_text(unread, &e->turns->pending));
	if (p && p->nofile_ns)
		evidence(f, "%llu of %llu descriptors in use (RLIMIT_NOFILE)",
			 (unsigned long long)p->nofile, (unsigned long long)p->nofile);
	if (e->io)
		evidence_io(r, f, "accept", &e->io->in);
}
