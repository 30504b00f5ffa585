/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls that returned, and waits that have not. */
#include "event/decode_internal.h"

#include <errno.h>

/* Both are made from one list. */
_Static_assert((int)ET_CALL_COUNT == CALL_COUNT + 1 && (int)ET_CALL_NONE == 0, "the ids of calls");

static enum call_id call_of(unsigned id)
{
	return (enum call_id)(id - 1);
}

static bool is_wait(unsigned id)
{
	return id != ET_CALL_NONE && id < ET_CALL_COUNT && call_is_wait(call_of(id));
}

/* No errno is more (include/linux/err.h). */
#define ERRNO_MAX 4095

static int decode_call(const struct et_call *c, struct event *ev)
{
	if (c->id == ET_CALL_NONE || c->id >= ET_CALL_COUNT || c->ret < -ERRNO_MAX)
		return -EBADMSG;
	ev->call.id = call_of(c->id);
	ev->call.began_before = c->h.flags & ET_F_BEGAN_BEFORE;
	ev->call.io_uring = c->h.flags & ET_F_IO_URING;
	ev->call.no_entry = c->h.flags & ET_F_NO_ENTRY;
	ev->call.skipped = c->h.flags & ET_F_SKIPPED;
	ev->call.duration_ns = c->duration_ns;
	ev->call.ep = c->ep;
	ev->call.ret = c->ret;
	return 0;
}

int decode_create(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_create *r = data;

	(void)d;
	(void)size;
	ev->create.arg = r->arg;
	if (r->c.id != ET_CALL_EPOLL_CREATE && r->c.id != ET_CALL_EPOLL_CREATE1)
		return -EBADMSG;
	return decode_call(&r->c, ev);
}

int decode_ctl(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_ctl *r = data;
	struct ctl_event *c = &ev->ctl;
	bool with_epfile = r->c.h.flags & ET_F_EPFILE;
	size_t room = size - offsetof(struct et_ctl, name);
	int err;

	if (r->c.id != ET_CALL_EPOLL_CTL || (with_epfile && size != sizeof(*r)))
		return -EBADMSG;
	*c = (struct ctl_event){
		.epfd = r->epfd,
		.op = r->op,
		.fd = r->fd,
		.event_read = r->c.h.flags & ET_F_EVENT_READ,
		.events = r->events,
		.data = r->data,
		.event_ptr = r->event_ptr,
		.table = r->table,
		.refs = r->c.refs,
		.epfile = {.addr = r->c.epfile, .ep = r->c.ep, .text = ""},
	};
	err = decode_file(&d->file_text, &r->file, r->name, room < ET_NAME_CAP ? room : ET_NAME_CAP,
			  &c->file);
	if (!err && with_epfile)
		err = decode_file(&d->epfile_text, &r->epfile, r->epname, ET_NAME_CAP, &c->epfile);
	return err ? err : decode_call(&r->c, ev);
}

#define TIMEOUT_UNKNOWN -2
#define NS_PER_S	1000000000

static int64_t timeout_ns(const struct wait_args *a, unsigned id)
{
	if (id != ET_CALL_EPOLL_PWAIT2)
		return a->timeout_ms < 0 ? -1 : (int64_t)a->timeout_ms * 1000000;
	if (!a->timeout_ptr)
		return -1;
	if (!a->timeout_read || a->tv_sec < 0 || a->tv_sec > INT64_MAX / NS_PER_S - 1 ||
	    a->tv_nsec < 0 || a->tv_nsec >= NS_PER_S)
		return TIMEOUT_UNKNOWN;
	return a->tv_sec * NS_PER_S + a->tv_nsec;
}

/* x is NULL for epoll_wait, and if only registers are known. */
static void decode_args(const struct et_wait_args *r, const struct et_wait_ext *x, unsigned id,
			unsigned flags, struct wait_args *a)
{
	*a = (struct wait_args){
		.epfd = r->epfd,
		.maxevents = r->maxevents,
		.events_ptr = r->events_ptr,
	};
	if (id == ET_CALL_EPOLL_PWAIT2)
		a->timeout_ptr = r->timeout;
	else
		a->timeout_ms = (int)r->timeout;
	if (x) {
		a->sigmask_ptr = x->sigmask_ptr;
		a->sigsetsize = x->sigsetsize;
		a->sigset = x->sigset;
		a->tv_sec = x->tv_sec;
		a->tv_nsec = x->tv_nsec;
		a->sigset_read = flags & ET_F_SIGSET_READ;
		a->timeout_read = flags & ET_F_TIMEOUT_READ;
	}
	a->timeout_ns = timeout_ns(a, id);
}

static int decode_ready_bytes(unsigned count, unsigned event_size, const void *bytes, size_t room,
			      struct ready_bytes *ret)
{
	if ((event_size != 12 && event_size != 16) || count > ET_READY_MAX ||
	    (size_t)count * event_size > room)
		return -EBADMSG;
	*ret = (struct ready_bytes){count, event_size, bytes};
	return 0;
}

int decode_ready(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_ready *r = data;

	(void)d;
	return decode_ready_bytes(r->copied, r->event_size, r + 1, size - sizeof(*r),
				  &ev->more_ready.ready);
}

/* What follows the fixed part, of room bytes: a description of epfd, or ready events. */
static int decode_tail(struct decoder *d, const struct et_wait *r, const void *tail, size_t room,
		       struct wait_event *w)
{
	const struct et_file *file = tail;

	if (r->c.h.flags & ET_F_EPFILE) {
		if (room < sizeof(*file))
			return -EBADMSG;
		return decode_file(&d->epfile_text, file, (const char *)(file + 1),
				   room - sizeof(*file), &w->epfile);
	}
	if ((int)r->copied > (r->c.ret > 0 ? r->c.ret : 0))
		return -EBADMSG;
	return decode_ready_bytes(r->copied, r->event_size, tail, room, &w->ready);
}

int decode_wait(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_wait *r = data;
	const struct et_wait_ext *x = NULL;
	const char *tail = (const char *)(r + 1);
	size_t room = size - sizeof(*r);
	int err;

	if (!is_wait(r->c.id) || (r->event_size != 12 && r->event_size != 16))
		return -EBADMSG;
	if (r->c.id != ET_CALL_EPOLL_WAIT) {
		if (room < sizeof(*x))
			return -EBADMSG;
		x = (const struct et_wait_ext *)tail;
		tail += sizeof(*x);
		room -= sizeof(*x);
	}
	decode_args(&r->a, x, r->c.id, r->c.h.flags, &ev->wait.args);
	ev->wait.ready = (struct ready_bytes){0};
	ev->wait.others = r->others;
	ev->wait.sampled = r->c.h.flags & ET_F_SAMPLED;
	ev->wait.epfile = (struct file){.addr = r->c.epfile, .ep = r->c.ep, .text = ""};
	err = decode_tail(d, r, tail, room, &ev->wait);
	return err ? err : decode_call(&r->c, ev);
}

int decode_inflight(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_inflight *r = data;

	(void)d;
	(void)size;
	if (!is_wait(r->id))
		return -EBADMSG;
	ev->inflight = (struct inflight_event){
		.id = call_of(r->id),
		.began_before = r->h.flags & ET_F_BEGAN_BEFORE,
		.cut = r->h.flags & ET_F_CUT,
		.ep = r->ep,
	};
	decode_args(&r->a, NULL, r->id, 0, &ev->inflight.args);
	return 0;
}
