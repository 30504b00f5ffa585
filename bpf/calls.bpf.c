/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * calls.bpf.c - the epoll system calls: one record a call, written when it returns.
 *
 * At entry the registers and the identities (struct file, struct eventpoll) are noted in the
 * thread's state, because that is when the kernel looks the numbers up. User memory is read at the
 * return: at entry its page need not be resident, and a tracepoint may not fault.
 */
#include "call_record.bpf.h"
#include "unseen.bpf.h"

/* Reading arguments that a call does not have is refused at the attach. */
static __always_inline void copy_args(struct thread *t, const struct enter_ctx *ctx, __u32 call)
{
	t->args[0] = ctx->args[0];
	if (call == ET_CALL_EPOLL_CREATE || call == ET_CALL_EPOLL_CREATE1)
		return;
	t->args[1] = ctx->args[1];
	t->args[2] = ctx->args[2];
	t->args[3] = ctx->args[3];
	if (call == ET_CALL_EPOLL_CTL || call == ET_CALL_EPOLL_WAIT)
		return;
	t->args[4] = ctx->args[4];
	t->args[5] = ctx->args[5];
}

static __always_inline int on_enter(struct enter_ctx *ctx, __u32 call, enum reads reads)
{
	struct task_struct *task = current_btf();
	struct thread *t = thread_of_current(task);

	if (!t || (is_wait(call) && may_pass_over(t)))
		return 0;
	t->call = ET_CALL_NONE; /* a scan must not take half an entry for a whole one */
	barrier();
	copy_args(t, ctx, call);
	t->calls++;
	note_files(t, reads == TYPED ? task : current_task(), call, reads);
	t->entry_ns = bpf_ktime_get_ns();
	barrier();
	t->call = call;
	return 0;
}

/* The thread's side of a return: t is NULL where there is nothing to emit. */
static __always_inline struct leaving leave(struct exit_ctx *ctx, __u32 call)
{
	struct leaving l = {.ret = ctx->ret, .call = call};
	struct thread *t = current_thread();

	if (!t)
		return l;
	if (settings.sampling && is_wait(call) && is_passed_over(t, l.ret)) {
		t->call = ET_CALL_NONE;
		return l;
	}
	l.now_ns = bpf_ktime_get_ns();
	if (t->call != call) {
		l.flags = recover_entry(t, call, l.ret, l.now_ns);
		if (!l.flags)
			return l;
	}
	t->call = ET_CALL_NONE;
	t->sampling.unnoted = 0;
	l.t = t;
	return l;
}

static __always_inline int on_create(struct exit_ctx *ctx, __u32 call)
{
	struct leaving l = leave(ctx, call);
	struct et_create r;
	struct file *file;

	if (!l.t)
		return 0;
	fill_call(&r.c, &l, ET_KIND_CREATE, sizeof(r));
	file = l.ret >= 0 ? file_at(l.ret) : NULL;
	r.c.epfile = (__u64)file;
	r.c.ep = eventpoll_of(file);
	r.arg = l.t->args[0];
	r.reserved = 0;
	emit_call(l.t, &r, sizeof(r), ET_KIND_CREATE);
	return 0;
}

/* As struct epoll_event lies in user memory: packed on x86 only (uapi/linux/eventpoll.h). */
static __always_inline bool read_event(struct et_ctl *r)
{
	const void *user = (const void *)r->event_ptr;
	__u32 at_data = settings.event_size == 12 ? 4 : 8;

	r->events = 0;
	r->data = 0;
	return !bpf_probe_read_user(&r->events, sizeof(r->events), user) &&
	       !bpf_probe_read_user(&r->data, sizeof(r->data), user + at_data);
}

static __always_inline int end_ctl(const struct leaving *l)
{
	union scratch *s = l->t ? take_scratch(ET_KIND_CTL) : NULL;
	struct et_ctl *r = &s->ctl;

	if (!s)
		return 0;
	fill_ctl(r, l, (__u64)BPF_CORE_READ(current_task(), files));
	if (read_event(r))
		r->c.h.flags |= ET_F_EVENT_READ;
	emit_ctl(r, l);
	leave_scratch(s);
	return 0;
}

static __always_inline int on_ctl(struct exit_ctx *ctx)
{
	struct leaving l = leave(ctx, ET_CALL_EPOLL_CTL);

	return end_ctl(&l);
}

/*
 * epoll_ctl by its return alone, where nobody wants to know how long it took: half of what two
 * tracepoints cost everybody who makes the call. Its arguments are still in the saved registers.
 */
