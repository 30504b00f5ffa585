/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * uring.bpf.c - epoll operations that come through io_uring: no system call tracepoint sees them.
 *
 * A request is noted when it is submitted, and its record is written at its completion, with the
 * result that the request itself holds then: the arguments of that tracepoint are others from
 * kernel to kernel. What was read here of io_uring/io_uring.c is that of Linux 6.18.
 *
 * The tracepoints are attached to as raw ones: for each typed one (tp_btf) the kernel searches all
 * its types by name when the program is loaded, some 10 ms each.
 *
 * The submitter is the thread that enters the kernel, or with IORING_SETUP_SQPOLL the kernel's
 * thread that polls, which belongs to the process since 5.12 (kernel/fork.c, create_io_thread), as
 * do the workers in whose context a request may complete.
 */
#include "call_record.bpf.h"
#include "kernel_uring.bpf.h"

#define NO_TIMEOUT (~0ULL) /* EPOLL_WAIT takes none */

/* A request in flight. */
struct request {
	struct thread t; /* the call, as if the submitter were in it */
	__u64 ring;	 /* struct io_ring_ctx * */
	__u64 user_data;
	__u64 table; /* struct files_struct * of the submitter */
	__u64 data;  /* epoll_ctl: the event, copied by the kernel before the submit */
	__u32 events;
	__u8 event_read;
	__u8 deferred; /* it need not have been issued when the submit returns */
	__u8 reserved[2];
};

/*
 * By struct io_kiocb *. Hardly ever a request ends unseen (see outlived); what such ones leave
 * behind goes as the least recently used.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct request);
} requests SEC(".maps");

static __always_inline __u32 call_of(__u8 opcode)
{
	if (opcode == IORING_OP_EPOLL_CTL)
		return ET_CALL_EPOLL_CTL;
	if (opcode == IORING_OP_EPOLL_WAIT)
		return ET_CALL_EPOLL_WAIT;
	return ET_CALL_NONE;
}

static __always_inline __u32 kind_of(__u32 call)
{
	return call == ET_CALL_EPOLL_CTL ? ET_KIND_CTL : ET_KIND_WAIT;
}

static __always_inline void emit_ctl_request(const struct request *q, const struct leaving *l)
{
	union scratch *s = take_scratch(ET_KIND_CTL);
	struct et_ctl *r = &s->ctl;

	if (!s)
		return;
	fill_ctl(r, l, q->table);
	r->events = q->events;
	r->data = q->data;
	if (q->event_read)
		r->c.h.flags |= ET_F_EVENT_READ;
	emit_ctl(r, l);
	leave_scratch(s);
}

/* The ready array can be read where its process completes the wait, not where a kernel thread does. */
static __always_inline void emit_wait_request(const struct request *q, const struct leaving *l)
{
	union scratch *s = take_scratch(ET_KIND_WAIT);
	struct wait_record *r = &s->wait;
	__u64 size = sizeof(struct et_wait);
	bool own = bpf_get_current_pid_tgid() >> 32 == q->t.tgid;

	if (!s)
		return;
	fill_wait(&r->w, l, 0);
	if (own || (!q->t.ep && q->t.epfile))
		size += fill_tail(&r->w, &r->epfile, r->events, AT_WAIT);
	r->w.c.h.size = size;
	emit_call(l->t, r, size, ET_KIND_WAIT);
	leave_scratch(s);
}

__noinline int emit_request(struct request *q, __s32 ret)
{
	struct leaving l = {.now_ns = bpf_ktime_get_ns(), .ret = ret, .flags = ET_F_IO_URING};

	if (!q || shared.stopped)
		return 0;
	l.t = &q->t;
	l.call = q->t.call;
	if (l.call == ET_CALL_EPOLL_CTL)
		emit_ctl_request(q, &l);
	else
		emit_wait_request(q, &l);
	return 0;
}

/* Is it the request that was noted? Its memory may be in use for another one. */
static __always_inline bool is_same(const struct request *q, struct io_kiocb *req)
{
	return q->ring == (__u64)BPF_CORE_READ(req, ctx) &&
	       q->user_data == BPF_CORE_READ(req, cqe.user_data) &&
	       q->t.call == call_of(BPF_CORE_READ(req, opcode));
}

static __always_inline void forget(__u64 key)
{
	if (!bpf_map_delete_elem(&requests, &key))
		__sync_fetch_and_add(&shared.requests_noted, -1);
}

/* The thread's state with another call in it: numbers stay, and the count of what it emitted. */
static __always_inline void begin_request(struct request *q, struct thread *t, __u32 call)
{
	t->emitted++;
	q->t.tgid = t->tgid;
	q->t.tid = t->tid;
	q->t.user_tgid = t->user_tgid;
	q->t.user_tid = t->user_tid;
	q->t.emitted = t->emitted;
	q->t.call = call;
	q->t.entry_ns = bpf_ktime_get_ns();
	q->table = (__u64)BPF_CORE_READ(current_task(), files);
}

