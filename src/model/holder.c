/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who holds which instance. */
#include "model/interest_internal.h"
#include "model/look.h"

struct holder *interest_hold(struct instance *inst, uint32_t pid, int fd)
{
	struct holder **at = &inst->holders;

	while (*at && ((*at)->pid != pid || (*at)->fd != fd)) {
		if (!bounds_step(inst->bounds))
			return NULL;
		at = &(*at)->next;
	}
	if (!*at) {
		*at = bounds_alloc(inst->bounds, sizeof(**at));
		if (!*at)
			return NULL;
		(*at)->pid = pid;
		(*at)->fd = fd;
	}
	return *at;
}

static bool holds(const struct instance *inst, uint32_t pid, int fd)
{
	for (const struct holder *h = inst->holders; h && bounds_step(inst->bounds); h = h->next)
		if (h->pid == pid && h->fd == fd)
			return true;
	return false;
}

static struct instance *nameless(const struct interest *in, uint32_t pid, int fd)
{
	if (!in->nameless)
		return NULL;
	for (struct instance *i = in->instances; i && bounds_step(in->bounds); i = i->next)
		if (!i->ep && holds(i, pid, fd))
			return i;
	return NULL;
}

struct instance *interest_held_by(const struct interest *in, uint32_t pid, int fd)
{
	for (struct instance *i = in->instances; i && bounds_step(in->bounds); i = i->next)
		if (holds(i, pid, fd))
			return i;
	return NULL;
}

struct instance *look_bind(struct interest *in, uint32_t pid, int fd, uint64_t ep)
{
	struct instance *inst = nameless(in, pid, fd);

	if (inst && ep)
		interest_bind(in, inst, ep);
	return inst;
}

void interest_forget_holders(struct instance *inst, uint16_t round)
{
	struct holder **at = &inst->holders;

	while (*at && bounds_step(inst->bounds)) {
		struct holder *h = *at;

		if (h->round == round) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		if (inst->met == h)
			inst->met = NULL;
		bounds_free(inst->bounds, h, sizeof(*h));
	}
}

static bool is(const struct holder *h, uint32_t pid, uint64_t table)
{
	return table && h->table ? h->table == table : h->pid == pid;
}

bool interest_holds(struct instance *inst, uint32_t pid, uint64_t table)
{
	if (inst->met && is(inst->met, pid, table))
		return true;
	for (struct holder *h = inst->holders; h && bounds_step(inst->bounds); h = h->next) {
		if (is(h, pid, table)) {
			inst->met = h;
			return true;
		}
	}
	return false;
}
