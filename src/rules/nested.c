/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * nested: an instance watches another instance. That is allowed, up to five levels; each event passes
 * through all of them.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_nested = {
	.title = "an instance watches an instance",
	.means = "An instance that is watched by another one is ready if an "
		 "entry of it is. Each event wakes the waiters of all levels, "
		 "each level costs a wait of its own, and an edge-triggered "
		 "inner instance can lose events as any file can.",
	.evidence = "An entry stands for an instance. It is a note, with the number "
		    "of levels below.",
	.not_it = "A library with a loop of its own within the loop of the "
		  "program: that is what it is for.",
	.fix = "nothing, if it is meant; otherwise register the inner entries "
	       "in the outer instance",
	.asks = {{.about = ABOUT_ENTRY,
		  .pictured = pictured,
		  .severity = SEVERITY_NOTE,
		  .explain = explain}},
};

#define LEVELS_MAX 5 /* EP_MAX_NESTS of fs/eventpoll.c, and the file at the end */

static bool pictured(struct rules *r, const struct subject *s)
{
	(void)r;
	return s->entry->what.kind == FILE_INSTANCE && s->entry->state == ENTRY_OPEN;
}

/* How many levels of instances are below that one, itself among them. */
static unsigned levels_of(const struct rules *r, const struct instance *inst, unsigned depth)
{
	unsigned most = 0;

	for (const struct entry *e = inst->entries; e && depth + most < LEVELS_MAX; e = e->next) {
		const struct instance *inner = model_affords(r->model, 1) ? fact_inner(r, e) : NULL;
		unsigned levels = inner ? levels_of(r, inner, depth + 1) : 0;

		if (levels > most)
			most = levels;
	}
	return most + 1;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct instance *inner = fact_inner(r, s->entry);
	unsigned levels = inner ? levels_of(r, inner, 1) : 1;

	evidence(f, "%u level%s below this one", levels, levels == 1 ? "" : "s");
}
