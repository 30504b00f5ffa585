/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "rules/failed_ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the kernel adds, or takes away, by itself. */
#define NOT_ASKED (EPOLLERR | EPOLLHUP | EPOLLWAKEUP)

static void free_call(struct failed_ctl *c)
{
	free(c->file);
	*c = (struct failed_ctl){0};
}

void failed_ctls_free(struct rules *r)
{
	for (unsigned i = 0; r->failed && i < FAILED_MAX; i++)
		free_call(&r->failed->at[i]);
	free(r->failed);
}

/* Forgets what has failed about a number of an instance; err: with that errno alone, 0: any. */
static void forget_answered(struct rules *r, unsigned instance, int fd, int err)
{
	for (unsigned i = 0; r->failed && i < FAILED_MAX; i++) {
		struct failed_ctl *c = &r->failed->at[i];

		if (c->instance == instance && c->fd == fd && (!err || c->err == err))
			free_call(c);
	}
}

/* An answer may be among what was lost. */
static void forget_all(struct rules *r)
{
	for (unsigned i = 0; r->failed && i < FAILED_MAX; i++)
		free_call(&r->failed->at[i]);
}

/*
 * Do both data name the descriptor, below a count of its uses? libev deletes nothing: it adds a
 * descriptor that is used again with the next count, and takes that back if EEXIST says that it is
 * still there.
 */
static bool counts_uses(const struct entry *e, const struct ctl_event *ctl)
{
	return e->data != ctl->data && (uint32_t)e->data == (uint32_t)ctl->fd &&
	       (uint32_t)ctl->data == (uint32_t)ctl->fd;
}

/* Would an EPOLL_CTL_MOD have changed what the entry reports? */
static void compare_with_entry(const struct rules *r, const struct view *v, struct failed_ctl *c)
{
	const struct ctl_event *ctl = &v->ev->ctl;
	const struct entry *e =
		interest_entry(model_interest(r->model), v->instance, ctl->file.addr, ctl->fd);

	if (!e || !ctl->event_read)
		return;
	c->masks = e->events;
	c->differs = (e->events ^ ctl->events) & ~NOT_ASKED ||
		     (e->events & EPOLLONESHOT && e->last_ready_ns > e->changed_ns);
	c->asks_whether = !c->differs && counts_uses(e, ctl);
	c->differs |= e->data != ctl->data && !c->asks_whether;
}

struct failed_ctl *failed_ctl_of(const struct rules *r, const struct view *v)
{
	const struct ctl_event *ctl = &v->ev->ctl;

	for (unsigned i = 0; r->failed && v->instance && i < FAILED_MAX; i++) {
		struct failed_ctl *c = &r->failed->at[i];

		if (c->err == -v->ev->call.ret && c->instance == v->instance->number &&
		    c->fd == ctl->fd && c->op == ctl->op)
			return c;
	}
	return NULL;
}

/* An empty row, or else the oldest. */
static struct failed_ctl *row_for_one_more(struct failed_ctls *f)
{
	for (unsigned i = 0; i < FAILED_MAX; i++)
		if (!f->at[i].err)
			return &f->at[i];
	return &f->at[f->next++ % FAILED_MAX];
}

struct failed_ctl failed_ctl_now(const struct view *v)
{
	const struct ctl_event *ctl = &v->ev->ctl;

	return (struct failed_ctl){
		.instance = v->instance ? v->instance->number : 0,
		.epfd = ctl->epfd,
		.fd = ctl->fd,
		.op = ctl->op,
		.err = -v->ev->call.ret,
		.pid = v->pid,
		.tid = v->tid,
		.addr = ctl->file.addr,
		.table = ctl->table,
		.time_ns = v->time_ns + v->ev->call.duration_ns,
		.count = 1,
		.asked = ctl->event_read,
		.events = ctl->events,
		.file = v->file ? (char *)v->file->text : NULL,
		.what = ctl->file.what,
	};
}

static void keep_failed(struct rules *r, const struct view *v)
{
	struct failed_ctl now = failed_ctl_now(v), *c = failed_ctl_of(r, v);
	bool again = c && !c->closed;

	if (!r->failed)
		r->failed = calloc(1, sizeof(*r->failed));
	if (!r->failed || !v->instance)
		return;
	if (!c)
		c = row_for_one_more(r->failed);
	now.file = now.file ? strdup(now.file) : NULL;
	if (again) {
		now.time_ns = c->time_ns;
		now.count = c->count + 1;
	}
	now.judged = c->judged;
	free_call(c);
	*c = now;
	if (c->err == EEXIST)
		compare_with_entry(r, v, c);
}

bool failed_ctl_closes(const struct failed_ctl *c, const struct view *v)
{
	const struct close_event *ev = &v->ev->close;

	return c->err && !c->closed && c->addr == ev->file && c->fd == ev->fd &&
	       c->table == ev->table; /* a child may close what it has inherited */
}

/* Nobody waits for it any more. */
static void note_close(struct rules *r, const struct view *v)
{
	for (unsigned i = 0; r->failed && i < FAILED_MAX; i++)
		if (failed_ctl_closes(&r->failed->at[i], v))
			r->failed->at[i].closed = true;
}

void failed_ctls_closed(struct rules *r, const struct view *v)
{
	if (v->kind == VIEW_CLOSE)
		note_close(r, v);
}

void failed_ctls_view(struct rules *r, const struct view *v)
{
	if (v->kind == VIEW_ENDED)
		forget_answered(r, v->instance->number, v->entry->fd, EEXIST);
	if (v->kind == VIEW_LOST && v->ev->lost.total + v->ev->lost.missed)
		forget_all(r);
	if (v->kind != VIEW_CALL || v->ev->kind != EVENT_CTL || v->ev->call.skipped)
		return;
	if (!v->ev->call.ret && v->instance)
		forget_answered(r, v->instance->number, v->ev->ctl.fd, 0);
	else if (v->ev->call.ret < 0 && v->ev->ctl.op != EPOLL_CTL_DEL)
		keep_failed(r, v);
}

const struct failed_ctl *failed_ctl_asking(const struct rules *r, const struct entry *e,
					   uint32_t events)
{
	const struct failed_ctl *last = NULL;

	for (unsigned i = 0; r->failed && i < FAILED_MAX; i++) {
		const struct failed_ctl *c = &r->failed->at[i];

		if (c->err && c->instance == e->instance->number && c->fd == e->fd && c->asked &&
		    c->events & events && c->time_ns >= e->changed_ns &&
		    (!last || c->time_ns > last->time_ns))
			last = c;
	}
	return last;
}
