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

/* A record that fills one member of the event, from a record type, without more to check. */
#define PLAIN(name, type, event_kind, member, ...)                                                 \
	static int decode_##name(struct decoder *d, const void *data, size_t size,                 \
				 struct event *ev)                                                 \
	{                                                                                          \
		const struct type *r = data;                                                       \
                                                                                                   \
		(void)d;                                                                           \
		(void)size;                                                                        \
		ev->kind = event_kind;                                                             \
		ev->member = (struct member##_event){__VA_ARGS__};                                 \
		return 0;                                                                          \
	}

PLAIN(target, et_target, EVENT_TARGET, target, r->root, r->children)
PLAIN(close, et_close, EVENT_CLOSE, close, r->fd, r->file, r->ep, r->table, r->refs)
PLAIN(fork, et_fork, EVENT_FORK, fork, r->child_user_tgid, r->h.flags &ET_F_ONE_TABLE,
      take_comm(d, r->comm))
PLAIN(exec, et_exec, EVENT_EXEC, exec, r->h.flags &ET_F_COMPAT, take_comm(d, r->comm))
PLAIN(comm, et_comm, EVENT_COMM, comm, take_comm(d, r->comm))
PLAIN(exit, et_exit, EVENT_EXIT, exit, r->code, r->h.flags &ET_F_LAST)
PLAIN(scan, et_scan, EVENT_SCAN, scan, r->flags &ET_SCAN_END, r->flags &ET_SCAN_NO_ITER,
      r->flags &ET_SCAN_NO_FDINFO, r->flags &ET_SCAN_CUT, r->flags &ET_SCAN_UNSEEN)
PLAIN(instance, et_instance, EVENT_INSTANCE, instance, r->ep, r->file, r->table, r->switches, r->fd,
      r->flags &ET_INSTANCE_CLOEXEC, r->flags &ET_INSTANCE_FOREIGN, r->flags &ET_INSTANCE_BUSY_POLL,
      take_comm(d, r->comm))
PLAIN(entry, et_entry, EVENT_ENTRY, entry, r->ep, r->file, r->table, r->data, r->events, r->fd,
      r->at, r->flags &ET_ENTRY_READY, r->flags &ET_ENTRY_AT_NUMBER)
PLAIN(fdinfo, et_fdinfo, EVENT_FDINFO, fdinfo, r->ep, r->data, r->events, r->fd, r->epfd,
      r->flags &ET_FDINFO_END)
PLAIN(nofile, et_nofile, EVENT_NOFILE, nofile, r->limit)
PLAIN(tick, et_tick, EVENT_TICK, tick, r->h.time_ns)
PLAIN(clock, et_clock, EVENT_CLOCK, clock, r->realtime_offset_ns, r->boottime_offset_ns,
      r->utc_offset_s)
PLAIN(end, et_end, EVENT_END, tick, r->h.time_ns)

static int decode_start(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_start *r = data;

	(void)d;
	(void)size;
	ev->kind = EVENT_START;
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
	ev->kind = EVENT_FEATURE;
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
	ev->kind = EVENT_SYSCALLS;
	ev->syscalls = (struct syscalls_event){names, len};
	return 0;
}

static int decode_thread(struct decoder *d, const void *data, size_t size, struct event *ev)
{
	const struct et_thread *r = data;

	if (r->state > ET_THREAD_TRACED)
		return -EBADMSG;
	ev->kind = EVENT_THREAD;
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
	ev->kind = EVENT_LOST;
	ev->lost = (struct lost_event){.missed = r->missed};
	for (unsigned i = 0; i < ET_KIND_COUNT; i++) {
		ev->lost.total += r->count[i];
		if (i == ET_KIND_CREATE || i == ET_KIND_CTL || i == ET_KIND_WAIT)
			ev->lost.calls += r->count[i];
	}
	return 0;
}

/* Each kind of record: its size, whether a name or an array may follow, and who decodes it. */
static const struct {
	unsigned size;
	bool more;
	int (*decode)(struct decoder *d, const void *data, size_t size, struct event *ev);
} shapes[ET_KIND_COUNT] = {
	[ET_KIND_START] = {sizeof(struct et_start), false, decode_start},
	[ET_KIND_FEATURE] = {sizeof(struct et_feature), false, decode_feature},
	[ET_KIND_SYSCALLS] = {sizeof(struct et_syscalls), true, decode_syscalls},
	[ET_KIND_TARGET] = {sizeof(struct et_target), false, decode_target},
	[ET_KIND_TICK] = {sizeof(struct et_tick), false, decode_tick},
	[ET_KIND_CLOCK] = {sizeof(struct et_clock), false, decode_clock},
	[ET_KIND_LOST] = {sizeof(struct et_lost), false, decode_lost},
	[ET_KIND_END] = {sizeof(struct et_end), false, decode_end},
	[ET_KIND_CREATE] = {sizeof(struct et_create), false, decode_create},
	[ET_KIND_CTL] = {offsetof(struct et_ctl, name), true, decode_ctl},
	[ET_KIND_WAIT] = {sizeof(struct et_wait), true, decode_wait},
	[ET_KIND_READY] = {sizeof(struct et_ready), true, decode_ready},
	[ET_KIND_INFLIGHT] = {sizeof(struct et_inflight), false, decode_inflight},
	[ET_KIND_CLOSE] = {sizeof(struct et_close), false, decode_close},
	[ET_KIND_FORK] = {sizeof(struct et_fork), false, decode_fork},
	[ET_KIND_EXEC] = {sizeof(struct et_exec), false, decode_exec},
	[ET_KIND_EXIT] = {sizeof(struct et_exit), false, decode_exit},
	[ET_KIND_THREAD] = {sizeof(struct et_thread), true, decode_thread},
	[ET_KIND_NOFILE] = {sizeof(struct et_nofile), false, decode_nofile},
	[ET_KIND_SCAN] = {sizeof(struct et_scan), false, decode_scan},
	[ET_KIND_INSTANCE] = {sizeof(struct et_instance), false, decode_instance},
	[ET_KIND_WATCHED] = {sizeof(struct et_watched), true, decode_watched},
	[ET_KIND_IO] = {sizeof(struct et_io), false, decode_io},
	[ET_KIND_ENTRY] = {sizeof(struct et_entry), false, decode_entry},
	[ET_KIND_COMM] = {sizeof(struct et_comm), false, decode_comm},
	[ET_KIND_FDINFO] = {sizeof(struct et_fdinfo), false, decode_fdinfo},
};

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
