/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What calls do to entries and instances, and what scans find. */
#include "model/interest_internal.h"

#include <stdlib.h>
#include <string.h>

void interest_free(struct interest *in)
{
	free_instances(in->instances);
	free_instances(in->gone_instances);
	table_free(&in->by_ep);
	table_free(&in->by_fd);
	table_free(&in->by_data);
	table_free(&in->by_file);
	table_free(&in->by_holder);
}

struct entry *interest_discover_entry(struct interest *in, struct instance *inst,
				      const struct entry_event *observed, uint64_t now_ns)
{
	struct entry *e =
		interest_new_entry(in, inst, observed->file, observed->fd, observed->data);

	if (!e)
		return NULL;
	e->first_ns = now_ns;
	e->changed_ns = now_ns;
	e->events = observed->events & ~ALWAYS_ON;
	e->asked_out = observed->events & (EPOLLOUT | EPOLLWRNORM);
	e->table = observed->table;
	e->discovered = true;
	return e;
}

/*
 * The number is another file's now, so the entry that had it in this instance lost it by a close that
 * was not traced (dup2, close by a process that is not followed).
 */
static void close_others(struct interest *in, const struct instance *inst,
			 const struct entry *fresh)
{
	struct node *n = table_find(&in->by_fd, fd_hash(inst, fresh->fd));

	for (; n && bounds_step(in->bounds); n = table_next(n)) {
		struct entry *e = container_of(n, struct entry, by_fd);

		if (e != fresh && e->instance == inst && e->fd == fresh->fd &&
		    e->table == fresh->table)
			e->state = ENTRY_CLOSED;
	}
}

/* The loop puts an entry back that it has deleted. */
static void take_over_turns(struct interest *in, const struct instance *inst, struct entry *e)
{
	struct entry *old = e->turns ? NULL : interest_gone_lately(inst, e->file, e->fd);

	/* Addresses are reused; the name tells files apart, since most names have a number of the file. */
	if (!old || !old->turns || !old->name || !e->name || strcmp(old->name, e->name) != 0)
		return;
	e->turns = old->turns;
	e->turns->put_back = true;
	in->has_put_back = true;
	old->turns = NULL;
}

static void update_entry(struct interest *in, struct entry *e, const struct event *ev,
			 const struct file *file)
{
	char *copy = bounds_copy(in->bounds, file->text);

	if (copy || !e->name) { /* what it is goes with its text */
		bounds_free_text(in->bounds, e->name);
		e->name = copy;
		e->what = file->what;
	}
	e->changed_ns = ev->time_ns + ev->call.duration_ns;
	e->discovered = false;
	if (!ev->ctl.event_read)
		return;
	e->events = ev->ctl.events;
	e->asked_out |= !!(e->events & (EPOLLOUT | EPOLLWRNORM));
	interest_set_data(in, e, ev->ctl.data);
}

static void give_file(struct interest *in, struct entry *e, uint64_t file)
{
	table_del(&in->by_file, &e->by_file);
	e->file = file;
	/* Cannot fail: the table had room for this node a moment ago. */
	(void)table_add(&in->by_file, &e->by_file, hash_u64(e->file));
	e->unheld = false;
	e->state = ENTRY_OPEN;
}

struct entry *interest_adopt(struct interest *in, struct instance *inst,
			     const struct entry_event *observed)
{
	struct entry *e = interest_entry(in, inst, 0, observed->fd);

	if (!e || e->data != observed->data)
		return NULL;
	give_file(in, e, observed->file);
	return e;
}

/* The entry that a call is about; one known from fdinfo alone turns out to be that file's. */
static struct entry *entry_of(struct interest *in, struct instance *inst, const struct event *ev)
{
	struct entry *e = interest_entry(in, inst, ev->ctl.file.addr, ev->ctl.fd);