/* The event of an ADD or MOD lies in the request. For DEL the kernel does not even take a pointer. */
static __always_inline void read_ctl(struct request *q, const struct io_epoll *cmd)
{
	const void *event = (const void *)cmd + bpf_core_field_offset(struct io_epoll, event);

	q->t.args[0] = BPF_CORE_READ(cmd, epfd);
	q->t.args[1] = BPF_CORE_READ(cmd, op);
	q->t.args[2] = BPF_CORE_READ(cmd, fd);
	if ((__s32)q->t.args[1] == EPOLL_CTL_DEL)
		return;
	q->event_read = !bpf_probe_read_kernel(&q->events, sizeof(q->events), event) &&
			!bpf_probe_read_kernel(&q->data, sizeof(q->data),
					       event + (settings.event_size == 12 ? 4 : 8));
}

static __always_inline void read_wait(struct request *q, struct io_kiocb *req,
				      const struct io_epoll_wait *cmd)
{
	q->t.args[0] = BPF_CORE_READ(req, cqe.fd);
	q->t.args[3] = NO_TIMEOUT;
	if (!bpf_core_type_exists(struct io_epoll_wait))
		return;
	q->t.args[1] = (__u64)BPF_CORE_READ(cmd, events);
	q->t.args[2] = BPF_CORE_READ(cmd, maxevents);
}

/* Does it end before the submit returns? Only with a result: a wait goes on when there is none. */
static __always_inline bool ends_at_once(const struct request *q)
{
	return q->t.call == ET_CALL_EPOLL_CTL && !q->deferred;
}

/* One that was to end at once has ended, or will not; false: it was not one of this thread. */
static __always_inline bool no_longer_open(const struct request *q, struct thread *t)
{
	if (!ends_at_once(q) || !t || t->tid != q->t.tid || !t->open)
		return false;
	t->open--;
	return true;
}

/*
 * The memory of a noted request is used again, so it has ended without a completion: it was to
 * post none where it succeeds and was done later than at once, or the completion queue was full.
 * Those that ended at once have been counted when their thread left the call.
 */
static __always_inline void outlived(__u64 key, struct thread *t)
{
	struct request *q = bpf_map_lookup_elem(&requests, &key);

	if (!q)
		return;
	if (!ends_at_once(q) || no_longer_open(q, t))
		count_lost(kind_of(q->t.call));
	forget(key);
}

/* Copies the noted request and forgets it; false: there is none, or its memory is another's now. */
static __always_inline bool take(struct request *ret_q, struct io_kiocb *req)
{
	__u64 key = (__u64)req;
	struct request *q = bpf_map_lookup_elem(&requests, &key);

	if (!q)
		return false;
	*ret_q = *q;
	forget(key);
	if (is_same(ret_q, req))
		return true;
	if (!ends_at_once(ret_q))
		count_lost(kind_of(ret_q->t.call));
	return false;
}

/*
 * A request that posts no completion where it succeeds (IOSQE_CQE_SKIP_SUCCESS) passes no
 * tracepoint at its end. One that was issued at once has ended when its thread submits the next one
 * or leaves the call: where it succeeded its flag is still there, a failure takes it away.
 */
static __always_inline void settle(struct thread *t)
{
	__u64 key = t->silent;
	struct io_kiocb *req = (void *)key;
	struct request *q, done;

	if (!key)
		return;
	t->silent = 0;
	q = bpf_map_lookup_elem(&requests, &key);
	if (!q || q->deferred || q->t.tid != t->tid ||
	    !(BPF_CORE_READ(req, flags) & REQ_F_CQE_SKIP))
		return;
	if (take(&done, req)) {
		no_longer_open(&done, t);
		emit_request(&done, BPF_CORE_READ(req, cqe.res));
	}
}

/* Is epfd an index into the files of the ring? */
static __always_inline bool names_slot(__u32 call, __u32 flags)
{
	return call == ET_CALL_EPOLL_WAIT && flags & REQ_F_FIXED_FILE;
}

static __always_inline void note_request(struct thread *t, struct io_kiocb *req, __u32 call)
{
	const void *cmd = (const void *)req + bpf_core_field_offset(struct io_kiocb, cmd);
	__u64 key = (__u64)req;
	__u32 flags = BPF_CORE_READ(req, flags);
	struct request q = {};

	begin_request(&q, t, call);
	q.ring = (__u64)BPF_CORE_READ(req, ctx);
	q.user_data = BPF_CORE_READ(req, cqe.user_data);
	if (call == ET_CALL_EPOLL_CTL)
		read_ctl(&q, cmd);
	else
		read_wait(&q, req, cmd);
	if (!names_slot(call, flags))
		note_files(&q.t, current_task(), call, BY_HELPER);
	q.deferred =
		(flags & (REQ_F_IO_DRAIN | REQ_F_LINK | REQ_F_HARDLINK | REQ_F_FORCE_ASYNC)) != 0;
	if (bpf_map_update_elem(&requests, &key, &q, BPF_ANY)) {
		count_lost(kind_of(call));
		return;
	}
	__sync_fetch_and_add(&shared.requests_noted, 1);
	if (!ends_at_once(&q))
		return;
	t->open++;
	if (flags & REQ_F_CQE_SKIP)
		t->silent = key;
}

