/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Watched files, as scans see them, and what was read from and written to them. */
#include "event/decode_internal.h"

static bool is_named(const struct et_watched *r, const char *name)
{
	size_t len = strlen(name);

	return r->file.name_len >= len && !memcmp(r + 1, name, len);
}

static enum file_class socket_class(const struct et_watched *r)
{
	if (r->flags & ET_WATCHED_LISTENS)
		return CLASS_LISTENER;
	return r->flags & ET_WATCHED_STREAM ? CLASS_STREAM : CLASS_DATAGRAM;
}

static enum file_class anon_class(const struct et_watched *r)
{
	if (is_named(r, "[eventfd"))
		return r->flags & ET_WATCHED_SEMAPHORE ? CLASS_SEMAPHORE : CLASS_EVENTFD;
	if (is_named(r, "[timerfd"))
		return CLASS_TIMERFD;
	if (is_named(r, "[signalfd"))
		return CLASS_SIGNALFD;
	return is_named(r, "inotify") ? CLASS_INOTIFY : CLASS_OTHER;
}

/* The length of the name has been checked. */
static enum file_class class_of(const struct et_watched *r)
{
	switch (r->file.kind) {
	case ET_FILE_INET:
	case ET_FILE_UNIX:
	case ET_FILE_SOCK:
		return socket_class(r);
	case ET_FILE_PIPE:
		return CLASS_PIPE;
	case ET_FILE_EPOLL:
		return CLASS_INSTANCE;
	case ET_FILE_ANON:
		return anon_class(r);
	default: /* has a path; only a FIFO has numbers that say what was read */
		return r->flags & (ET_WATCHED_TAKEN | ET_WATCHED_GIVEN) ? CLASS_PIPE : CLASS_OTHER;
	}
}

static struct pending decode_pending(const struct et_watched *r)
{
	return (struct pending){
		.unread_bytes = r->unread_bytes,
		.unsent_bytes = r->unsent_bytes,
		.taken = r->taken,
		.arrived = r->arrived,
		.given = r->given,
		.period_ns = r->period_ns,
		.count = r->pending,
		.lowat = r->lowat,
		.port = r->file.kind == ET_FILE_INET ? r->file.sport : 0,
		.class = class_of(r),
		.has_unread = r->flags & ET_WATCHED_UNREAD,
		.has_unsent = r->flags & ET_WATCHED_UNSENT,
		.has_count = r->flags & ET_WATCHED_PENDING,
		.has_taken = r->flags & ET_WATCHED_TAKEN,
		.has_given = r->flags & ET_WATCHED_GIVEN,
		.no_space = r->flags & ET_WATCHED_NOSPACE,
		.layered = r->flags & ET_WATCHED_LAYERED,
		.at_least = r->flags & ET_WATCHED_AT_LEAST,
		.nonblock = r->flags & ET_WATCHED_NONBLOCK,
		.listens = r->flags & ET_WATCHED_LISTENS,
		.peer_closed = r->flags & ET_WATCHED_PEER_CLOSED,
		.error = r->flags & ET_WATCHED_ERROR,
		.error_queue = r->flags & ET_WATCHED_ERRORQUEUE,
		.unconnected = r->flags & ET_WATCHED_UNCONNECTED,
	};
}

int decode_watched(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_watched *r = data;
	int err = decode_file(&d->file_text, &r->file, (const char *)(r + 1), size - sizeof(*r),
			      &ev->watched.file);

	if (err)
		return err;
	ev->watched.nowhere = r->flags & ET_WATCHED_NOWHERE;
	ev->watched.fd = r->fd;
	ev->watched.refs = r->refs;
	ev->watched.pending = decode_pending(r);
	return 0;
}

static struct io_side decode_side(const struct et_io_side *s)
{
	return (struct io_side){
		.time_ns = s->time_ns,
		.other_ns = s->other_ns,
		.ret = s->ret,
		.size = s->size,
		.tid = s->tid,
		.other_tid = s->other_tid,
		.calls = s->calls,
		.zeros = s->zeros,
		.nr = s->nr,
		.may_block = s->flags & ET_IO_SIDE_MAY_BLOCK,
		.peeked = s->flags & ET_IO_SIDE_PEEKED,
		.set_nonblock = s->flags & ET_IO_SIDE_NONBLOCK,
	};
}

int decode_io(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_io *r = data;

	(void)d;
	(void)size;
	ev->io = (struct io_event){
		.file = r->file,
		.fd = r->fd,
		.first = r->h.flags & ET_F_FIRST,
		.in = decode_side(&r->in),
		.out = decode_side(&r->out),
		.change = decode_side(&r->change),
	};
	return 0;
}
