/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which entry a ready event means. The kernel reports data only, and if a number was closed while its
 * file lives on, the next file of that number is often registered with the same data: then the state
 * of both files says which of them was ready.
 */
#include "model/interest_internal.h"

#define TWINS_MAX 16 /* a program may register all that it has with the same data */

static struct entry *next_of(struct node *n, const struct instance *inst, uint64_t data)
{
	for (; n; n = table_next(n)) {
		struct entry *e = container_of(n, struct entry, by_data);

		if (e->instance == inst && e->data == data)
			return e;
		if (!bounds_step(inst->bounds))
			break;
	}
	return NULL;
}

static struct entry *first_of(const struct interest *in, const struct instance *inst, uint64_t data)
{
	return next_of(table_find(&in->by_data, data_hash(inst, data)), inst, data);
}

struct entry *interest_match_next(const struct entry *e)
{
	if (e->state == ENTRY_GONE)
		return NULL;
	return next_of(table_next(&e->by_data), e->instance, e->data);
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

/*
 * Finds the newest open entry with that data, and the newest other one that an event may as well be
 * of: its number is closed, or will turn out to be, since the open one has the same.
 */
static void match_data(const struct interest *in, const struct instance *inst, uint64_t data,
		       struct entry **ret_open, struct entry **ret_twin)
{
	struct entry *e = first_of(in, inst, data), *open = NULL, *twin = NULL;

	for (unsigned i = 0; e && !(open && (twin || i >= TWINS_MAX)); i++) {
		if (!bounds_step(inst->bounds))
			break;
		if (e->state == ENTRY_OPEN && !open)
			open = e;
		else if (!twin && (e->state == ENTRY_CLOSED || e->fd == open->fd))
			twin = e;
		e = interest_match_next(e);
	}
	*ret_open = open;
	*ret_twin = twin;
}

static void count_turns(struct entry *e, const struct doubt *d, uint64_t times)
{
	if (!e->turns)
		e->turns = bounds_alloc(e->instance->bounds, sizeof(*e->turns));
	if (e->turns)
		turns_deliver(e->turns, d->tid, d->events, times, d->heaviest);
}

static void count_events(const struct interest *in, struct entry *e, const struct doubt *d,
			 uint64_t times)
{
	if (in->keeps_observed)
		count_turns(e, d, times);
	if (e->last_tid != d->tid) {
		e->former_tid = e->last_tid;
		e->former_ready_ns = e->last_ready_ns;
		e->last_tid = d->tid;
	}
	e->deliveries += times;
	if (d->last_ns < e->last_ready_ns)
		return;
	e->last_ready_ns = d->last_ns;
	e->last_ready = d->events;
}

static bool is_same(const struct doubt *a, const struct doubt *b)
{
	return a->data == b->data && a->events == b->events;
}

/* Notes an event that may be of two entries; false: there is no room. */
static bool keep_doubt(struct instance *inst, const struct doubt *one)
{
	struct doubt *d = inst->doubts;

	while (d && !is_same(d, one) && bounds_step(inst->bounds))
		d = d->next;
	if (!d || !is_same(d, one)) {
		d = bounds_alloc(inst->bounds, sizeof(*d));
		if (!d)
			return false;
		*d = *one;
		d->next = inst->doubts;
		d->count = 0;
		inst->doubts = d;
	}
	d->count += one->count;
	if (one->heaviest > d->heaviest)
		d->heaviest = one->heaviest;
	d->last_ns = one->last_ns;
	d->tid = one->tid;
	return true;
}

struct entry *interest_deliver(struct interest *in, struct instance *inst,
			       const struct ready_event *ready, const struct event *wait)
{
	struct doubt d = {
		.data = ready->data,
		.last_ns = wait->time_ns + wait->call.duration_ns,
		.events = ready->events,
		.tid = wait->tid,
		.count = 1ULL + wait->wait.others,
		.heaviest = 1ULL + wait->wait.others,
	};
	struct entry *e, *twin;

	match_data(in, inst, ready->data, &e, &twin);
	if (e && twin && in->keeps_observed && keep_doubt(inst, &d))
		return e;
	if (!e)
		e = twin ? twin : match_gone(inst, ready->data, wait->time_ns);
	if (e)
		count_events(in, e, &d, d.count);
	return e;
}

uint32_t interest_shows(const struct entry_event *e, const struct pending *p)
{
	uint32_t events = 0;

	if (e->ready)
		return ~0U;
	if (e->events & EPOLLET || !(e->events & ~EPOLL_PRIVATE_BITS))
		return 0;
	if (pending_waits(p) || p->peer_closed)
		events |= EPOLLIN | EPOLLRDNORM;
	if (p->has_unsent && !p->no_space)
		events |= EPOLLOUT | EPOLLWRNORM;
	if (p->peer_closed || p->error || p->error_queue)
		events |= EPOLLRDHUP | EPOLLHUP | EPOLLERR;
	return events;
}

/* May the entry have been reported with these events, by what it asks for? */
static bool asks_for(const struct entry *e, uint32_t events)
{
	return !(events & ~(e->events | ALWAYS_ON));
}

/* Was its file observed to be ready? A file that stays ready counts for more than one that was briefly. */
static unsigned weight_of(const struct entry *e, const struct doubt *d)
{
	if (!e->observed || !e->observed->known || !asks_for(e, d->events))
		return 0;
	return !!(e->observed->shows & d->events) + !!(e->observed->showed & d->events);
}

/* The most that an entry with that data weighs, and how many weigh so much. */
static unsigned count_heaviest(struct interest *in, struct instance *inst, const struct doubt *d,
			       unsigned *ret_most)
{
	struct entry *e = first_of(in, inst, d->data);
	unsigned most = 0, count = 0;

	for (; e && bounds_step(inst->bounds); e = interest_match_next(e)) {
		unsigned w = weight_of(e, d);

		if (w > most)
			count = 0;
		if (w >= most) {
			most = w;
			count++;
		}
	}
	*ret_most = most;
	return count;
}

/* Shares what is left out among so many that weigh most, and are in that state; what is left. */
static uint64_t share_out(struct interest *in, struct instance *inst, const struct doubt *d,
			  enum entry_state state, unsigned most, unsigned *heavy, uint64_t left)
{
	struct entry *e = first_of(in, inst, d->data);

