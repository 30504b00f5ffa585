/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which processes hold which instance. */
#include "model/interest_internal.h"
#include "model/scan.h"

static uint64_t number_hash(uint32_t pid, int fd)
{
	return hash_u64((uint64_t)pid << 32 | (uint32_t)fd);
}

/* No other number has the same hash. */
static struct holder *holder_of(struct node *n)
{
	return n ? container_of(n, struct holder, by_number) : NULL;
}

static struct holder *first_holder(const struct interest *in, uint32_t pid, int fd)
{
	return holder_of(table_find(&in->by_holder, number_hash(pid, fd)));
}

/* The next older one: a number stays with what it is closed in until a scan misses it. */
static struct holder *next_holder(const struct interest *in, const struct holder *h)
{
	return bounds_step(in->bounds) ? holder_of(table_next(&h->by_number)) : NULL;
}

static struct holder *new_holder(struct interest *in, struct instance *inst, uint32_t pid, int fd)
{
	struct holder *h = bounds_alloc(in->bounds, sizeof(*h));

	if (!h || table_add(&in->by_holder, &h->by_number, number_hash(pid, fd))) {
		bounds_free(in->bounds, h, sizeof(*h));
		return NULL;
	}
	h->instance = inst;
	h->pid = pid;
	h->fd = fd;
	*inst->holders_end = h;
	inst->holders_end = &h->next;
	return h;
}

struct holder *interest_hold(struct interest *in, struct instance *inst, uint32_t pid, int fd)
{
	struct holder *h = first_holder(in, pid, fd);

	while (h && h->instance != inst)
		h = next_holder(in, h);
	return h ? h : new_holder(in, inst, pid, fd);
}

struct instance *interest_held_by(const struct interest *in, uint32_t pid, int fd)
{
	struct holder *h = first_holder(in, pid, fd);

	return h ? h->instance : NULL;
}

struct instance *scan_bind(struct interest *in, uint32_t pid, int fd, uint64_t ep)
{
	struct holder *h = first_holder(in, pid, fd);

	while (h && h->instance->ep)
		h = next_holder(in, h);
	if (!h)
		return NULL;
	if (ep)
		interest_bind(in, h->instance, ep);
	return h->instance;
}

void interest_forget_holders(struct interest *in, struct instance *inst, uint16_t round)
{
	struct holder **at = &inst->holders;

	while (*at) {
		struct holder *h = *at;

		if (h->round == round) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		if (inst->last_asked == h)
			inst->last_asked = NULL;
		table_del(&in->by_holder, &h->by_number);
		bounds_free(in->bounds, h, sizeof(*h));
	}
	inst->holders_end = at;
}

static bool is_holder_of(const struct holder *h, uint32_t pid, uint64_t table)
{
	return table && h->table ? h->table == table : h->pid == pid;
}

const struct holder *interest_holder(struct instance *inst, uint32_t pid, uint64_t table)
{
	if (inst->last_asked && is_holder_of(inst->last_asked, pid, table))
		return inst->last_asked;
	for (struct holder *h = inst->holders; h && bounds_step(inst->bounds); h = h->next) {
		if (is_holder_of(h, pid, table)) {
			inst->last_asked = h;
			return h;
		}
	}
	return NULL;
}

void interest_use(struct instance *inst, uint32_t pid, uint64_t time_ns)
{
	struct holder *h = inst->last_asked;

	if (!h || h->pid != pid)
		h = inst->holders;
	while (h && h->pid != pid && bounds_step(inst->bounds))
		h = h->next;
	if (h && h->pid == pid) {
		h->used_ns = time_ns > h->used_ns ? time_ns : h->used_ns;
		inst->last_asked = h;
	}
}

bool interest_idles(const struct instance *inst, const struct holder *holder, uint64_t forked_ns)
{
	bool another = false;

	if (holder->used_ns > inst->parted_ns)
		return false;
	/* A call may have reported it before a scan did. */
	if (inst->user == holder->pid && inst->used_ns > inst->parted_ns)
		return false;
	if (inst->former_user == holder->pid && inst->former_used_ns > inst->parted_ns)
		return false;
	for (const struct holder *h = inst->holders; h && bounds_step(inst->bounds); h = h->next) {
		if (h->used_ns <= inst->parted_ns)
			continue;
		if (h->pid == holder->pid || (h->table && h->table == holder->table))
			return false;
		another |= h->used_ns > forked_ns;
	}
	return another;
}

int interest_number(const struct instance *inst, uint32_t pid)
{
	const struct holder *h = inst->holders;

	while (h && h->pid != pid && bounds_step(inst->bounds))
		h = h->next;
	if (!h || h->pid != pid)
		h = inst->holders;
	return h ? h->fd : -1;
}

static uint64_t table_of(const struct instance *inst, uint32_t pid)
{
	const struct holder *h = inst->holders;

	while (h && h->pid != pid && bounds_step(inst->bounds))
		h = h->next;
	return h && h->pid == pid ? h->table : 0;
}

bool interest_one_table(const struct instance *inst, uint32_t pid, uint32_t other)
{
	uint64_t table = table_of(inst, pid);

	return table && table == table_of(inst, other);
}
