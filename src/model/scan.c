/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/scan.h"

#include "model/interest_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

void scan_free(struct scan *l)
{
	buf_free(&l->file_text);
}

/*
 * A process that has an instance and does nothing with it, as a forked child may, has not opened the
 * files at its numbers for that. One that was there before the attach may have used it then, so it is
 * given some time to do so again. What untraced processes do is not known: they must not have run.
 */
#define IDLE_NS 5000000000ULL

static bool is_idle_holder(const struct scan *l, const struct instance *inst,
			   const struct holder *h)
{
	const struct process *p = tasks_process(l->tasks, h->pid);
	uint64_t since_ns = h->foreign ? h->rests_ns : l->first_ns;

	if (h->foreign ? !h->switches : !p)
		return false;
	if ((h->foreign || !p->forked_ns) && l->begin_ns - since_ns < IDLE_NS)
		return false;
	return interest_idles(inst, h, p ? p->forked_ns : 0);
}

static void note_rest(struct holder *h, const struct instance_event *observed, uint64_t now_ns)
{
	if (!h->rests_ns || h->switches != observed->switches)
		h->rests_ns = now_ns;
	h->switches = observed->switches;
}

/* An untraced process may be reported as a holder after some of its files: it had the number. */
static void place_late(const struct scan *l, struct entry *e)
{
	const struct holder *h;

	if (e->state != ENTRY_CLOSED || e->unheld || !e->elsewhere || e->elsewhere_fd != e->fd)
		return;
	h = interest_holder(e->instance, e->elsewhere, 0);
	if (h && !is_idle_holder(l, e->instance, h))
		e->state = ENTRY_OPEN;
}

/*
 * Entries that neither source has shown, though nothing has changed them since the beginning. If the
 * number is closed no table need lead to the file, as when it is on its way through a socket: such an
 * entry is gone only when fdinfo says so.
 */
static void bury_unseen(struct scan *l, struct interest *in, struct instance *inst)
{
	for (struct entry *e = inst->entries, *next; e && bounds_step(in->bounds); e = next) {
		next = e->next;
		if (e->round != l->round && e->state == ENTRY_OPEN && e->fdinfo_round != l->round &&
		    e->changed_ns < l->begin_ns)
			interest_bury(in, e, l->begin_ns);
	}
}

/*
 * An instance that nobody holds may be on its way through a socket, and what closes it is traced
 * if targets do: it is taken for gone only when it stays away.
 */
#define UNSEEN_MAX 2

static void reconcile_lists(struct scan *l, struct interest *in)
{
	for (struct instance *i = in->instances, *next; i && bounds_step(in->bounds); i = next) {
		next = i->next;
		if (i->round != l->round) {
			if (i->first_ns < l->begin_ns && ++i->unseen >= UNSEEN_MAX)
				interest_bury_instance(in, i, l->begin_ns);
			continue;
		}
		i->unseen = 0;
		interest_forget_holders(in, i, l->round);
		bury_unseen(l, in, i);
		for (struct entry *e = i->entries; e && bounds_step(in->bounds); e = e->next)
			place_late(l, e);
	}
}

/* The scan is incomplete: what it has not observed need not be closed. */
static void claim_less(struct scan *l, struct interest *in)
{
	for (struct instance *i = in->instances; i && bounds_step(in->bounds); i = i->next)
		for (struct entry *e = i->entries; e && bounds_step(in->bounds); e = e->next)
			if (e->fdinfo_round == l->round && e->round != l->round)
				e->state = ENTRY_OPEN;
}

void scan_apply(struct scan *l, struct interest *in, const struct event *ev)
{
	if (!ev->scan.end) {
		l->round++;
		l->under_way = true;
		l->begin_ns = ev->time_ns;
		if (!l->first_ns)
			l->first_ns = ev->time_ns;
		l->no_iterator = ev->scan.no_iterator;
		return;
	}
	if (l->under_way && !ev->scan.cut && !l->no_iterator)
		reconcile_lists(l, in);
	else if (l->under_way && ev->scan.cut)
		claim_less(l, in);
	l->whole = l->under_way && !ev->scan.cut && !l->no_iterator;
	l->under_way = false;
	l->ended_ns = ev->time_ns;
}

/*
 * A close is reported when it begins. A scan may still see for a moment what the close is about to take
 * away, or the report may come between the scan's reading and its record. An entry that is observed so
 * soon after its reported end is history: calls would have reported a new one.
 */
#define SETTLE_NS 100000000ULL

