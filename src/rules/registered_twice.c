/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * registered-twice: one file under two numbers in one instance, for the same direction: each event
 * is delivered twice. One number for input and another for output is done on purpose.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_registered_twice = {
	.title = "one file is registered twice in an instance",
	.means = "If one file is registered under two numbers, each event is delivered "
		 "twice.",
	.evidence = "Two entries of one file whose masks have EPOLLIN or EPOLLOUT in "
		    "common, for T.",
	.not_it = "One number for input and another for output.",
	.fix = "register one of the numbers",
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 1,
		  .pictured = pictured,
		  .severity = SEVERITY_WARNING,
		  .explain = explain}},
};

#define BOTH (INPUT | OUTPUT)

/* An older entry of the same file whose mask has a direction in common; NULL: none. */
static const struct entry *twin_of(const struct rules *r, const struct entry *e)
{
	struct node *n = table_find(&model_interest(r->model)->by_file, hash_u64(e->file));

	for (; n; n = table_next(n)) {
		const struct entry *other = container_of(n, struct entry, by_file);
		bool in = e->events & INPUT && other->events & INPUT;
		bool out = e->events & OUTPUT && other->events & OUTPUT;

		if (!model_affords(r->model, 1))
			break;
		if (other->file == e->file && other->instance == e->instance &&
		    other->number < e->number && other->fd != e->fd && other->state == ENTRY_OPEN &&
		    (in || out))
			return other;
	}
	return NULL;
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	return e->file && e->state == ENTRY_OPEN && e->events & BOTH && twin_of(r, e);
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	const struct entry *twin = twin_of(r, e);

	if (twin)
		evidence(f,
			 "descriptors %d and %d are one file, both registered for the same "
			 "direction",
			 twin->fd, e->fd);
}