static __always_inline int on_submit(struct io_kiocb *req)
{
	__u32 call = call_of(BPF_CORE_READ(req, opcode));
	struct thread *t;

	if (!call)
		return 0;
	t = current_thread();
	if (!t)
		return 0;
	settle(t);
	outlived((__u64)req, t);
	note_request(t, req, call);
	return 0;
}

/* Fires when a request is prepared, before it is issued or put into a chain. Linux 6.4. */
SEC("?raw_tp/io_uring_submit_req") int BPF_PROG(on_submit_req, struct io_kiocb *req)
{
	return on_submit(req);
}

/* The same from 6.0 on. */
SEC("?raw_tp/io_uring_submit_sqe") int BPF_PROG(on_submit_sqe, struct io_kiocb *req)
{
	return on_submit(req);
}

/* Of its own, so that this request and one that is settled have one place on the stack. */
static __noinline int emit_refused(const struct io_uring_sqe *sqe, int error)
{
	__u32 call = call_of(BPF_CORE_READ(sqe, opcode));
	struct thread *t = current_thread();
	struct request q = {};

	if (!t)
		return 0;
	begin_request(&q, t, call);
	q.t.args[0] = BPF_CORE_READ(sqe, fd);
	q.t.args[1] =
		call == ET_CALL_EPOLL_CTL ? BPF_CORE_READ(sqe, len) : BPF_CORE_READ(sqe, addr);
	q.t.args[2] = call == ET_CALL_EPOLL_CTL ? BPF_CORE_READ(sqe, off) : BPF_CORE_READ(sqe, len);
	q.t.args[3] = call == ET_CALL_EPOLL_CTL ? BPF_CORE_READ(sqe, addr) : NO_TIMEOUT;
	if (!names_slot(call, BPF_CORE_READ(sqe, flags)))
		note_files(&q.t, current_task(), call, BY_HELPER);
	emit_request(&q, error);
	return 0;
}

static __noinline int settle_current(void)
{
	struct thread *t = current_thread();

	if (t)
		settle(t);
	return 0;
}

/* A request that is refused while it is prepared, as for a bad pointer: it is never submitted. */
SEC("?raw_tp/io_uring_req_failed")
int BPF_PROG(on_submit_failed, const struct io_uring_sqe *sqe, struct io_kiocb *req, int error)
{
	if (!call_of(BPF_CORE_READ(sqe, opcode)))
		return 0;
	settle_current();
	emit_refused(sqe, error);
	return 0;
}

/* Fires when a completion is posted, in whatever context. Some completions have no request. */
SEC("?raw_tp/io_uring_complete") int BPF_PROG(on_complete, void *ring, struct io_kiocb *req)
{
	struct request q;
	struct file *file;

	if (!shared.requests_noted || !take(&q, req))
		return 0;
	no_longer_open(&q, known_thread());
	if (q.t.call == ET_CALL_EPOLL_WAIT) {
		file = BPF_CORE_READ(req, file); /* what it was issued on */
		if (file) {
			q.t.epfile = (__u64)file;
			q.t.ep = eventpoll_of(file);
		}
	}
	emit_request(&q, BPF_CORE_READ(req, cqe.res));
	return 0;
}

/* A request is cancelled since one before it in the chain failed; it may post no completion. */
SEC("?raw_tp/io_uring_fail_link")
int BPF_PROG(on_fail_link, struct io_kiocb *req, struct io_kiocb *link)
{
	struct request q;

	if (shared.requests_noted && take(&q, link))
		emit_request(&q, -ECANCELED);
	return 0;
}

static __always_inline int defer(struct io_kiocb *req)
{
	__u64 key = (__u64)req;
	struct request *q;

	if (!shared.requests_noted)
		return 0;
	q = bpf_map_lookup_elem(&requests, &key);
	if (!q)
		return 0;
	no_longer_open(q, known_thread());
	q->deferred = 1;
	return 0;
}

/* Behind another one in a chain. */
SEC("?raw_tp/io_uring_link") int BPF_PROG(on_link, struct io_kiocb *req)
{
	return defer(req);
}

/* To a worker, since it would have to wait for a lock. */
SEC("?raw_tp/io_uring_queue_async_work") int BPF_PROG(on_queue_async, struct io_kiocb *req)
{
	return defer(req);
}

SEC("?tracepoint/syscalls/sys_exit_io_uring_enter")
int exit_io_uring_enter(struct exit_ctx *ctx)
{
	struct thread *t;

	if (shared.stopped || !shared.requests_noted)
		return 0;
	t = known_thread();
	if (!t)
		return 0;
	settle(t);
	if (t->open) { /* ended, but the completion queue was full */
		__sync_fetch_and_add(&shared.lost[ET_KIND_CTL], t->open);
		t->open = 0;
	}
	return 0;
}