SEC("?tracepoint/syscalls/sys_exit_epoll_ctl") int exit_epoll_ctl_light(struct exit_ctx *ctx)
{
	struct leaving l = {.ret = ctx->ret, .call = ET_CALL_EPOLL_CTL};
	struct task_struct *task = current_btf();
	__s32 nr;

	l.t = current_thread();
	if (!l.t || !task || !read_args(task, l.t->args, &nr))
		return 0;
	l.t->calls++;
	note_files(l.t, task, ET_CALL_EPOLL_CTL, TYPED);
	l.now_ns = bpf_ktime_get_ns();
	l.t->entry_ns = l.now_ns;
	if (may_be_skipped(task) && contradicts(l.t, l.ret))
		l.flags = ET_F_SKIPPED;
	return end_ctl(&l);
}

/* The signal set and time-out that epoll_pwait and epoll_pwait2 take by pointer. */
static __always_inline void read_wait_ext(struct pwait_record *r, const struct leaving *l)
{
	__s64 ts[2] = {};
	__u64 set = 0;

	r->x.sigmask_ptr = l->t->args[4];
	r->x.sigsetsize = l->t->args[5];
	if (r->x.sigmask_ptr && !bpf_probe_read_user(&set, sizeof(set), (void *)r->x.sigmask_ptr))
		r->w.c.h.flags |= ET_F_SIGSET_READ;
	if (l->call == ET_CALL_EPOLL_PWAIT2 && r->w.a.timeout &&
	    !bpf_probe_read_user(ts, sizeof(ts), (void *)r->w.a.timeout))
		r->w.c.h.flags |= ET_F_TIMEOUT_READ;
	r->x.sigset = set;
	r->x.tv_sec = ts[0];
	r->x.tv_nsec = ts[1];
}

static __always_inline void emit_inflight(struct thread *t, __u16 flags)
{
	struct et_inflight r = {};

	fill_inflight(&r, t, t->args, t->call, t->entry_ns);
	r.h.flags = flags;
	r.ep = t->ep;
	r.epfile = t->epfile;
	emit(&r, sizeof(r), ET_KIND_INFLIGHT);
}

/*
 * A thread that is being ended (exit_group, exec by another, SIGKILL) still passes the exit
 * tracepoint, with EINTR, but never comes back to its program: the call is cut off, not returned.
 */
static __always_inline bool cut_off(const struct leaving *l)
{
	if (l->ret != -EINTR ||
	    !(BPF_CORE_READ(current_task(), pending.signal.sig[0]) & SIGKILL_BIT))
		return false;
	l->t->call = l->call;
	emit_inflight(l->t, ET_F_CUT | l->flags);
	l->t->call = ET_CALL_NONE;
	return true;
}

/*
 * A piece of a ready array, of count events. A global function: the verifier goes through it once,
 * not for each piece.
 */
__noinline int emit_piece(__u64 user, __u32 count, __u64 now_ns)
{
	union scratch *s = get_scratch();
	struct thread *t = known_thread();
	__u64 bytes = (__u64)count * settings.event_size;

	if (!s || !t)
		return 0;
	barrier_var(bytes);
	if (bytes > READY_BYTES || bpf_probe_read_user(s->ready.events, bytes, (void *)user))
		return 0;
	fill_header(&s->ready.r.h, ET_KIND_READY, t);
	s->ready.r.h.size = sizeof(s->ready.r) + bytes;
	s->ready.r.h.time_ns = now_ns;
	s->ready.r.copied = count;
	s->ready.r.event_size = settings.event_size;
	s->ready.r.reserved = 0;
	emit_call(t, &s->ready, sizeof(s->ready.r) + bytes, ET_KIND_READY);
	return 0;
}

/*
 * Ready events that the wait's own record has no room for. They come before it, so that whoever
 * reads that has all of them. Uses the scratch.
 */
static __always_inline void emit_more_ready(const struct leaving *l)
{
	__u32 left;

	if (!settings.all_ready || l->ret <= ET_READY_MAX || !l->t->ep || l->flags & ET_F_SKIPPED)
		return;
	left = l->ret - ET_READY_MAX;
	for (int i = 1; i <= ET_READY_MORE && left; i++) {
		__u32 n = left < ET_READY_MAX ? left : ET_READY_MAX;

		emit_piece(l->t->args[1] + (__u64)i * ET_READY_MAX * settings.event_size, n,
			   l->now_ns);
		left -= n;
	}
}

#define FEW_READY_BYTES 32