static bool instance_ended(const struct interest *in, uint64_t ep, uint64_t seen_ns)
{
	for (const struct instance *i = in->gone_instances;
	     i && i->ended_ns + SETTLE_NS >= seen_ns && bounds_step(in->bounds); i = i->next)
		if (i->ep == ep)
			return true;
	return false;
}

static bool entry_ended(const struct instance *inst, const struct entry_event *observed,
			uint64_t seen_ns)
{
	for (const struct entry *e = inst->gone_entries;
	     e && e->ended_ns + SETTLE_NS >= seen_ns && bounds_step(inst->bounds); e = e->next)
		if (e->file == observed->file && e->fd == observed->fd)
			return true;
	return false;
}

void scan_instance(struct scan *l, struct interest *in, const struct event *ev)
{
	const struct instance_event *observed = &ev->instance;
	struct instance *inst = observed->ep ? interest_find(in, observed->ep)
					     : interest_held_by(in, ev->pid, observed->fd);
	struct holder *h;

	if (!inst && observed->ep && instance_ended(in, observed->ep, ev->time_ns))
		return;
	if (!inst) {
		inst = observed->ep ? interest_get_or_add(in, observed->ep)
				    : interest_create_nameless(in);
		if (inst)
			inst->discovered_ns = ev->time_ns;
	}
	h = inst ? interest_hold(in, inst, ev->pid, observed->fd) : NULL;
	if (!h)
		return;
	if (!inst->first_ns)
		inst->first_ns = ev->time_ns;
	inst->round = l->round;
	inst->file = observed->file;
	inst->busy_poll = observed->busy_poll;
	h->cloexec = observed->cloexec;
	h->round = l->round;
	h->table = observed->table;
	h->foreign = observed->foreign;
	note_rest(h, observed, ev->time_ns);
	snprintf(h->comm, sizeof(h->comm), "%s", observed->comm);
}

void scan_io(struct scan *l, const struct event *ev)
{
	if (ev->io.first || ev->io.file != l->file)
		return;
	l->has_io = true;
	l->io = ev->io;
}

void scan_watched(struct scan *l, const struct event *ev)
{
	l->file = ev->watched.file.addr;
	l->file_ep = ev->watched.file.ep;
	l->file_what = ev->watched.file.what;
	l->pending = ev->watched.pending;
	l->has_io = false;
	l->file_text.len = 0;
	buf_str(&l->file_text, ev->watched.file.text);
	buf_char(&l->file_text, 0);
}

/* The entry's name, if no call has given it one. */
static void name_entry(struct scan *l, struct interest *in, struct entry *e)
{
	const struct instance *nested;
	char text[32];

	if (e->name || !e->file || l->file != e->file || l->file_text.failed)
		return;
	e->what = l->file_what;
	if (!l->file_ep) {
		e->name = bounds_copy(in->bounds, l->file_text.data);
		return;
	}
	nested = interest_get_or_add(in, l->file_ep);
	snprintf(text, sizeof(text), "eventpoll#%u", nested ? nested->number : 0);
	e->name = bounds_copy(in->bounds, text);
}

/*
 * The mask as the program gave it. A disarmed EPOLLONESHOT entry has only private bits left in the
 * kernel, and what the kernel adds is not asked for: neither is a change.
 */
static void update_mask(struct entry *e, uint32_t events)
{
	uint32_t asked = events & ~ALWAYS_ON;

	if (!(asked & ~EPOLL_PRIVATE_BITS)) {
		if (e->discovered && !(e->events & ~EPOLL_PRIVATE_BITS))
			e->events = asked; /* it was disarmed when it was discovered */
	} else if (e->discovered || ((e->events ^ asked) & ~ALWAYS_ON & ~EPOLLWAKEUP)) {
		e->events = asked;
	}
}

/*
 * Numbers are a process's own: if several processes hold an entry, one that has it at its number is
 * enough, if it uses the instance. The table that it was registered in stays its own while it is open there.
 */
static void place_entry(struct scan *l, struct entry *e, const struct event *ev)
{
	const struct entry_event *observed = &ev->entry;
	const struct holder *h =
		observed->at_number ? interest_holder(e->instance, ev->pid, observed->table) : NULL;

	if (h && !is_idle_holder(l, e->instance, h)) {
		if (e->state != ENTRY_OPEN || !e->table)
			e->table = observed->table;
		e->state = ENTRY_OPEN;
		e->elsewhere = 0;
		e->closer = 0;
		return;
	}
	if (e->round != l->round)
		e->state = ENTRY_CLOSED;
	if (e->state == ENTRY_CLOSED && (e->round != l->round || observed->at_number)) {
		e->elsewhere = ev->pid;
		e->elsewhere_fd = observed->at_number ? observed->fd : observed->at;
	}
}