	if (e)
		return e;
	e = interest_entry(in, inst, 0, ev->ctl.fd);
	if (!e)
		return NULL;
	if (ev->ctl.op == EPOLL_CTL_ADD && e->changed_ns < ev->time_ns)
		return NULL; /* it was there before the call: another file's */
	give_file(in, e, ev->ctl.file.addr);
	return e;
}

/* Did a scan find what this ADD, which was under way then, has added? */
static bool discovered_early(const struct entry *e, const struct event *ev)
{
	return e->discovered && e->changed_ns >= ev->time_ns;
}

struct entry *interest_ctl(struct interest *in, struct instance *inst, const struct event *ev,
			   const struct file *file)
{
	struct entry *e = entry_of(in, inst, ev);
	bool add = ev->ctl.op == EPOLL_CTL_ADD;

	if (ev->ctl.op == EPOLL_CTL_DEL) {
		if (e) {
			e->dels++;
			e->changed_by = ev->pid;
			interest_bury(in, e, ev->time_ns + ev->call.duration_ns);
		}
		return e;
	}
	if (add && e && !discovered_early(e, ev)) {
		interest_bury(in, e, ev->time_ns);
		e = NULL;
	}
	if (!e) {
		e = interest_new_entry(in, inst, ev->ctl.file.addr, ev->ctl.fd, ev->ctl.data);
		if (!e)
			return NULL;
		e->first_ns = ev->time_ns;
	}
	e->changed_by = ev->pid;
	if (add || !e->table)
		e->table = ev->ctl.table;
	update_entry(in, e, ev, file);
	if (add) {
		e->adds++;
		e->adder = ev->tid;
		e->pid = ev->pid;
		e->copied = ev->ctl.refs > 1;
		take_over_turns(in, inst, e);
		close_others(in, inst, e);
	} else {
		e->mods++;
	}
	return e;
}

/*
 * Counts a close; does the file go with it? Numbers that are closed at one time all count the
 * references before the first close.
 */
static bool last_close(uint64_t *closed_ns, unsigned *closes, const struct event *ev)
{
	*closes = *closed_ns == ev->time_ns ? *closes + 1 : 1;
	*closed_ns = ev->time_ns;
	return *closes >= ev->close.refs;
}

/*
 * A number of the entry's file is closed: that of the entry, or the last one. The thread that closed
 * the entry's own number has closed the entry.
 */
static void close_entry(struct interest *in, struct entry *e, const struct event *ev,
			uint64_t waited_ep)
{
	bool last = last_close(&e->changed_ns, &e->closes, ev);
	bool own = e->fd == ev->close.fd && e->table == ev->close.table;

	if (!last && !own)
		return;
	if (own || e->state != ENTRY_CLOSED || !e->closer) {
		e->closer = ev->tid;
		e->closer_pid = ev->pid;
		e->closed_ns = ev->time_ns;
		e->closer_waits = waited_ep && waited_ep == e->instance->ep;
	}
	e->state = ENTRY_CLOSED;
	if (last)
		interest_bury(in, e, ev->time_ns);
}

void interest_close(struct interest *in, const struct event *ev, uint64_t waited_ep)
{
	struct instance *inst = interest_find(in, ev->close.ep);
	struct node *n = table_find(&in->by_file, hash_u64(ev->close.file)), *next;

	for (; n && bounds_step(in->bounds); n = next) {
		struct entry *e = container_of(n, struct entry, by_file);

		next = table_next(n);
		if (e->file != ev->close.file)
			continue;
		close_entry(in, e, ev, waited_ep);
	}
	if (!inst)
		return;
	inst->closed_by = ev->pid;
	inst->closer = ev->tid;
	inst->refs = ev->close.refs;
	if (last_close(&inst->closed_ns, &inst->closes, ev))
		interest_bury_instance(in, inst, ev->time_ns);
}

void interest_wait_cut(struct interest *in, struct instance *inst, const struct event *ev)
{
	if (inst->closed_by != ev->pid || inst->closed_ns <= ev->time_ns)
		return;
	if (++inst->closes >= inst->refs)
		interest_bury_instance(in, inst, inst->closed_ns);
}
