/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ready-ignored: level-triggered input is reported again and again, and nobody takes it.
 */
#include "rules/facts.h"
#include "rules/rule.h"
#include "rules/spins.h"

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_ready_ignored = {
	.title = "input is reported again and again, and nobody takes it",
	.means = "A level-triggered entry with EPOLLIN stays ready while there "
		 "is something to read. A program that does not want the input "
		 "now, because a queue is full or output is blocked, and leaves "
		 "EPOLLIN on, turns at full speed until it does.",
	.evidence = "In each of two intervals between scans (about T) the entry was "
		    "delivered at least 100 times a second with EPOLLIN, is not "
		    "EPOLLET, bytes or connections waited at both scans, and nobody "
		    "took any in between. If the file is an instance, its entry that "
		    "is ready is named. It is a warning if the thread wanted a "
		    "twentieth of a CPU or more, else a note; and a note if the "
		    "kernel keeps no count of what was taken, as with Unix and "
		    "datagram sockets and listeners, unless --io is given.",
	.not_it = "Input that another thread reads, however slowly.",
	.fix = "read it, or take EPOLLIN away until it can be read",
	.asks = {SPIN_QUESTION(judge)},
};

/* What in the instance that is watched is ready. */
static void report_inner(struct rules *r, struct finding *f, const struct entry *outer)
{
	const struct instance *inst = fact_inner(r, outer);
	const struct entry *e = inst ? inst->entries : NULL;
	char text[ENTRY_TEXT];

	while (e && !(e->observed && e->observed->known && e->observed->ready))
		e = e->next;
	if (e)
		evidence(f, "ready in it: %s", entry_text(text, e));
	else
		evidence(f, "what is ready in it is not known");
}

static bool pictured(struct rules *r, const struct subject *s)
{
	return fact_spin(r, s->entry) == SPIN_INPUT;
}

/*
 * By a counter. If it is by the address of what waits first, the next that comes may have the same
 * one, as it does with requests that are answered one by one.
 */
static bool is_certain(const struct rules *r, const struct entry *e)
{
	const struct pending *p = &e->turns->pending;

	if (p->class == CLASS_STREAM)
		return p->port || spin_io_tells(r, e->turns);
	return p->class == CLASS_INSTANCE || spin_io_tells(r, e->turns);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	return spin_judge_as(r, f, s, is_certain(r, s->entry));
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	char unread[UNREAD_TEXT];

	evidence_spin(r, f, e, "and nobody took anything meanwhile");
	if (e->turns->pending.class == CLASS_INSTANCE)
		report_inner(r, f, e);
	else
		evidence(f, "%s", unread_text(unread, &e->turns->pending));
	if (!is_certain(r, e))
		evidence(f, "possible: what is taken from it is not counted without --io");
	if (e->io)
		evidence_io(r, f, "read", &e->io->in);
	if (fact_output_blocked(r, e->instance))
		evidence(f, "output of the process finds no room: it may wait for that");
}
