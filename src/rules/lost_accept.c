/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lost-accept: connections of an edge-triggered listener were not accepted until EAGAIN. One event
 * stands for all connections that have come, so those left wait for the next one. A server that
 * accepts nothing at all after an event may do so on purpose, at a limit: only one that stopped in
 * between is an error.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_lost_accept = {
	.title = "an edge-triggered listener was not accepted from until EAGAIN",
	.means = "One event stands for all the connections that have come. Those left in "
		 "the queue wait until another one comes, and from then on the server is "
		 "always one behind.",
	.evidence = "A listener with EPOLLET has connections in its queue, is not on the "
		    "ready list, nobody has accepted for T, and every thread that waits on "
		    "the instance is in its wait. It is an error if some connections were "
		    "accepted after the last event and none was ever accepted without one; "
		    "otherwise a note.",
	.not_it = "A server at its limit, which accepts nothing after an event on "
		  "purpose; level-triggered listeners, which are reported again.",
	.fix = "accept until EAGAIN at each event",
	.mark = MARK_NO_EDGE,
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 1,
		  .pictured = pictured,
		  .idle = true,
		  .judge = judge,
		  .explain = explain}},
};

/* Was a connection of its port registered since its last event, or the queue's head taken? */
static bool stopped_between(const struct rules *r, const struct entry *listener)
{
	const struct interest *in = model_interest(r->model);
	uint64_t then_ns = listener->last_ready_ns;
	uint16_t port = listener->observed->pending.port;

	if (!then_ns)
		return false;
	if (listener->observed->last_read_ns > then_ns)
		return true;
	for (const struct instance *i = in->instances; i && port; i = i->next)
		for (const struct entry *e = i->entries; e; e = e->next)
			if (e->first_ns >= then_ns && e->observed &&
			    e->observed->pending.port == port &&
			    e->observed->pending.class == CLASS_STREAM)
				return true;
	return false;
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	return fact_known(r, e) && e->observed->pending.class == CLASS_LISTENER &&
	       fact_edge_passed(r, e);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;

	if (fact_quiet_ns(r, e) < r->T)
		return SEVERITY_NONE;
	if (f->severity == SEVERITY_ERROR && f->state == FINDING_RAISED)
		return SEVERITY_ERROR; /* a search that nothing new would come of */
	return stopped_between(r, e) && !e->observed->late_reads ? SEVERITY_ERROR : SEVERITY_NOTE;
}

static const char *what_was_accepted(bool accepted, bool late)
{
	if (late)
		return "possible: connections have been accepted without an event, so these may be";
	if (accepted)
		return "some were accepted after the last event, and these were not";
	return "possible: no accept was seen after the last event; a server at its limit looks the "
	       "same";
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	char waiting[UNREAD_TEXT];

	evidence(f, "%s, EPOLLET, not on the ready list; no accept for %.1f s",
		 unread_text(waiting, &e->observed->pending), seconds(fact_quiet_ns(r, e)));
	evidence_waiter(r, f, e->instance);
	evidence(f, "%s", what_was_accepted(stopped_between(r, e), e->observed->late_reads));
}
