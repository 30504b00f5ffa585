/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * life.h - what ends entries and instances, and what makes and ends processes.
 */
#ifndef ET_LIFE_H
#define ET_LIFE_H

#include "calls.h"

#define CLOSE_SCAN_MAX 1048576 /* numbers of a table that are looked at, with bpf_loop */
#define CLOSE_SCAN_FEW 256     /* without it, before 5.17 */

static __always_inline bool is_target(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	return bpf_map_lookup_elem(&targets, &tgid) != NULL;
}

/* Tells that a number is about to be closed, if anything in the model hangs on it. */
static __always_inline void tell_close(__s32 fd, bool shared)
{
	struct file *file = file_at(fd);
	struct et_close r = {};

	if (!file)
		return;
	r.ep = eventpoll_of(file);
	if (!r.ep && !watched(file))
		return;
	fill_header_task(&r.h, ET_KIND_CLOSE, sizeof(r));
	if (!shared && references(file) <= 1)
		r.h.flags = ET_F_LAST;
	r.file = (__u64)file;
	r.fd = fd;
	emit(&r, sizeof(r), ET_KIND_CLOSE);
}

struct close_scan {
	__u32 first;
	__u32 count;
	bool shared;
};

static long close_step(__u32 i, void *ctx)
{
	struct close_scan *scan = ctx;

	tell_close(scan->first + i, scan->shared);
	return 0;
}

/*
 * Tells every watched number from first to last. Without bpf_loop only the first numbers: a call
 * of it, even where it is never reached, does not load before 5.13, so loop is a constant.
 */
static __always_inline void tell_close_range(__u32 first, __u32 last, bool shared, bool loop)
{
	__u32 max = BPF_CORE_READ(current_task(), files, fdt, max_fds);
	struct close_scan scan = {.first = first, .shared = shared};

	if (!max || first >= max || last < first)
		return;
	if (last >= max)
		last = max - 1;
	scan.count = last - first + 1;
	if (loop) {
		if (scan.count > CLOSE_SCAN_MAX)
			scan.count = CLOSE_SCAN_MAX;
		bpf_loop(scan.count, close_step, &scan, 0);
	} else {
		for (__u32 i = 0; i < CLOSE_SCAN_FEW && i < scan.count; i++)
			tell_close(scan.first + i, scan.shared);
	}
}

SEC("tracepoint/syscalls/sys_enter_close") int enter_close(struct enter_ctx *ctx)
{
	if (!stopped && is_target())
		tell_close(ctx->args[0], false);
	return 0;
}

/* With CLOSE_RANGE_UNSHARE a table in use by others is copied first: no reference is the last. */
static __always_inline int on_close_range(struct enter_ctx *ctx, bool loop)
{
	bool shared;

	if (stopped || ctx->args[2] & CLOSE_RANGE_CLOEXEC || !is_target())
		return 0;
	shared = ctx->args[2] & CLOSE_RANGE_UNSHARE &&
		 BPF_CORE_READ(current_task(), files, count.counter) > 1;
	tell_close_range(ctx->args[0], ctx->args[1], shared, loop);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_close_range") int enter_close_range(struct enter_ctx *ctx)
{
	return on_close_range(ctx, true);
}

SEC("?tracepoint/syscalls/sys_enter_close_range") int enter_close_range_few(struct enter_ctx *ctx)
{
	return on_close_range(ctx, false);
}

/* Fires in the parent, before the child runs its first instruction (kernel/fork.c). */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u32 child_tgid = child->tgid;
	struct target *target, fresh = {};
	struct et_fork r = {};

	if (stopped || !follow || child_tgid == tgid)
		return 0;
	target = bpf_map_lookup_elem(&targets, &tgid);
	if (!target)
		return 0;
	fresh.root = target->root;
	if (bpf_map_update_elem(&targets, &child_tgid, &fresh, BPF_NOEXIST)) {
		count_lost(ET_KIND_FORK);
		return 0;
	}
	__sync_fetch_and_add(&alive, 1);
	fill_header_task(&r.h, ET_KIND_FORK, sizeof(r));
	r.child_tgid = child_tgid;
	r.child_user_tgid = user_tid_of(child);
	bpf_probe_read_kernel(r.comm, sizeof(r.comm), &child->comm);
	emit(&r, sizeof(r), ET_KIND_FORK);
	return 0;
}

/* After the point of no return; close-on-exec numbers are gone (fs/exec.c, begin_new_exec). */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct et_exec r = {};

	if (stopped || !is_target())
		return 0;
	fill_header_task(&r.h, ET_KIND_EXEC, sizeof(r));
	if (task->thread_info.flags & TIF_COMPAT)
		r.h.flags = ET_F_COMPAT;
	r.old_tid = old_pid;
	bpf_probe_read_kernel(r.comm, sizeof(r.comm), &task->comm);
	emit(&r, sizeof(r), ET_KIND_EXEC);
	return 0;
}

static __always_inline int tell_exit(struct task_struct *task, bool loop)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 tgid = id >> 32, tid = id;
	struct et_exit r = {};
	bool last;

	if (!bpf_map_lookup_elem(&targets, &tgid))
		return 0;
	last = task->signal->live.counter == 0;
	if (last) {
		if (!stopped && task->files->count.counter == 1)
			tell_close_range(0, ~0U, false, loop);
		bpf_map_delete_elem(&targets, &tgid);
		__sync_fetch_and_add(&alive, -1);
	}
	if (!task_storage)
		bpf_map_delete_elem(&threads_by_tid, &tid);
	if (stopped)
		return 0;
	fill_header_task(&r.h, ET_KIND_EXIT, sizeof(r));
	r.h.flags = last ? ET_F_LAST : 0;
	r.code = task->signal->group_exit_code ? task->signal->group_exit_code : task->exit_code;
	emit(&r, sizeof(r), ET_KIND_EXIT);
	return 0;
}

/*
 * Fires before exit_files() (kernel/exit.c, do_exit): the last thread of a process still has the
 * table that is about to be closed, unless another process shares it (CLONE_FILES).
 */
SEC("tp_btf/sched_process_exit") int BPF_PROG(on_exit, struct task_struct *task)
{
	return tell_exit(task, true);
}

SEC("?tp_btf/sched_process_exit") int BPF_PROG(on_exit_few, struct task_struct *task)
{
	return tell_exit(task, false);
}

#endif
