/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/lapses.h"

#include "model/progress.h"

#include <errno.h>

#define LAPSES_MAX 8192

static uint64_t number_hash(uint32_t pid, int fd)
{
	return hash_u64((uint64_t)pid << 32 | (uint32_t)fd);
}

/* No other number has the same hash. */
struct lapse *lapses_find(const struct lapses *l, uint32_t pid, int fd)
{
	struct node *n = table_find(&l->by_number, number_hash(pid, fd));

	return n ? container_of(n, struct lapse, by_number) : NULL;
}

static void drop_stray(struct lapses *l, struct lapse *at)
{
	if (!at->stray)
		return;
	bounds_free_text(l->bounds, at->stray->name);
	bounds_free(l->bounds, at->stray, sizeof(*at->stray));
	at->stray = NULL;
}

static void forget_lapse(struct lapses *l, struct lapse *at)
{
	*(at->newer ? &at->newer->older : &l->newest) = at->older;
	*(at->older ? &at->older->newer : &l->oldest) = at->newer;
	table_del(&l->by_number, &at->by_number);
	drop_stray(l, at);
	bounds_free(l->bounds, at, sizeof(*at));
	l->count--;
}

void lapses_free(struct lapses *l)
{
	while (l->newest)
		forget_lapse(l, l->newest);
	table_free(&l->by_number);
}

/* What was known of the number is replaced; what is known longest makes room. */
static struct lapse *note_lapse(struct lapses *l, const struct lapse *news)
{
	struct lapse *old = lapses_find(l, news->pid, news->fd), *new;

	if (old)
		forget_lapse(l, old);
	else if (l->count == LAPSES_MAX)
		forget_lapse(l, l->oldest);
	new = bounds_alloc(l->bounds, sizeof(*new));
	if (!new)
		return NULL;
	*new = *news;
	if (table_add(&l->by_number, &new->by_number, number_hash(new->pid, new->fd))) {
		bounds_free(l->bounds, new, sizeof(*new));
		return NULL;
	}
	new->older = l->newest;
	*(new->older ? &new->older->newer : &l->oldest) = new;
	l->newest = new;
	l->count++;
	return new;
}

/* The entry that was registered by that number and file. */
static const struct entry *entry_at(const struct interest *in, const struct event *ev)
{
	struct node *n = table_find(&in->by_file, hash_u64(ev->close.file));

	for (; n && bounds_step(in->bounds); n = table_next(n)) {
		const struct entry *e = container_of(n, struct entry, by_file);

		if (e->file == ev->close.file && e->fd == ev->close.fd &&
		    e->table == ev->close.table)
			return e;
	}
	return NULL;
}

void lapses_close(struct lapses *l, const struct interest *in, const struct event *ev)
{
	const struct instance *inst = interest_find(in, ev->close.ep);
	const struct entry *e = inst ? NULL : entry_at(in, ev);
	struct lapse news = {
		.pid = ev->pid,
		.fd = ev->close.fd,
		.how = inst ? LAPSE_INSTANCE : LAPSE_CLOSED,
		.time_ns = ev->time_ns,
		.by_pid = ev->pid,
		.by_tid = ev->tid,
		.file = ev->close.file,
		.refs = ev->close.refs,
	};

	if (e) {
		news.instance = e->instance->number;
		news.entry = e->number;
		news.deliveries = e->deliveries;
		news.discovered = e->discovered;
	} else if (inst) {
		news.instance = inst->number;
	} else {
		return;
	}
	note_lapse(l, &news);
}

static void note_deleted(struct lapses *l, const struct entry *e, struct lapse *news)
{
	news->how = LAPSE_DELETED;
	if (e->pid)
		news->pid = e->pid; /* that another process may have deleted it from */
	if (e->copied && news->refs < 2)
		news->refs = 2; /* its other numbers were closed first */
	news->entry = e->number;
	news->deliveries = e->deliveries;
	news->discovered = !e->pid;
	note_lapse(l, news);
}

void lapses_ctl(struct lapses *l, const struct instance *inst, const struct entry *e,
		const struct event *ev)
{
	struct lapse *old = lapses_find(l, ev->pid, ev->ctl.fd);
	struct lapse news = {
		.pid = ev->pid,
		.fd = ev->ctl.fd,
		.how = LAPSE_REFUSED,
		.time_ns = ev->time_ns,
		.by_pid = ev->pid,
		.by_tid = ev->tid,
		.instance = inst->number,
		.file = ev->ctl.file.addr,
		.ino = ev->ctl.file.ino,
		.refs = ev->ctl.refs,
	};

	if (ev->ctl.op == EPOLL_CTL_DEL && !ev->call.ret && e)
		note_deleted(l, e, &news);
	else if (ev->ctl.op == EPOLL_CTL_MOD && ev->call.ret == -ENOENT && news.file)
		note_lapse(l, &news);
	else if (ev->ctl.op == EPOLL_CTL_ADD && !ev->call.ret && old)
		forget_lapse(l, old);
}

void lapses_deliver(struct lapses *l, const struct entry *e)
{
	struct lapse *at = e->pid ? lapses_find(l, e->pid, e->fd) : NULL;

	if (at && at->entry == e->number)
		at->deliveries++;
}

/* Another file at the number begins a new one. */
static struct stray *stray_of(struct lapses *l, struct lapse *at, const struct event *ev)
{
	const struct file *file = &ev->watched.file;

	if (at->stray && (at->stray->file != file->addr || at->stray->ino != file->ino))
		drop_stray(l, at);
	if (at->stray)
		return at->stray;
	at->stray = bounds_alloc(l->bounds, sizeof(*at->stray));
	if (!at->stray)
		return NULL;
	at->stray->file = file->addr;
	at->stray->ino = file->ino;
	at->stray->name = bounds_copy(l->bounds, file->text);
	at->stray->what = file->what;
	at->stray->first_ns = at->stray->unread_since_ns = at->stray->touched_ns = ev->time_ns;
	return at->stray;
}

void lapses_see(struct lapses *l, const struct event *ev)
{
	struct lapse *at = lapses_find(l, ev->pid, ev->watched.fd);
	struct stray *s = at ? stray_of(l, at, ev) : NULL;

	if (!s)
		return;
	if (s->scanned_ns && pending_was_taken(&s->pending, &ev->watched.pending))
		s->unread_since_ns = s->touched_ns = ev->time_ns;
	if (s->scanned_ns && s->pending.given != ev->watched.pending.given)
		s->touched_ns = ev->time_ns;
	s->scanned_ns = ev->time_ns;
	s->pending = ev->watched.pending;
	s->refs = ev->watched.refs;
	if (s->refs > s->most_refs)
		s->most_refs = s->refs;
}
