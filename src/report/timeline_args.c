/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What calls and the events they return are about, as arguments. */
#include "report/timeline_internal.h"

#include "event/names.h"

#include <sys/epoll.h>

#define MEANT_MAX 7 /* descriptors that are named for one ready event */

static void result_args(struct args *a, const struct view *v)
{
	const char *name;
	int ret = v->ev->call.ret;

	args_i64(a, "ret", ret < 0 ? -1 : ret);
	if (ret >= 0)
		return;
	name = errno_name(-ret);
	if (name)
		args_text(a, "errno", name);
	else
		args_i64(a, "errno", -ret);
}

static void create_args(struct args *a, const struct view *v)
{
	if (v->ev->call.id == CALL_EPOLL_CREATE)
		args_i64(a, "size", v->ev->create.arg);
	else
		args_create_flags(a, "flags", v->ev->create.arg);
}

static void ctl_args(struct args *a, const struct view *v)
{
	const struct ctl_event *c = &v->ev->ctl;

	args_i64(a, "epfd", c->epfd);
	args_ctl_op(a, "op", c->op);
	args_i64(a, "fd", c->fd);
	if (v->file)
		args_file(a, "file", v->file->text, v->file->what.deleted);
	if (!c->event_read || c->op == EPOLL_CTL_DEL)
		return;
	args_events(a, "events", c->events);
	args_hex(a, "data", c->data);
}

static void wait_args(struct args *a, const struct view *v)
{
	const struct wait_args *w = &v->ev->wait.args;

	args_i64(a, "epfd", w->epfd);
	args_i64(a, "maxevents", w->maxevents);
	if (w->timeout_ns >= -1)
		args_i64(a, "timeout_ns", w->timeout_ns);
}

void timeline_call_args(struct timeline *t, const struct view *v)
{
	struct args *a = &t->args;

	if (v->ev->kind == EVENT_CREATE)
		create_args(a, v);
	else if (v->ev->kind == EVENT_CTL)
		ctl_args(a, v);
	else
		wait_args(a, v);
	if (v->instance)
		args_u64(a, "instance", v->instance->number);
	result_args(a, v);
	if (v->ev->call.began_before)
		args_true(a, "began_before_attach");
	if (v->ev->call.no_entry)
		args_true(a, "entry_not_seen");
	if (v->ev->call.skipped)
		args_true(a, "skipped");
}

void timeline_more_meant(struct args *a, const struct entry *e)
{
	e = interest_match_next(e);
	if (!e)
		return;
	args_bracket(a, ARG_LIST, "or_fd");
	for (unsigned i = 1; e && i < MEANT_MAX; e = interest_match_next(e), i++)
		args_i64(a, NULL, e->fd);
	args_bracket(a, ARG_LIST_END, NULL);
}

static void one_ready(struct args *a, const struct ready_view *r)
{
	args_bracket(a, ARG_DICT, NULL);
	if (r->entry) {
		args_i64(a, "fd", r->entry->fd);
		if (r->entry->name)
			args_file(a, "file", r->entry->name, r->entry->what.deleted);
		timeline_more_meant(a, r->entry);
	}
	args_events(a, "events", r->event.events);
	args_hex(a, "data", r->event.data);
	args_bracket(a, ARG_DICT_END, NULL);
}

void timeline_ready_args(struct timeline *t, const struct view *v)
{
	struct args *a = &t->args;
	unsigned count = v->ev->call.ret > 0 ? v->ev->call.ret : 0;

	args_u64(a, "ready_count", count);
	if (!count)
		return;
	args_bracket(a, ARG_LIST, "ready");
	for (unsigned i = 0; i < v->ready_count; i++)
		one_ready(a, &v->ready[i]);
	args_bracket(a, ARG_LIST_END, NULL);
	if (v->ready_count < count)
		args_u64(a, "ready_not_shown", count - v->ready_count);
}
