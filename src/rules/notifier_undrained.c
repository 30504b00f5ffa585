/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * notifier-undrained: an eventfd, a pipe, a timer or the like woke the loop, and nobody reads it, so
 * that it wakes the loop for ever.
 */
#include "rules/facts.h"
#include "rules/rule.h"
#include "rules/spins.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_notifier_undrained = {
	.title = "what woke the loop is never read, and wakes it again and again",
	.means = "A level-triggered eventfd, pipe, timerfd, signalfd or inotify "
		 "descriptor stays ready until it is read. If the loop takes the "
		 "event as the message and does not read, each wait returns at "
		 "once.",
	.evidence = "In each of two intervals between scans (about T) the entry was "
		    "delivered at least 100 times a second with EPOLLIN, is not "
		    "EPOLLET, has something to read, and nobody read it. Whether an "
		    "eventfd is read is judged by --io, or by the count of read "
		    "calls of the process. It is a warning if the thread wanted a "
		    "twentieth of a CPU or more, else a note.",
	.not_it = "An eventfd with EPOLLET, which need not be read; one that is "
		  "written and read as often as it is delivered.",
	.fix = "read it at each event, until EAGAIN, or add an eventfd with "
	       "EPOLLET",
	.asks = {SPIN_QUESTION(spin_judge)},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	return fact_spin(r, s->entry) == SPIN_NOTIFIER;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	char unread[UNREAD_TEXT];

	evidence_spin(r, f, s->entry, "and nobody read it meanwhile");
	evidence(f, "%s", unread_text(unread, &s->entry->turns->pending));
	if (s->entry->io)
		evidence_io(r, f, "read", &s->entry->io->in);
}
