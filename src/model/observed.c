/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a scan has observed of an entry and its file, compared with the scan before. */
#include "model/interest_internal.h"
#include "model/progress.h"
#include "model/scan.h"

#include <sys/epoll.h>

/* What has happened to the file since the scan before, by the kernel's counters. */
static void note_touches(struct observed *now, const struct observed *then, const struct entry *e)
{
	now->late_reads = then->late_reads;
	now->last_read_ns = then->last_read_ns;
	now->last_written_ns = then->last_written_ns;
	now->unread_since_ns = now->unwritten_since_ns = now->scanned_ns;
	if (!then->known || !now->known)
		return;
	if (!pending_was_taken(&then->pending, &now->pending)) {
		now->unread_since_ns = then->unread_since_ns;
	} else {
		now->last_read_ns = now->scanned_ns;
		now->late_reads +=
			e->last_ready_ns < then->scanned_ns && e->changed_ns <= then->scanned_ns;
	}
	if (then->pending.given == now->pending.given)
		now->unwritten_since_ns = then->unwritten_since_ns;
	else if (then->pending.has_given && now->pending.has_given)
		now->last_written_ns = now->scanned_ns;
}

/*
 * What it had at the scan before, or has had since: something was taken, or came. A scan reaches a
 * file in each process that has it.
 */
static uint32_t showed(const struct scan *l, const struct observed *now,
		       const struct observed *then)
{
	uint32_t events = then->scanned_ns < l->begin_ns ? then->shows : then->showed;

	if (!then->known || !now->known)
		return 0;
	if (pending_was_taken(&then->pending, &now->pending) ||
	    (now->pending.has_taken && now->pending.arrived != then->pending.arrived))
		events |= EPOLLIN | EPOLLRDNORM;
	return events;
}

static void keep_io(struct scan *l, struct entry *e)
{
	if (!e->io)
		e->io = bounds_alloc(e->instance->bounds, sizeof(*e->io));
	if (e->io)
		*e->io = l->io;
}

/* Once a scan, which reaches a file in each process that has it. */
static void keep_turns(const struct scan *l, struct entry *e, const struct pending *p,
		       const struct io_event *io, uint64_t time_ns)
{
	if (e->turns && e->turns->scanned_ns < l->begin_ns)
		turns_scan_entry(e->turns, p, io, time_ns);
}

/*
 * A loop that deletes an entry and adds it again has it deleted half of the time: the scan may observe
 * the file but not the entry.
 */
void scan_put_back(const struct scan *l, struct interest *in, const struct event *ev)
{
	uint64_t file = ev->watched.file.addr;
	struct instance *i = in->has_put_back ? in->instances : NULL;

	for (; i && bounds_steps(in->bounds, RECENT_GONE); i = i->next) {
		struct entry *e = interest_gone_lately(i, file, -1);

		if (e)
			e = interest_put_back(in, i, e);
		if (e)
			keep_turns(l, e, &ev->watched.pending, NULL, ev->time_ns);
	}
}

/* The counts of --io begin anew with each EPOLL_CTL_ADD, so they are of no use for what is put back. */
static const struct io_event *io_of(const struct scan *l, const struct entry *e)
{
	return l->has_io && !(e->turns && e->turns->put_back) ? &l->io : NULL;
}

void scan_keep_observed(struct scan *l, struct entry *e, const struct event *ev)
{
	const struct entry_event *observed = &ev->entry;
	struct observed now = {
		.scanned_ns = ev->time_ns,
		.events = observed->events & ~ALWAYS_ON,
		.ready = observed->ready,
		.known = l->file && l->file == observed->file,
	};

	if (!e->observed)
		e->observed = bounds_alloc(e->instance->bounds, sizeof(*e->observed));
	if (!e->observed)
		return;
	if (now.known)
		now.pending = l->pending;
	if (now.known && l->has_io)
		keep_io(l, e);
	if (now.known)
		now.shows = interest_shows(observed, &now.pending);
	now.showed = showed(l, &now, e->observed);
	now.empty_ns = e->observed->empty_ns;
	if (now.known && !pending_waits(&now.pending) && !now.pending.peer_closed)
		now.empty_ns = l->begin_ns;
	note_touches(&now, e->observed, e);
	*e->observed = now;
	if (now.known)
		keep_turns(l, e, &now.pending, io_of(l, e), ev->time_ns);
}
