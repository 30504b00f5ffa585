/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * call_record.bpf.h - the records of epoll operations, whether they come as system calls or not.
 */
#ifndef ET_CALL_RECORD_H
#define ET_CALL_RECORD_H

#include "file.bpf.h"
#include "sampling.bpf.h"

/* What the system call tracepoints hand over (kernel/trace/trace_syscalls.c). */
struct enter_ctx {
	__u64 common;
	long nr;
	__u64 args[6];
};

struct exit_ctx {
	__u64 common;
	long nr;
	long ret;
};

/* The files of the call that a task is in. */
static __always_inline void note_files(struct thread *t, struct task_struct *task, __u32 call,
				       enum reads reads)
{
	struct file *file;

	if (call == ET_CALL_EPOLL_CREATE || call == ET_CALL_EPOLL_CREATE1)
		return;
	file = read_file_of(task, t->args[0], reads);
	t->epfile = (__u64)file;
	t->ep = read_eventpoll_of(file, reads);
	if (call == ET_CALL_EPOLL_CTL)
		t->file = (__u64)read_file_of(task, t->args[2], reads);
}

/* A call that is returning. */
struct leaving {
	struct thread *t;
	__u64 now_ns;
	__s32 ret;
	__u16 call;
	__u16 flags;
};

/* Fills what all calls share. */
static __always_inline void fill_call(struct et_call *c, const struct leaving *l, __u16 kind,
				      __u32 size)
{
	const struct thread *t = l->t;

	fill_header(&c->h, kind, t);
	c->h.flags = l->flags;
	c->h.size = size;
	c->h.time_ns = t->entry_ns;
	c->duration_ns = l->now_ns - t->entry_ns;
	c->ep = t->ep;
	c->epfile = t->epfile;
	c->ret = l->ret;
	c->id = l->call;
	c->refs = 0;
}

static __always_inline void fill_ctl(struct et_ctl *r, const struct leaving *l, __u64 table)
{
	fill_call(&r->c, l, ET_KIND_CTL, 0);
	r->epfd = l->t->args[0];
	r->op = l->t->args[1];
	r->fd = l->t->args[2];
	r->event_ptr = l->t->args[3];
	r->table = table;
}

/* Notes a file that the program may wait for in vain. */
static __always_inline void note_refused(const struct et_ctl *r, __u64 file)
{
	__u32 one = 1;

	if ((r->c.ret != -ENOENT && r->c.ret != -EPERM) || r->op == EPOLL_CTL_DEL || !file)
		return;
	bpf_map_update_elem(&ctl_refused, &file, &one, BPF_ANY);
	shared.ctl_refused = true;
}

/* After this call the file is watched no longer, or not though the program thought so. */
static __always_inline void note_end_of_watch(struct et_ctl *r, __u64 file)
{
	__s64 refs;

	if (!file || r->c.h.flags & ET_F_SKIPPED)
		return;
	refs = references((struct file *)file);
	r->c.refs = refs < 0 || refs > 0xffff ? 0xffff : refs;
	if ((r->op == EPOLL_CTL_DEL && !r->c.ret) ||
	    (r->op == EPOLL_CTL_MOD && r->c.ret == -ENOENT))
		note_lapse(file);
}

/* Describes the files of a filled record, and writes it. */
static __always_inline void emit_ctl(struct et_ctl *r, const struct leaving *l)
{
	__u32 size;

	if (settings.io_on && r->op == EPOLL_CTL_ADD && !r->c.ret &&
	    !(r->c.h.flags & ET_F_SKIPPED)) /* the address may have been another's */
		bpf_map_delete_elem(&io_files, &l->t->file);
	note_refused(r, l->t->file);
	note_end_of_watch(r, l->t->file);
	describe(l->t->file, AT_CTL);
	size = __builtin_offsetof(struct et_ctl, name) + (r->file.name_len & 0x7ff);
	if (!r->c.ep && r->c.epfile) {
		r->c.h.flags |= ET_F_EPFILE;
		describe(r->c.epfile, AT_CTL_EPFILE);
		size = sizeof(*r);
	}
	if (size > sizeof(*r))
		size = sizeof(*r);
	r->c.h.size = size;
	emit_call(l->t, r, size, ET_KIND_CTL);
}

static __always_inline void fill_wait_args(struct et_wait_args *a, const __u64 *args, __u32 call)
{
	a->epfd = args[0];
	a->maxevents = args[2];
	a->events_ptr = args[1];
	a->timeout = call == ET_CALL_EPOLL_PWAIT2 ? (__s64)args[3] : (__s32)args[3];
}

static __always_inline bool is_wait(__u32 call)
{
	return call == ET_CALL_EPOLL_WAIT || call == ET_CALL_EPOLL_PWAIT ||
	       call == ET_CALL_EPOLL_PWAIT2;
}

/* A wait of that thread which has not returned; its epfd is args[0]. */
static __always_inline void fill_inflight(struct et_inflight *r, const struct thread *t,
					  const __u64 *args, __u32 call, __u64 entry_ns)
{
	fill_header(&r->h, ET_KIND_INFLIGHT, t);
	r->h.size = sizeof(*r);
	r->h.time_ns = entry_ns;
	fill_wait_args(&r->a, args, call);
	r->seen_ns = bpf_ktime_get_ns();
	r->id = call;
}

static __always_inline void fill_wait(struct et_wait *w, const struct leaving *l, __u32 size)
{
	fill_call(&w->c, l, ET_KIND_WAIT, size);
	fill_wait_args(&w->a, l->t->args, l->call);
	w->copied = 0;
	w->event_size = settings.event_size;
	w->others = 0;
	if (settings.sampling) {
		w->others = take_passed(l->t, l->ret);
		if (l->t->sampling.every)
			w->c.h.flags |= ET_F_SAMPLED;
	}
}

/* Copies the ready array; returns the bytes copied. */
static __always_inline __u64 read_ready(struct et_wait *w, __u8 *events)
{
	__u64 n = (__u32)w->c.ret, bytes;

	if (w->c.ret <= 0 || w->c.h.flags & ET_F_SKIPPED)
		return 0;
	if (n > settings.max_ready)
		n = settings.max_ready;
	bytes = n * settings.event_size;
	barrier_var(bytes); /* the verifier must see the bound on the very register that is used */
	if (bytes > READY_BYTES)
		return 0;
	if (bpf_probe_read_user(events, bytes, (void *)w->a.events_ptr))
		return 0;
	w->copied = n;
	return bytes;
}

/*
 * What follows the fixed part: what epfd is if it is no instance, else the ready events.
 * Both begin at one place. Returns the bytes of it.
 */
static __always_inline __u64 fill_tail(struct et_wait *w, struct described *d, __u8 *events,
				       enum described_at at)
{
	if (w->c.ep || !w->c.epfile)
		return read_ready(w, events);
	w->c.h.flags |= ET_F_EPFILE;
	describe(w->c.epfile, at);
	return __builtin_offsetof(struct described, name) + (d->file.name_len & 0x7ff);
}

#endif
