/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * life.bpf.c - what ends entries and instances, and what makes and ends processes.
 *
 * The scheduler's tracepoints are attached to as raw ones: for each typed one (tp_btf) the kernel
 * searches all its types by name when the program is loaded, some 10 ms each, and once loaded
 * neither costs more than the other.
 */
#include "call_record.bpf.h"

/* Numbers of a table that are scanned: so many to the power of 3. The verifier goes through each loop. */
#define CLOSE_PIECE  128
#define CLOSE_BLOCK  (CLOSE_PIECE * CLOSE_PIECE)
#define REFS_UNKNOWN 0x7fffffff

/* How numbers are closed. */
#define CLOSE_SHARED  1 /* another table keeps all files */
#define CLOSE_CLOEXEC 2 /* only those that exec closes */

/* Has a call of epoll_ctl failed on it, so that its close answers that? */
static __always_inline bool was_refused(const struct file *file)
{
	__u64 key = (__u64)file;

	return shared.ctl_refused && bpf_map_lookup_elem(&ctl_refused, &key);
}

/* Emits that a number is about to be closed, if anything in the model depends on it. */
static __always_inline void emit_close(__s32 fd, __u64 now_ns, __u32 how)
{
	struct file *file = file_at(fd);
	struct et_close r = {};
	__s64 refs;

	if (!file)
		return;
	r.ep = eventpoll_of(file);
	if (!r.ep && !watched(file) && !was_refused(file))
		return;
	fill_header_task(&r.h, ET_KIND_CLOSE, sizeof(r));
	r.h.time_ns = now_ns;
	refs = references(file);
	r.refs = how & CLOSE_SHARED || refs < 0 || refs > REFS_UNKNOWN ? REFS_UNKNOWN : refs;
	if (!r.ep)
		note_lapse(number_key(r.h.tgid, fd));
	r.file = (__u64)file;
	r.table = (__u64)BPF_CORE_READ(current_task(), files);
	r.fd = fd;
	emit(&r, sizeof(r), ET_KIND_CLOSE);
}

static __always_inline bool closes_on_exec(__u32 fd)
{
	unsigned long *words = BPF_CORE_READ(current_task(), files, fdt, close_on_exec);
	unsigned long word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), words + fd / 64);
	return word >> (fd & 63) & 1;
}

/* Global functions with numbers as arguments, as the walk of scan_files.bpf.c has them. */
__noinline int close_number(__u32 fd, __u64 now_ns, __u32 how)
{
	if (!(how & CLOSE_CLOEXEC) || closes_on_exec(fd))
		emit_close(fd, now_ns, how);
	return 0;
}

__noinline int close_piece(__u32 first, __u32 count, __u64 now_ns, __u32 how)
{
	for (__u32 i = 0; i < CLOSE_PIECE && i < count; i++)
		close_number(first + i, now_ns, how);
	return 0;
}

__noinline int close_block(__u32 first, __u32 count, __u64 now_ns, __u32 how)
{
	for (__u32 i = 0; i < CLOSE_PIECE && i * CLOSE_PIECE < count; i++)
		close_piece(first + i * CLOSE_PIECE, count - i * CLOSE_PIECE, now_ns, how);
	return 0;
}

/* Emits every watched number from first to last; what lies beyond the scan counts as lost. */
static __always_inline void emit_closing(__u32 first, __u32 last, __u32 how)
{
	__u32 max = BPF_CORE_READ(current_task(), files, fdt, max_fds), count;
	__u64 now_ns = bpf_ktime_get_ns();

	if (!max || first >= max || last < first)
		return;
	if (last >= max)
		last = max - 1;
	count = last - first + 1;
	for (__u32 i = 0; i < CLOSE_PIECE && i * CLOSE_BLOCK < count; i++)
		close_block(first + i * CLOSE_BLOCK, count - i * CLOSE_BLOCK, now_ns, how);
	if (count > CLOSE_PIECE * CLOSE_BLOCK)
		count_lost(ET_KIND_CLOSE);
}

/* Most files that are closed are of no interest: to find that out must be quick. */
static __always_inline int on_close(struct enter_ctx *ctx, enum reads reads)
{
	struct file *file;

	if (shared.stopped || !is_target())
		return 0;
	file = read_file_at(ctx->args[0], reads);
	if (!file ||
	    (!read_watched(file, reads) && !read_eventpoll_of(file, reads) && !was_refused(file)))
		return 0;
	emit_close(ctx->args[0], bpf_ktime_get_ns(), 0);
	return 0;
}

SEC("?tracepoint/syscalls/sys_enter_close") int enter_close(struct enter_ctx *ctx)
{
	return on_close(ctx, BY_HELPER);
}

/* For kernels that have bpf_rdonly_cast. */
SEC("?tracepoint/syscalls/sys_enter_close") int enter_close_typed(struct enter_ctx *ctx)
{
	return on_close(ctx, TYPED);
}

