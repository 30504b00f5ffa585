/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * look.h - iterators over tasks, run by user space: who is who, and what threads are doing.
 */
#ifndef ET_LOOK_H
#define ET_LOOK_H

#include "calls.h"

/* Runs in the context of the reading process: the tool itself. Notes the tool's PID namespace. */
static __always_inline void learn_own_ns(void)
{
	struct pid *pid = BPF_CORE_READ(current_task(), thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid upid = {};

	bpf_probe_read_kernel(&upid, sizeof(upid),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * sizeof(struct upid));
	own_level = level;
	own_ns = (__u64)upid.ns;
}

/* Writes a struct et_task for every task that the tool's PID namespace can see. */
SEC("iter/task") int list_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct et_task r = {};

	if (!own_ns)
		learn_own_ns();
	if (!task)
		return 0;
	r.user_tid = user_tid_of(task);
	if (!r.user_tid)
		return 0;
	r.user_tgid = user_tgid_of(task);
	r.tgid = task->tgid;
	r.tid = task->pid;
	r.user_parent = user_tgid_of(BPF_CORE_READ(task, real_parent));
	if (task->flags & PF_KTHREAD)
		r.flags |= ET_TASK_KERNEL;
	if (is_compat(task))
		r.flags |= ET_TASK_COMPAT;
	if (task->exit_state)
		r.flags |= ET_TASK_DEAD;
	bpf_probe_read_kernel(r.comm, sizeof(r.comm), &task->comm);
	bpf_seq_write(ctx->meta->seq, &r, sizeof(r));
	return 0;
}

static __always_inline bool blocked(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return task->__state & TASK_INTERRUPTIBLE;
	return BPF_CORE_READ((struct task_struct___v513 *)task, state) & TASK_INTERRUPTIBLE;
}

static __always_inline void header_of(struct et_hdr *h, struct task_struct *task, __u16 kind,
				      __u32 size)
{
	h->kind = kind;
	h->flags = 0;
	h->size = size;
	h->time_ns = bpf_ktime_get_ns();
	h->tgid = task->tgid;
	h->tid = task->pid;
	h->user_tgid = user_tgid_of(task);
	h->user_tid = user_tid_of(task);
}

static __always_inline __u32 wait_call(__s32 nr)
{
	if (nr < 0)
		return ET_CALL_NONE;
	if (nr == nr_epoll_wait)
		return ET_CALL_EPOLL_WAIT;
	if (nr == nr_epoll_pwait)
		return ET_CALL_EPOLL_PWAIT;
	if (nr == nr_epoll_pwait2)
		return ET_CALL_EPOLL_PWAIT2;
	return ET_CALL_NONE;
}

/* A wait that was in flight before the entry tracepoints were there. */
static __always_inline void tell_prior(struct task_struct *task, const __u64 *args, __u32 call)
{
	struct et_inflight r = {};
	struct file **slot, *file = NULL;
	__u32 max = BPF_CORE_READ(task, files, fdt, max_fds);

	header_of(&r.h, task, ET_KIND_INFLIGHT, sizeof(r));
	r.h.flags = ET_F_BEGAN_BEFORE;
	if ((__u32)args[0] < max) {
		slot = BPF_CORE_READ(task, files, fdt, fd);
		bpf_probe_read_kernel(&file, sizeof(file), slot + (__u32)args[0]);
	}
	r.epfile = (__u64)file;
	r.ep = eventpoll_of(file);
	fill_wait_args(&r.a, args, call);
	r.seen_ns = r.h.time_ns;
	if (armed_ns)
		r.h.time_ns = armed_ns;
	r.id = call;
	emit(&r, sizeof(r), ET_KIND_INFLIGHT);
}

static __always_inline void tell_thread(struct task_struct *task, __s32 nr)
{
	struct et_thread r = {};

	header_of(&r.h, task, ET_KIND_THREAD, sizeof(r));
	r.switches = task->nvcsw + task->nivcsw;
	r.nr = nr;
	bpf_probe_read_kernel(r.comm, sizeof(r.comm), &task->comm);
	emit(&r, sizeof(r), ET_KIND_THREAD);
}

static __always_inline struct thread *thread_of(struct task_struct *task)
{
	if (task_storage)
		return bpf_task_storage_get(&threads, task, NULL, 0);
	__u32 tid = task->pid;

	return bpf_map_lookup_elem(&threads_by_tid, &tid);
}

/* The wait that a thread of known state is in, once, if it is old enough. */
static __always_inline void tell_known(struct thread *t)
{
	struct et_inflight r = {};
	__u64 entry = t->entry_ns;
	__u32 call = t->call;

	if (call != ET_CALL_EPOLL_WAIT && call != ET_CALL_EPOLL_PWAIT &&
	    call != ET_CALL_EPOLL_PWAIT2)
		return;
	if (entry > look_blocked_since || entry == t->told_ns)
		return;
	barrier();
	fill_header(&r.h, ET_KIND_INFLIGHT, t);
	r.h.size = sizeof(r);
	r.h.time_ns = entry;
	r.ep = t->ep;
	r.epfile = t->epfile;
	fill_wait_args(&r.a, t->args, call);
	r.seen_ns = bpf_ktime_get_ns();
	r.id = call;
	barrier();
	if (t->call != call || t->entry_ns != entry)
		return; /* it returned meanwhile: its own record tells */
	if (emit(&r, sizeof(r), ET_KIND_INFLIGHT))
		t->told_ns = entry;
}

/* Emits, for the threads of all targets, what the look_* variables ask for. */
SEC("iter/task") int look(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u64 args[6] = {};
	struct target *target;
	struct thread *t;
	__s32 nr = -1;
	__u32 tgid, call;

	if (!task)
		return 0;
	tgid = task->tgid;
	target = bpf_map_lookup_elem(&targets, &tgid);
	if (!target || task->exit_state)
		return 0;
	t = thread_of(task);
	if (t && look_blocked_since)
		tell_known(t);
	if (!look_prior && !look_threads)
		return 0;
	if (!blocked(task) || !read_args(task, args, &nr))
		nr = -1;
	call = wait_call(nr);
	if (call && !(t && t->calls)) {
		target->seen = 1;
		if (look_prior)
			tell_prior(task, args, call);
	}
	if (look_threads && !target->seen)
		tell_thread(task, nr);
	return 0;
}

#endif