/* Few events, or none: written to the ring in place. Nearly every wait is such a one. */
static __always_inline int emit_small_wait(const struct leaving *l)
{
	struct {
		struct et_wait w;
		__u8 events[FEW_READY_BYTES];
	} *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	__u64 n = l->ret > 0 ? (__u32)l->ret : 0, bytes = n * settings.event_size;

	if (!r) {
		count_lost(ET_KIND_WAIT);
		return 0;
	}
	fill_wait(&r->w, l, sizeof(*r));
	barrier_var(bytes);
	if (bytes <= FEW_READY_BYTES &&
	    !bpf_probe_read_user(r->events, bytes, (void *)r->w.a.events_ptr))
		r->w.copied = n;
	bpf_ringbuf_submit(r, wake_flags(l->t));
	return 0;
}

static __always_inline bool is_small(const struct leaving *l)
{
	return l->t->ep && !l->flags && l->ret <= (__s32)(FEW_READY_BYTES / settings.event_size) &&
	       l->ret <= (__s32)settings.max_ready;
}

static __always_inline int on_wait(struct exit_ctx *ctx)
{
	struct leaving l = leave(ctx, ET_CALL_EPOLL_WAIT);
	union scratch *s;
	struct wait_record *r;
	__u64 size = sizeof(struct et_wait);

	if (!l.t || cut_off(&l))
		return 0;
	if (is_small(&l))
		return emit_small_wait(&l);
	s = take_scratch(ET_KIND_WAIT);
	if (!s)
		return 0;
	emit_more_ready(&l);
	r = &s->wait;
	fill_wait(&r->w, &l, 0);
	size += fill_tail(&r->w, &r->epfile, r->events, AT_WAIT);
	r->w.c.h.size = size;
	emit_call(l.t, r, size, ET_KIND_WAIT);
	leave_scratch(s);
	return 0;
}

static __always_inline int on_pwait(struct exit_ctx *ctx, __u32 call)
{
	struct leaving l = leave(ctx, call);
	union scratch *s;
	struct pwait_record *r;
	__u64 size = __builtin_offsetof(struct pwait_record, events);

	if (!l.t || cut_off(&l))
		return 0;
	s = take_scratch(ET_KIND_WAIT);
	if (!s)
		return 0;
	emit_more_ready(&l);
	r = &s->pwait;
	fill_wait(&r->w, &l, 0);
	read_wait_ext(r, &l);
	size += fill_tail(&r->w, &r->epfile, r->events, AT_PWAIT);
	r->w.c.h.size = size;
	emit_call(l.t, r, size, ET_KIND_WAIT);
	leave_scratch(s);
	return 0;
}

#define CALL_PROGRAMS(name, id, handler)                                                           \
	SEC("tracepoint/syscalls/sys_enter_" #name) int enter_##name(struct enter_ctx *ctx)        \
	{                                                                                          \
		return on_enter(ctx, id, BY_HELPER);                                               \
	}                                                                                          \
	SEC("tracepoint/syscalls/sys_exit_" #name) int exit_##name(struct exit_ctx *ctx)           \
	{                                                                                          \
		return handler;                                                                    \
	}

CALL_PROGRAMS(epoll_create, ET_CALL_EPOLL_CREATE, on_create(ctx, ET_CALL_EPOLL_CREATE))
CALL_PROGRAMS(epoll_create1, ET_CALL_EPOLL_CREATE1, on_create(ctx, ET_CALL_EPOLL_CREATE1))
CALL_PROGRAMS(epoll_ctl, ET_CALL_EPOLL_CTL, on_ctl(ctx))
CALL_PROGRAMS(epoll_wait, ET_CALL_EPOLL_WAIT, on_wait(ctx))
CALL_PROGRAMS(epoll_pwait, ET_CALL_EPOLL_PWAIT, on_pwait(ctx, ET_CALL_EPOLL_PWAIT))
CALL_PROGRAMS(epoll_pwait2, ET_CALL_EPOLL_PWAIT2, on_pwait(ctx, ET_CALL_EPOLL_PWAIT2))

/* The entries that a loop passes most often, for kernels that have bpf_rdonly_cast. */
#define TYPED_ENTRY(name, id)                                                                      \
	SEC("?tracepoint/syscalls/sys_enter_" #name)                                               \
	int enter_##name##_typed(struct enter_ctx *ctx)                                            \
	{                                                                                          \
		return on_enter(ctx, id, TYPED);                                                   \
	}

TYPED_ENTRY(epoll_wait, ET_CALL_EPOLL_WAIT)
TYPED_ENTRY(epoll_pwait, ET_CALL_EPOLL_PWAIT)
TYPED_ENTRY(epoll_pwait2, ET_CALL_EPOLL_PWAIT2)
