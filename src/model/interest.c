/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/interest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define GONE_KEPT	    2048 /* gone entries of an instance that are kept one by one */
#define GONE_INSTANCES_KEPT 256

static void list_add(struct entry **head, struct entry *e)
{
	e->prev = NULL;
	e->next = *head;
	if (e->next)
		e->next->prev = e;
	*head = e;
}

static void list_del(struct entry **head, struct entry *e)
{
	if (e->prev)
		e->prev->next = e->next;
	else
		*head = e->next;
	if (e->next)
		e->next->prev = e->prev;
}

static uint64_t fd_hash(const struct instance *inst, int fd)
{
	return hash_two((uintptr_t)inst, (uint32_t)fd);
}

static uint64_t data_hash(const struct instance *inst, uint64_t data)
{
	return hash_three((uintptr_t)inst, data, 1);
}

void free_entry(struct entry *e)
{
	free(e->name);
	free(e);
}

static void free_list(struct entry *e)
{
	while (e) {
		struct entry *next = e->next;

		free_entry(e);
		e = next;
	}
}

static void free_instance(struct instance *inst)
{
	free_list(inst->entries);
	free_list(inst->gone_entries);
	free(inst);
}

void free_instances(struct instance *inst)
{
	while (inst) {
		struct instance *next = inst->next;

		free_instance(inst);
		inst = next;
	}
}

void interest_free(struct interest *in)
{
	free_instances(in->instances);
	free_instances(in->gone_instances);
	table_free(&in->by_ep);
	table_free(&in->by_fd);
	table_free(&in->by_data);
	table_free(&in->by_file);
}

static void link_instance(struct instance **head, struct instance *inst)
{
	inst->prev = NULL;
	inst->next = *head;
	if (inst->next)
		inst->next->prev = inst;
	*head = inst;
}

static void unlink_instance(struct instance **head, struct instance *inst)
{
	if (inst->prev)
		inst->prev->next = inst->next;
	else
		*head = inst->next;
	if (inst->next)
		inst->next->prev = inst->prev;
}

struct instance *interest_find(const struct interest *in, uint64_t ep)
{
	struct node *n = ep ? table_find(&in->by_ep, hash_u64(ep)) : NULL;

	while (n && container_of(n, struct instance, by_ep)->ep != ep)
		n = table_next(n);
	return n ? container_of(n, struct instance, by_ep) : NULL;
}

struct instance *interest_get(struct interest *in, uint64_t ep)
{
	struct instance *inst = interest_find(in, ep);

	if (!inst && ep) {
		inst = calloc(1, sizeof(*inst));
		if (!inst || table_add(&in->by_ep, &inst->by_ep, hash_u64(ep))) {
			free(inst);
			return NULL;
		}
		inst->ep = ep;
		inst->number = ++in->numbers;
		link_instance(&in->instances, inst);
	}
	return inst;
}

void folded_add(struct folded *sum, const struct folded *f)
{
	sum->entries += f->entries;
	sum->deliveries += f->deliveries;
	sum->adds += f->adds;
	sum->mods += f->mods;
	sum->dels += f->dels;
}

static void fold_entry(struct folded *f, const struct entry *e)
{
	f->entries++;
	f->deliveries += e->deliveries;
	f->adds += e->adds;
	f->mods += e->mods;
	f->dels += e->dels;
}

/* The oldest gone entry is no longer kept: its figures go into the sum. */
static void fold_oldest(struct instance *inst)
{
	struct entry *e = inst->oldest_gone;

	for (unsigned i = 0; i < RECENT_GONE; i++)
		if (inst->recent[i] == e)
			inst->recent[i] = NULL;
	fold_entry(&inst->folded, e);
	inst->oldest_gone = e->prev;
	list_del(&inst->gone_entries, e);
	inst->gone_count--;
	free_entry(e);
}

static void bury(struct interest *in, struct entry *e, uint64_t now_ns)
{
	struct instance *inst = e->instance;

	table_del(&in->by_fd, &e->by_fd);
	table_del(&in->by_data, &e->by_data);
	table_del(&in->by_file, &e->by_file);
	list_del(&inst->entries, e);
	inst->live_count--;
	e->state = ENTRY_GONE;
	e->ended_ns = now_ns;
	list_add(&inst->gone_entries, e);
	if (!inst->oldest_gone)
		inst->oldest_gone = e;
	inst->recent[inst->recent_at++ % RECENT_GONE] = e;
	if (++inst->gone_count > GONE_KEPT)
		fold_oldest(inst);
}

/* The oldest gone instance is no longer kept. */
static void drop_oldest(struct interest *in)
{
	struct instance *inst = in->oldest_gone;

	for (const struct entry *e = inst->gone_entries; e; e = e->next)
		fold_entry(&in->dropped, e);
	folded_add(&in->dropped, &inst->folded);
	in->oldest_gone = inst->prev;
	unlink_instance(&in->gone_instances, inst);
	free_instance(inst);
	in->gone_count--;
}

static void bury_instance(struct interest *in, struct instance *inst, uint64_t now_ns)
{
	while (inst->entries)
		bury(in, inst->entries, now_ns);
	table_del(&in->by_ep, &inst->by_ep);
	inst->gone = true;
	unlink_instance(&in->instances, inst);
	link_instance(&in->gone_instances, inst);
	if (!in->oldest_gone)
		in->oldest_gone = inst;
	if (++in->gone_count > GONE_INSTANCES_KEPT)
		drop_oldest(in);
}

struct instance *interest_create(struct interest *in, uint64_t ep, uint64_t now_ns)
{
	struct instance *inst = interest_find(in, ep);

	if (inst)
		bury_instance(in, inst, now_ns);
	return interest_get(in, ep);
}