/* Closes what new_fd was; not where it fails, because old_fd is not open, nor where both are one. */
static __always_inline int on_dup(__s32 old_fd, __s32 new_fd)
{
	if (shared.stopped || old_fd == new_fd || !is_target() || !file_at(old_fd))
		return 0;
	emit_close(new_fd, bpf_ktime_get_ns(), 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_dup2") int enter_dup2(struct enter_ctx *ctx)
{
	return on_dup(ctx->args[0], ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_enter_dup3") int enter_dup3(struct enter_ctx *ctx)
{
	if (ctx->args[2] & ~O_CLOEXEC)
		return 0; /* EINVAL */
	return on_dup(ctx->args[0], ctx->args[1]);
}

/* With CLOSE_RANGE_UNSHARE a table in use by others is copied first: no reference is the last. */
SEC("tracepoint/syscalls/sys_enter_close_range") int enter_close_range(struct enter_ctx *ctx)
{
	__u32 how = 0;

	if (shared.stopped || ctx->args[2] & CLOSE_RANGE_CLOEXEC || !is_target())
		return 0;
	if (ctx->args[2] & CLOSE_RANGE_UNSHARE &&
	    BPF_CORE_READ(current_task(), files, count.counter) > 1)
		how = CLOSE_SHARED;
	emit_closing(ctx->args[0], ctx->args[1], how);
	return 0;
}

/* Fires in the parent, before the child runs its first instruction (kernel/fork.c). */
SEC("raw_tp/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u32 child_tgid = BPF_CORE_READ(child, tgid);
	struct target *target, fresh = {};
	struct et_fork r = {};

	if (shared.stopped || !settings.follow || child_tgid == tgid || !may_be_target(tgid))
		return 0;
	target = bpf_map_lookup_elem(&targets, &tgid);
	if (!target)
		return 0;
	fresh.root = target->root;
	count_near(child_tgid, 1);
	if (bpf_map_update_elem(&targets, &child_tgid, &fresh, BPF_NOEXIST)) {
		count_near(child_tgid, -1);
		count_lost(ET_KIND_FORK);
		return 0;
	}
	__sync_fetch_and_add(&shared.alive, 1);
	fill_header_task(&r.h, ET_KIND_FORK, sizeof(r));
	if (BPF_CORE_READ(child, files) == BPF_CORE_READ(parent, files))
		r.h.flags = ET_F_ONE_TABLE;
	r.child_tgid = child_tgid;
	r.child_user_tgid = user_tid_of(child);
	bpf_probe_read_kernel(r.comm, sizeof(r.comm), &child->comm);
	emit(&r, sizeof(r), ET_KIND_FORK);
	return 0;
}

/*
 * Just before the point of no return of an exec (fs/exec.c, begin_new_exec, Linux 6.10): the
 * numbers to be closed are still there. A table that only the threads of the process share is its
 * own soon, since exec ends them.
 */
SEC("?raw_tp/sched_prepare_exec")
int BPF_PROG(on_prepare_exec, struct task_struct *task, struct linux_binprm *bprm)
{
	__u32 how = CLOSE_CLOEXEC;

	if (shared.stopped || !is_target())
		return 0;
	if (BPF_CORE_READ(task, files, count.counter) > BPF_CORE_READ(task, signal, nr_threads))
		how |= CLOSE_SHARED;
	emit_closing(0, ~0U, how);
	return 0;
}

/* After the point of no return. */
SEC("raw_tp/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct target *target = bpf_map_lookup_elem(&targets, &tgid);
	struct et_exec r = {};
	struct thread *t;

	if (shared.stopped || !target)
		return 0;
	target->execed = 1;
	t = known_thread();
	if (t) {
		note_numbers(t);
		bpf_probe_read_kernel(t->comm, sizeof(t->comm), &task->comm);
	}
	fill_header_task(&r.h, ET_KIND_EXEC, sizeof(r));
	if (is_compat(task))
		r.h.flags = ET_F_COMPAT;
	bpf_probe_read_kernel(r.comm, sizeof(r.comm), &task->comm);
	emit(&r, sizeof(r), ET_KIND_EXEC);
	return 0;
}

static __always_inline void emit_end(struct task_struct *task, bool last)
{
	struct et_exit r = {};

	fill_header_task(&r.h, ET_KIND_EXIT, sizeof(r));
	r.h.flags = last ? ET_F_LAST : 0;
	r.code = BPF_CORE_READ(task, signal, group_exit_code);
	if (!r.code)
		r.code = BPF_CORE_READ(task, exit_code);
	emit(&r, sizeof(r), ET_KIND_EXIT);
}

/*
 * Two threads that end at once may both find that none is left (kernel/exit.c counts before the
 * tracepoint): the one that takes the process out of the map is the last one. The table goes with
 * whichever thread has it alone.
 *
 * Fires before exit_files() (kernel/exit.c, do_exit): the last thread of a process still has the
 * table that is about to be closed, unless another process shares it (CLONE_FILES).
 */
SEC("raw_tp/sched_process_exit") int BPF_PROG(on_exit, struct task_struct *task)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 tgid = id >> 32, tid = id;
	bool last;

	if (!bpf_map_lookup_elem(&targets, &tgid) && !known_thread())
		return 0;
	last = BPF_CORE_READ(task, signal, live.counter) == 0 &&
	       !bpf_map_delete_elem(&targets, &tgid);
	if (!shared.stopped) {
		emit_end(task, last);
		if (BPF_CORE_READ(task, files, count.counter) == 1)
			emit_closing(0, ~0U, 0);
	}
	if (!settings.task_storage)
		bpf_map_delete_elem(&threads_by_tid, &tid);
	if (!last)
		return 0;
	count_near(tgid, -1);
	__sync_fetch_and_add(&shared.alive, -1);
	return 0;
}
