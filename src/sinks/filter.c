/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/filter.h"

static bool in_list(const struct int_list *l, int value)
{
	for (unsigned i = 0; i < l->count; i++)
		if (l->at[i] == value)
			return true;
	return false;
}

/* Has the wait reported one of the wanted descriptors? */
static bool reports_fd(const struct filter *f, const struct view *v)
{
	if (!v->ev || !v->ready)
		return false;
	for (unsigned i = 0; i < v->ready_count; i++)
		for (const struct entry *e = v->ready[i].entry;
		     e && bounds_step(e->instance->bounds); e = interest_match_next(e))
			if (in_list(&f->fds, e->fd))
				return true;
	return false;
}

static bool fd_wanted(const struct filter *f, const struct view *v)
{
	if (!f->fds.count)
		return true;
	if (v->ev && v->ev->kind == EVENT_CTL)
		return in_list(&f->fds, v->ev->ctl.fd);
	return reports_fd(f, v);
}

static int epfd_of(const struct view *v)
{
	if (!v->ev)
		return v->wait->args.epfd;
	if (v->ev->kind == EVENT_CTL)
		return v->ev->ctl.epfd;
	return v->ev->kind == EVENT_WAIT ? v->ev->wait.args.epfd : v->ev->call.ret;
}

static bool outcome_wanted(const struct filter *f, const struct view *v)
{
	uint64_t took_ns = v->ev ? v->ev->call.duration_ns : v->blocked_ns;
	bool failed = v->ev && v->ev->call.ret < 0;

	if ((f->only_ok && failed) || (f->only_failed && !failed))
		return false;
	return took_ns >= f->slower_than_ns;
}

/* An entry that goes by a close is shown as EPOLL_CTL_DEL of it would be. */
static bool ended_wanted(const struct filter *f, const struct view *v)
{
	if (!(f->calls >> CALL_EPOLL_CTL & 1) || f->only_failed || f->slower_than_ns)
		return false;
	if (f->epfds.count && !in_list(&f->epfds, interest_number(v->instance, v->pid)))
		return false;
	return !f->fds.count || in_list(&f->fds, v->entry->fd);
}

bool filter_shows(const struct filter *f, const struct view *v)
{
	enum call_id id;

	if (v->kind == VIEW_ENDED)
		return ended_wanted(f, v);
	if (v->kind != VIEW_CALL && v->kind != VIEW_BLOCKED && v->kind != VIEW_UNFINISHED)
		return true;
	id = v->ev ? v->ev->call.id : v->wait->id;
	if (!(f->calls >> id & 1) || !outcome_wanted(f, v))
		return false;
	if (f->epfds.count && !in_list(&f->epfds, epfd_of(v)))
		return false;
	return fd_wanted(f, v);
}