struct entry *interest_entry(const struct interest *in, const struct instance *inst, uint64_t file,
			     int fd)
{
	struct node *n = table_find(&in->by_fd, fd_hash(inst, fd));

	for (; n; n = table_next(n)) {
		struct entry *e = container_of(n, struct entry, by_fd);

		if (e->instance == inst && e->fd == fd && e->file == file)
			return e;
	}
	return NULL;
}

static struct entry *new_entry(struct interest *in, struct instance *inst, const struct event *ev)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->instance = inst;
	e->file = ev->ctl.file.addr;
	e->fd = ev->ctl.fd;
	e->table = ev->ctl.table;
	e->data = ev->ctl.data;
	e->first_ns = ev->time_ns;
	if (table_add(&in->by_fd, &e->by_fd, fd_hash(inst, e->fd)))
		goto no_fd;
	if (table_add(&in->by_data, &e->by_data, data_hash(inst, e->data)))
		goto no_data;
	if (table_add(&in->by_file, &e->by_file, hash_u64(e->file)))
		goto no_file;
	list_add(&inst->entries, e);
	inst->live_count++;
	return e;
no_file:
	table_del(&in->by_data, &e->by_data);
no_data:
	table_del(&in->by_fd, &e->by_fd);
no_fd:
	free(e);
	return NULL;
}

/*
 * The number stands for another file now, so whatever had it in this instance lost it without a
 * close that was seen (dup2, close by a process that is not followed).
 */
static void close_others(struct interest *in, const struct instance *inst,
			 const struct entry *fresh)
{
	struct node *n = table_find(&in->by_fd, fd_hash(inst, fresh->fd));

	for (; n; n = table_next(n)) {
		struct entry *e = container_of(n, struct entry, by_fd);

		if (e != fresh && e->instance == inst && e->fd == fresh->fd &&
		    e->table == fresh->table)
			e->state = ENTRY_CLOSED;
	}
}

static void update(struct interest *in, struct entry *e, const struct event *ev, const char *name)
{
	char *copy = strdup(name);

	if (copy) {
		free(e->name);
		e->name = copy;
	}
	if (!ev->ctl.event_read)
		return;
	e->events = ev->ctl.events;
	if (e->data == ev->ctl.data)
		return;
	table_del(&in->by_data, &e->by_data);
	e->data = ev->ctl.data;
	/* Cannot fail: the table had room for this node a moment ago. */
	(void)table_add(&in->by_data, &e->by_data, data_hash(e->instance, e->data));
}

struct entry *interest_ctl(struct interest *in, struct instance *inst, const struct event *ev,
			   const char *name)
{
	struct entry *e = interest_entry(in, inst, ev->ctl.file.addr, ev->ctl.fd);
	bool add = ev->ctl.op == EPOLL_CTL_ADD;

	if (ev->ctl.op == EPOLL_CTL_DEL) {
		if (e) {
			e->dels++;
			bury(in, e, ev->time_ns + ev->call.duration_ns);
		}
		return e;
	}
	if (add && e) {
		bury(in, e, ev->time_ns);
		e = NULL;
	}
	if (!e)
		e = new_entry(in, inst, ev);
	if (!e)
		return NULL;
	update(in, e, ev, name);
	if (add) {
		e->adds++;
		close_others(in, inst, e);
	} else {
		e->mods++;
	}
	return e;
}

static struct entry *match_state(struct node *n, const struct instance *inst, uint64_t data,
				 enum entry_state state)
{
	for (; n; n = table_next(n)) {
		struct entry *e = container_of(n, struct entry, by_data);

		if (e->state == state && e->instance == inst && e->data == data)
			return e;
	}
	return NULL;
}

static struct entry *match_gone(const struct instance *inst, uint64_t data, uint64_t since_ns)
{
	for (unsigned i = 1; i <= RECENT_GONE; i++) {
		struct entry *e = inst->recent[(inst->recent_at - i) % RECENT_GONE];

		if (e && e->data == data && e->ended_ns >= since_ns)
			return e;
	}
	return NULL;
}

struct entry *interest_match(const struct interest *in, const struct instance *inst, uint64_t data,
			     uint64_t since_ns)
{
	struct node *n = table_find(&in->by_data, data_hash(inst, data));
	struct entry *e = match_state(n, inst, data, ENTRY_OPEN);

	if (!e)
		e = match_state(n, inst, data, ENTRY_CLOSED);
	return e ? e : match_gone(inst, data, since_ns);
}

struct entry *interest_match_next(const struct entry *e)
{
	if (e->state == ENTRY_GONE)
		return NULL;
	return match_state(table_next(&e->by_data), e->instance, e->data, e->state);
}

/* Counts a close; does the file go with it? */
static bool last_close(struct closes *c, const struct event *ev)
{
	c->count = c->time_ns == ev->time_ns ? c->count + 1 : 1;
	c->time_ns = ev->time_ns;
	return c->count >= ev->close.refs;
}

void interest_close(struct interest *in, const struct event *ev)
{
	struct instance *inst = interest_find(in, ev->close.ep);
	struct node *n = table_find(&in->by_file, hash_u64(ev->close.file)), *next;

	for (; n; n = next) {
		struct entry *e = container_of(n, struct entry, by_file);

		next = table_next(n);
		if (e->file != ev->close.file)
			continue;
		if (last_close(&e->closes, ev))
			bury(in, e, ev->time_ns);
		else if (e->fd == ev->close.fd && e->table == ev->close.table)
			e->state = ENTRY_CLOSED;
	}
	if (inst && last_close(&inst->closes, ev))
		bury_instance(in, inst, ev->time_ns);
}
