/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * task.bpf.h - another task than the current one, as both scans see it.
 */
#ifndef ET_TASK_H
#define ET_TASK_H

#include "registers.bpf.h"

static __always_inline __u32 thread_state(struct task_struct *task)
{
	__u32 state;

	if (bpf_core_field_exists(task->__state))
		state = task->__state;
	else
		state = BPF_CORE_READ((struct task_struct___v513 *)task, state);
	if (state & TASK_STOPPED)
		return ET_THREAD_STOPPED;
	/* A thread that goes on until it next enters or leaves the kernel is not frozen yet. */
	if (state & TASK_FROZEN || task->flags & PF_FROZEN ||
	    (state && BPF_CORE_READ(task, jobctl) & JOBCTL_TRAP_FREEZE))
		return ET_THREAD_FROZEN;
	if (state & TASK_TRACED)
		return ET_THREAD_TRACED;
	return state ? ET_THREAD_BLOCKED : ET_THREAD_RUNS;
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
	if (nr == settings.nr_epoll_wait)
		return ET_CALL_EPOLL_WAIT;
	if (nr == settings.nr_epoll_pwait)
		return ET_CALL_EPOLL_PWAIT;
	if (nr == settings.nr_epoll_pwait2)
		return ET_CALL_EPOLL_PWAIT2;
	return ET_CALL_NONE;
}

/* The system call that a task does not run in, as et_thread has it; args are of a 64-bit call. */
static __always_inline __s32 read_call(struct task_struct *task, __u64 *args)
{
	__s32 nr;

	if (in_i386_call(task, BY_HELPER))
		return ET_NR_I386;
	return read_args(task, args, &nr) ? nr : -2;
}

#endif
