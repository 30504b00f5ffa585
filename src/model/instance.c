/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Instances: how they begin, are found, are held, and end. */
#include "base/list.h"
#include "model/interest_internal.h"

#include <errno.h>
#include <stdlib.h>

#define GONE_INSTANCES_MAX 256

static void free_list(struct entry *e)
{
	while (e) {
		struct entry *next = e->next;

		free_entry(e);
		e = next;
	}
}

static void free_doubts(struct instance *inst)
{
	while (inst->doubts) {
		struct doubt *d = inst->doubts;

		inst->doubts = d->next;
		bounds_free(inst->bounds, d, sizeof(*d));
	}
}

static void free_instance(struct instance *inst)
{
	free_doubts(inst);
	free_list(inst->entries);
	free_list(inst->gone_entries);
	while (inst->holders) {
		struct holder *h = inst->holders;

		inst->holders = h->next;
		bounds_free(inst->bounds, h, sizeof(*h));
	}
	bounds_free(inst->bounds, inst, sizeof(*inst));
}

void free_instances(struct instance *inst)
{
	while (inst) {
		struct instance *next = inst->next;

		free_instance(inst);
		inst = next;
	}
}

struct instance *interest_find(const struct interest *in, uint64_t ep)
{
	struct node *n;

	if (ep && in->recent && in->recent->ep == ep)
		return in->recent;
	n = ep ? table_find(&in->by_ep, hash_u64(ep)) : NULL;
	while (n && container_of(n, struct instance, by_ep)->ep != ep)
		n = table_next(n);
	return n ? container_of(n, struct instance, by_ep) : NULL;
}

struct instance *interest_create_nameless(struct interest *in)
{
	struct instance *inst = bounds_alloc(in->bounds, sizeof(*inst));

	if (!inst)
		return NULL;
	inst->bounds = in->bounds;
	inst->holders_end = &inst->holders;
	inst->number = ++in->numbers;
	list_push(in->instances, inst);
	return inst;
}

void interest_bind(struct interest *in, struct instance *inst, uint64_t ep)
{
	in->recent = NULL; /* another one may have had that address */
	if (!table_add(&in->by_ep, &inst->by_ep, hash_u64(ep)))
		inst->ep = ep;
}

struct instance *interest_get_or_add(struct interest *in, uint64_t ep)
{
	struct instance *inst = interest_find(in, ep);

	if (inst || !ep)
		return inst;
	inst = interest_create_nameless(in);
	if (inst)
		interest_bind(in, inst, ep);
	return inst;
}

/* The oldest gone instance is no longer kept. */
static void drop_oldest(struct interest *in)
{
	struct instance *inst = in->oldest_gone;

	for (const struct entry *e = inst->gone_entries; e; e = e->next)
		totals_add_entry(&in->dropped, e);
	in->oldest_gone = inst->prev;
	list_del(in->gone_instances, inst);
	free_instance(inst);
	in->gone_count--;
}

void interest_bury_instance(struct interest *in, struct instance *inst, uint64_t now_ns)
{
	inst->gone = true;
	if (in->recent == inst)
		in->recent = NULL;
	while (inst->entries)
		interest_bury(in, inst->entries, now_ns);
	if (inst->ep)
		table_del(&in->by_ep, &inst->by_ep);
	for (struct holder *h = inst->holders; h; h = h->next)
		table_del(&in->by_holder, &h->by_number);
	inst->ended_ns = now_ns;
	list_del(in->instances, inst);
	list_push(in->gone_instances, inst);
	if (!in->oldest_gone)
		in->oldest_gone = inst;
	if (++in->gone_count > GONE_INSTANCES_MAX)
		drop_oldest(in);
}

struct instance *interest_create(struct interest *in, uint64_t ep, uint64_t now_ns)
{
	struct instance *inst = interest_find(in, ep);

	if (inst && inst->discovered_ns >= now_ns) { /* a scan was faster than the call */
		inst->discovered_ns = 0;
		return inst;
	}
	if (inst)
		interest_bury_instance(in, inst, now_ns);
	return interest_get_or_add(in, ep);
}