struct entry *scan_entry(struct scan *l, struct interest *in, const struct event *ev)
{
	const struct entry_event *observed = &ev->entry;
	struct instance *inst = interest_find(in, observed->ep);
	struct entry *e = inst ? interest_entry(in, inst, observed->file, observed->fd) : NULL;

	if (inst && !e)
		e = interest_adopt(in, inst, observed);
	if (inst && !e && !entry_ended(inst, observed, ev->time_ns))
		e = interest_discover_entry(in, inst, observed, ev->time_ns);
	if (!e)
		return NULL;
	update_mask(e, observed->events);
	interest_set_data(in, e, observed->data);
	place_entry(l, e, ev);
	e->round = l->round;
	e->unheld = false;
	name_entry(l, in, e);
	if (in->keeps_observed)
		scan_keep_observed(l, e, ev);
	return e;
}

/* The entry that a row means: one of that number that no other row of this scan has meant. */
static struct entry *entry_of_row(struct scan *l, const struct interest *in,
				  const struct instance *inst, const struct fdinfo_event *row)
{
	struct entry *any = NULL;

	for (struct entry *e = interest_by_number(in, inst, row->fd); e;
	     e = interest_by_number_next(e)) {
		if (!bounds_step(in->bounds))
			break;
		if (e->fdinfo_round == l->round)
			continue;
		if (e->data == row->data)
			return e;
		if (!any)
			any = e;
	}
	return any;
}

/*
 * Was an entry of that number removed after the row was read, or so soon before that its close may still
 * have been under way (another tool's iterator may hold the file for a moment)? Then the row is history.
 * Its data proves nothing: it may have been changed before the removal.
 */
static bool removed_lately(const struct instance *inst, const struct fdinfo_event *row,
			   uint64_t read_ns)
{
	for (const struct entry *e = inst->gone_entries;
	     e && e->ended_ns + SETTLE_NS >= read_ns && bounds_step(inst->bounds); e = e->next)
		if (e->fd == row->fd)
			return true;
	return false;
}

/* An entry whose file no process has open, or none whose files could be scanned. */
static void discover_unheld(struct scan *l, struct interest *in, struct instance *inst,
			    const struct event *ev)
{
	struct entry_event observed = {
		.events = ev->fdinfo.events & ~ALWAYS_ON,
		.data = ev->fdinfo.data,
		.fd = ev->fdinfo.fd,
	};
	struct entry *e;

	if (removed_lately(inst, &ev->fdinfo, ev->time_ns))
		return;
	e = interest_discover_entry(in, inst, &observed, l->now_ns);
	if (!e)
		return;
	e->fdinfo_round = l->round;
	e->unheld = true;
	e->state = l->no_iterator ? ENTRY_OPEN : ENTRY_CLOSED;
	if (!in->keeps_observed)
		return;
	e->observed = bounds_alloc(in->bounds, sizeof(*e->observed));
	if (e->observed)
		e->observed->events = observed.events;
}

/* All rows have been reported: an entry not among them, and not added since, is not there. */
static void end_rows(struct scan *l, struct interest *in, struct instance *inst, uint64_t read_ns)
{
	for (struct entry *e = inst->entries, *next; e && bounds_step(in->bounds); e = next) {
		next = e->next;
		if (e->fdinfo_round != l->round && e->changed_ns < read_ns)
			interest_bury(in, e, read_ns);
	}
}

void scan_fdinfo(struct scan *l, struct interest *in, const struct event *ev)
{
	const struct fdinfo_event *row = &ev->fdinfo;
	struct instance *inst =
		row->ep ? interest_find(in, row->ep) : interest_held_by(in, ev->pid, row->epfd);
	struct entry *e;

	if (!inst)
		return;
	if (row->end) {
		end_rows(l, in, inst, ev->time_ns);
		return;
	}
	e = entry_of_row(l, in, inst, row);
	if (!e) {
		discover_unheld(l, in, inst, ev);
		return;
	}
	e->fdinfo_round = l->round;
	if (e->round != l->round && !l->no_iterator && e->changed_ns < l->begin_ns) {
		e->unheld = true;
		e->state = ENTRY_CLOSED;
	}
}