	for (; e && left && bounds_step(inst->bounds); e = interest_match_next(e)) {
		uint64_t share = (left + *heavy - 1) / *heavy;

		if (e->state != state || weight_of(e, d) != most)
			continue;
		count_events(in, e, d, share);
		left -= share;
		--*heavy;
	}
	return left;
}

/*
 * If none was observed to be ready it was the open one, whose input the program has read.
 * Files that are always ready take turns.
 */
static void settle_doubt(struct interest *in, struct instance *inst, const struct doubt *d)
{
	struct entry *open, *twin;
	uint64_t left;
	unsigned most, heavy = count_heaviest(in, inst, d, &most);

	if (!most) {
		match_data(in, inst, d->data, &open, &twin);
		if (open || twin)
			count_events(in, open ? open : twin, d, d->count);
		return;
	}
	left = share_out(in, inst, d, ENTRY_OPEN, most, &heavy, d->count);
	share_out(in, inst, d, ENTRY_CLOSED, most, &heavy, left);
}

void interest_settle(struct interest *in, struct instance *inst, const struct entry *of)
{
	struct doubt **at = &inst->doubts;

	while (*at && bounds_step(inst->bounds)) {
		struct doubt *d = *at;

		if (of && of->data != d->data) {
			at = &d->next;
			continue;
		}
		settle_doubt(in, inst, d);
		*at = d->next;
		bounds_free(inst->bounds, d, sizeof(*d));
	}
}
