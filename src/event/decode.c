/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "event/decode_internal.h"

#include <errno.h>

void decoder_free(struct decoder *d)
{
	buf_free(&d->file_text);
	buf_free(&d->epfile_text);
}

static const char *take_text(char *to, const char *from, size_t len)
{
	memcpy(to, from, len);
	to[len] = 0;
	return to;
}

static const char *take_comm(struct decoder *d, const char *comm)
{
	return take_text(d->comm, comm, ET_COMM_LEN);
}

/* A record that fills a member of the event, with nothing to check beyond its size. */
#define PLAIN(name, member, ...)                                                                   \
	static int decode_##name(struct decoder *d, const void *data, size_t size,                 \
				 struct event *ev)                                                 \
	{                                                                                          \
		const struct et_##name *r = data;                                                  \
                                                                                                   \
		(void)d;                                                                           \
		(void)size;                                                                        \
		ev->member = (struct member##_event){__VA_ARGS__};                                 \
		return 0;                                                                          \
	}

PLAIN(target, target, .root = r->root, .children = r->children)
PLAIN(close, close, .fd = r->fd, .file = r->file, .ep = r->ep, .table = r->table, .refs = r->refs)
PLAIN(fork, fork, .child = r->child_user_tgid, .one_table = r->h.flags & ET_F_ONE_TABLE,
      .comm = take_comm(d, r->comm))
PLAIN(exec, exec, .compat = r->h.flags & ET_F_COMPAT, .comm = take_comm(d, r->comm))
PLAIN(comm, comm, .comm = take_comm(d, r->comm))
PLAIN(exit, exit, .status = r->code, .last = r->h.flags & ET_F_LAST)
PLAIN(scan, scan, .end = r->flags & ET_SCAN_END, .no_iterator = r->flags & ET_SCAN_NO_ITER,
      .no_fdinfo = r->flags & ET_SCAN_NO_FDINFO, .cut = r->flags & ET_SCAN_CUT,
      .unseen = r->flags & ET_SCAN_UNSEEN)
PLAIN(instance, instance, .ep = r->ep, .file = r->file, .table = r->table, .switches = r->switches,
      .fd = r->fd, .cloexec = r->flags & ET_INSTANCE_CLOEXEC,
      .foreign = r->flags & ET_INSTANCE_FOREIGN, .busy_poll = r->flags & ET_INSTANCE_BUSY_POLL,
      .comm = take_comm(d, r->comm))
PLAIN(entry, entry, .ep = r->ep, .file = r->file, .table = r->table, .data = r->data,
      .events = r->events, .fd = r->fd, .at = r->at, .ready = r->flags & ET_ENTRY_READY,
      .at_number = r->flags & ET_ENTRY_AT_NUMBER)
PLAIN(fdinfo, fdinfo, .ep = r->ep, .data = r->data, .events = r->events, .fd = r->fd,
      .epfd = r->epfd, .end = r->flags & ET_FDINFO_END)
PLAIN(nofile, nofile, .limit = r->limit)
PLAIN(tick, tick, .now_ns = r->h.time_ns)
PLAIN(clock, clock, .realtime_offset_ns = r->realtime_offset_ns,
      .boottime_offset_ns = r->boottime_offset_ns, .utc_offset_s = r->utc_offset_s)
PLAIN(end, tick, .now_ns = r->h.time_ns)

static int decode_start(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_start *r = data;

	(void)d;
	(void)size;
	ev->start = (struct start_event){
		.clock = {r->realtime_offset_ns, r->boottime_offset_ns, r->utc_offset_s},
		.blocked_after_ns = r->blocked_after_ns,
		.launched = r->launched != 0,
	};
	memcpy(ev->start.kernel, r->kernel, sizeof(r->kernel));
	return 0;
}

static int decode_feature(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_feature *r = data;

	(void)size;
	ev->feature.name = take_text(d->name, r->name, sizeof(r->name));
	ev->feature.state = take_text(d->state, r->state, sizeof(r->state));
	return 0;
}

static int decode_syscalls(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_syscalls *r = data;
	const char *names = (const char *)(r + 1);
	size_t len = size - sizeof(*r);

	(void)d;
	if (len && names[len - 1])
		return -EBADMSG;
	ev->syscalls = (struct syscalls_event){names, len};
	return 0;
}

static int decode_thread(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_thread *r = data;

	if (r->state > ET_THREAD_TRACED)
		return -EBADMSG;
	ev->thread = (struct thread_event){
		.switches = r->switches,
		.idle_ns = r->idle_ns,
		.cpu_ns = r->cpu_ns,
		.queued_ns = r->queued_ns,
		.reads = r->reads,
		.writes = r->writes,
		.counts_io = r->h.flags & ET_F_COUNTS_IO,
		.passed = r->h.flags & ET_F_PASSED,
		.nr = r->nr == ET_NR_I386 ? CALL_NR_I386 : r->nr,
		.state = (enum thread_state)r->state,
		.forever = r->h.flags & ET_F_FOREVER,
		.has_file = r->h.flags & ET_F_CALLFILE,
		.fd = r->fd,
		.comm = take_comm(d, r->comm),
	};
	if (!ev->thread.has_file)
		return 0;
	return decode_file(&d->file_text, &r->file, (const char *)(r + 1), size - sizeof(*r),
			   &ev->thread.file);
}

static int decode_lost(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_lost *r = data;

	(void)d;
	(void)size;
	ev->lost = (struct lost_event){.missed = r->missed};
	for (unsigned i = 0; i < ET_KIND_COUNT; i++) {
		ev->lost.total += r->count[i];
		if (i == ET_KIND_CREATE || i == ET_KIND_CTL || i == ET_KIND_WAIT)
			ev->lost.calls += r->count[i];
	}
	return 0;
}

#define EXACT(type)	sizeof(type), false
#define OPEN(type)	sizeof(type), true
#define FROM_NAME(type) offsetof(type, name), true

/* Each kind of record: its least size, whether it may be longer, and what becomes of it. */
static const struct {
	unsigned size;
	bool more;
	enum event_kind event;
	int (*decode)(struct decoder *d, const void *data, size_t size, struct event *ev);
} shapes[] = {
#define SHAPE(kind, name, shape, messages)                                                         \
	[ET_KIND_##kind] = {shape(struct et_##name), EVENT_##kind, decode_##name},
	RECORD_KINDS(SHAPE)
#undef SHAPE
};

/* None is left out: the enum event_kind refuses a second row of one kind. */
#define COUNT(...) +1
_Static_assert(RECORD_KINDS(COUNT) == ET_KIND_COUNT - 1, "record_kinds.h has all kinds of records");
#undef COUNT

static bool well_shaped(const struct et_hdr *h, size_t size)
{
	if (size < sizeof(*h) || h->size != size || h->kind >= ET_KIND_COUNT ||
	    !shapes[h->kind].size)
		return false;
	return shapes[h->kind].more ? size >= shapes[h->kind].size : size == shapes[h->kind].size;
}

int decode(struct decoder *d, const void *data, size_t size, struct event *ret_ev)
{
	const struct et_hdr *h = data;

	if (!well_shaped(h, size))
		return -EBADMSG;
	ret_ev->kind = shapes[h->kind].event;
	ret_ev->time_ns = h->time_ns;
	ret_ev->pid = h->user_tgid;
	ret_ev->tid = h->user_tid;
	return shapes[h->kind].decode(d, data, size, ret_ev);
}

struct ready_event ready_at(const struct ready_bytes *r, unsigned i)
{
	const unsigned char *at = r->bytes + (size_t)i * r->event_size;
	struct ready_event one;

	memcpy(&one.events, at, sizeof(one.events));
	memcpy(&one.data, at + (r->event_size == 12 ? 4 : 8), sizeof(one.data));
	return one;
}
