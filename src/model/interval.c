/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Figures that begin anew while what they are about lives on. */
#include "model/interest_internal.h"

static void restart_entry(struct entry *e)
{
	e->deliveries = 0;
	e->adds = 0;
	e->mods = 0;
	e->dels = 0;
}

/* Keeps of the gone entries, newest first, as many as recent[] may point to. */
static void forget_gone(struct instance *inst)
{
	struct entry *e = inst->gone_entries, *next;

	inst->gone_count = 0;
	inst->oldest_gone = NULL;
	for (; e; e = next) {
		next = e->next;
		if (inst->gone_count == RECENT_GONE) {
			free_entry(e);
			continue;
		}
		restart_entry(e);
		e->past = true;
		inst->gone_count++;
		inst->oldest_gone = e;
	}
	if (inst->oldest_gone)
		inst->oldest_gone->next = NULL;
}

void interest_new_interval(struct interest *in)
{
	free_instances(in->gone_instances);
	in->gone_instances = NULL;
	in->oldest_gone = NULL;
	in->gone_count = 0;
	in->dropped = (struct families){0};
	for (struct instance *inst = in->instances; inst; inst = inst->next) {
		for (struct entry *e = inst->entries; e; e = e->next)
			restart_entry(e);
		forget_gone(inst);
	}
}
