/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Entries: how they begin, are found by number, and end. */
#include "base/list.h"
#include "model/interest_internal.h"

#define GONE_ENTRIES_MAX 2048 /* gone entries of an instance that are kept one by one */

void free_entry(struct entry *e)
{
	struct bounds *b = e->instance->bounds;

	bounds_free_text(b, e->name);
	bounds_free(b, e->observed, sizeof(*e->observed));
	bounds_free(b, e->turns, sizeof(*e->turns));
	bounds_free(b, e->io, sizeof(*e->io));
	bounds_free(b, e, sizeof(*e));
}

void totals_add_entry(struct families *f, const struct entry *e)
{
	struct totals one = {1, e->deliveries, e->adds, e->mods, e->dels};

	families_add(f, e->name, &e->what, &one);
}

/* The oldest gone entry is no longer kept: its figures go into the sum. */
static void drop_oldest(struct interest *in, struct instance *inst)
{
	struct entry *e = inst->oldest_gone;

	for (unsigned i = 0; i < RECENT_GONE; i++)
		if (inst->recent[i] == e)
			inst->recent[i] = NULL;
	totals_add_entry(&in->dropped, e);
	inst->oldest_gone = e->prev;
	list_del(inst->gone_entries, e);
	inst->gone_count--;
	free_entry(e);
}

void interest_bury(struct interest *in, struct entry *e, uint64_t now_ns)
{
	struct instance *inst = e->instance;

	interest_settle(in, inst, e); /* while it is known what it showed */
	table_del(&in->by_fd, &e->by_fd);
	table_del(&in->by_data, &e->by_data);
	table_del(&in->by_file, &e->by_file);
	list_del(inst->entries, e);
	inst->live_count--;
	e->state = ENTRY_GONE;
	e->ended_ns = now_ns;
	list_push(inst->gone_entries, e);
	if (!inst->oldest_gone)
		inst->oldest_gone = e;
	inst->recent[inst->recent_at++ % RECENT_GONE] = e;
	if (in->ended)
		in->ended(in->ctx, e);
	if (++inst->gone_count > GONE_ENTRIES_MAX)
		drop_oldest(in, inst);
}

static struct entry *by_number(struct node *n, const struct instance *inst, int fd)
{
	for (; n; n = table_next(n)) {
		struct entry *e = container_of(n, struct entry, by_fd);

		if (e->instance == inst && e->fd == fd)
			return e;
		if (!bounds_step(inst->bounds))
			break;
	}
	return NULL;
}

struct entry *interest_by_number(const struct interest *in, const struct instance *inst, int fd)
{
	return by_number(table_find(&in->by_fd, fd_hash(inst, fd)), inst, fd);
}

struct entry *interest_by_number_next(const struct entry *e)
{
	return by_number(table_next(&e->by_fd), e->instance, e->fd);
}

struct entry *interest_entry(const struct interest *in, const struct instance *inst, uint64_t file,
			     int fd)
{
	struct entry *e = interest_by_number(in, inst, fd);

	while (e && e->file != file)
		e = bounds_step(inst->bounds) ? interest_by_number_next(e) : NULL;
	return e;
}

struct entry *interest_gone_lately(const struct instance *inst, uint64_t file, int fd)
{
	for (unsigned i = 1; i <= RECENT_GONE; i++) {
		struct entry *e = inst->recent[(inst->recent_at - i) % RECENT_GONE];

		if (e && e->file == file && (e->fd == fd || fd < 0))
			return e;
	}
	return NULL;
}

struct entry *interest_put_back(const struct interest *in, const struct instance *inst,
				struct entry *gone)
{
	struct entry *e = interest_entry(in, inst, gone->file, gone->fd);

	if (!e || !e->turns)
		e = gone;
	return e->turns && e->turns->put_back ? e : NULL;
}

struct entry *interest_new_entry(struct interest *in, struct instance *inst, uint64_t file, int fd,
				 uint64_t data)
{
	struct entry *e = bounds_alloc(in->bounds, sizeof(*e));

	if (!e)
		return NULL;
	e->number = ++in->entry_numbers;
	e->instance = inst;
	e->file = file;
	e->fd = fd;
	e->data = data;
	if (table_add(&in->by_fd, &e->by_fd, fd_hash(inst, e->fd)))
		goto no_fd;
	if (table_add(&in->by_data, &e->by_data, data_hash(inst, e->data)))
		goto no_data;
	if (table_add(&in->by_file, &e->by_file, hash_u64(e->file)))
		goto no_file;
	list_push(inst->entries, e);
	inst->live_count++;
	return e;
no_file:
	table_del(&in->by_data, &e->by_data);
no_data:
	table_del(&in->by_fd, &e->by_fd);
no_fd:
	free_entry(e);
	return NULL;
}

void interest_set_data(struct interest *in, struct entry *e, uint64_t data)
{
	if (e->data == data)
		return;
	table_del(&in->by_data, &e->by_data);
	e->data = data;
	/* Cannot fail: the table had room for this node a moment ago. */
	(void)table_add(&in->by_data, &e->by_data, data_hash(e->instance, e->data));
}
