/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scan_tasks.bpf.c - iterators over tasks, run by user space: who is who, and what threads are doing.
 */
#include "call_record.bpf.h"
#include "task.bpf.h"

/* Runs in the context of the reading process: the tool itself. Notes the tool's PID namespace. */
static __always_inline void learn_own_ns(void)
{
	struct pid *pid = BPF_CORE_READ(current_task(), thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid upid = {};

	bpf_probe_read_kernel(&upid, sizeof(upid),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * sizeof(struct upid));
	shared.own_level = level;
	shared.own_ns = (__u64)upid.ns;
}

/* Writes a struct et_task for every task that the tool's PID namespace can see. */
SEC("iter/task") int list_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct et_task r = {};

	if (!shared.own_ns)
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

/*
 * How far CLOCK_MONOTONIC is ahead of the clock of sched_info.last_arrival. The task that reads was
 * given its CPU a moment ago, so that its own arrival shows it; the least of all scans is nearest.
 */
static __always_inline void learn_sched_clock(void)
{
	struct task_struct *task = current_task();
	__s64 ahead;

	if (!bpf_core_field_exists(task->sched_info.last_arrival))
		return;
	ahead = bpf_ktime_get_ns() - BPF_CORE_READ(task, sched_info.last_arrival);
	if (!shared.sched_clock_known || ahead < shared.sched_clock_ahead)
		shared.sched_clock_ahead = ahead;
	shared.sched_clock_known = true;
}

/* Since a thread that does not run was last given a CPU; 0: not known. */
static __always_inline __u64 idle_ns(struct task_struct *task)
{
	__s64 idle;

	if (!bpf_core_field_exists(task->sched_info.last_arrival) || !shared.sched_clock_known)
		return 0;
	idle = bpf_ktime_get_ns() - shared.sched_clock_ahead -
	       BPF_CORE_READ(task, sched_info.last_arrival);
	return idle > 0 ? idle : 1;
}

/* The struct file behind a number of another process, 0 where it is not open. */
static __always_inline struct file *file_of(struct task_struct *task, __s32 fd)
{
	struct file **slot, *file = NULL;

	if ((__u32)fd >= BPF_CORE_READ(task, files, fdt, max_fds))
		return NULL;
	slot = BPF_CORE_READ(task, files, fdt, fd);
	bpf_probe_read_kernel(&file, sizeof(file), slot + (__u32)fd);
	return file;
}

static __always_inline void emit_comm_of(struct task_struct *task)
{
	struct et_comm r = {};

	header_of(&r.h, task, ET_KIND_COMM, sizeof(r));
	bpf_probe_read_kernel(r.comm, sizeof(r.comm), &task->comm);
	emit(&r, sizeof(r), ET_KIND_COMM);
}

/* A wait that was in flight before the entry tracepoints were there. */
static __always_inline void emit_prior(struct task_struct *task, const __u64 *args, __u32 call)
{
	struct et_inflight r = {};
	struct file *file = file_of(task, args[0]);

	header_of(&r.h, task, ET_KIND_INFLIGHT, sizeof(r));
	r.h.flags = ET_F_BEGAN_BEFORE;
	r.epfile = (__u64)file;
	r.ep = eventpoll_of(file);
	fill_wait_args(&r.a, args, call);
	r.seen_ns = r.h.time_ns;
	if (shared.armed_ns)
		r.h.time_ns = shared.armed_ns;
	r.id = call;
	emit(&r, sizeof(r), ET_KIND_INFLIGHT);
	emit_comm_of(task);
}

/* Does the first argument of a system call name a descriptor? */
static __always_inline bool takes_fd(__s32 nr)
{
	__u32 word = (__u32)nr / 64;

	barrier_var(word); /* the verifier must see the bound on the very register that is used */
	if (word >= ET_FD_CALLS / 64)
		return false;
	return settings.fd_calls[word] >> (nr & 63) & 1;
}

/* Is the system call one that waits in epoll or for a futex until something comes? */
static __always_inline bool waits_forever(const __u64 *args, __s32 nr)
{
	if (nr >= 0 && nr == settings.nr_futex)
		return !args[3];
	switch (wait_call(nr)) {
	case ET_CALL_EPOLL_WAIT:
	case ET_CALL_EPOLL_PWAIT:
		return (__s32)args[3] < 0;
	case ET_CALL_EPOLL_PWAIT2:
		return !args[3];
	default:
		return false;
	}
}

/* What the kernel counts of a thread from its start on. */
static __always_inline void fill_counters(struct et_thread *r, struct task_struct *task)
{
	r->cpu_ns = BPF_CORE_READ(task, se.sum_exec_runtime);
	r->queued_ns = 0;
	if (bpf_core_field_exists(task->sched_info.run_delay))
		r->queued_ns = BPF_CORE_READ(task, sched_info.run_delay);
	r->reads = r->writes = 0;
	if (!bpf_core_field_exists(task->ioac.syscr))
		return;
	r->reads = BPF_CORE_READ(task, ioac.syscr);
	r->writes = BPF_CORE_READ(task, ioac.syscw);
	r->h.flags |= ET_F_COUNTS_IO;
}

static __always_inline void emit_thread(struct task_struct *task, const __u64 *args, __s32 nr,
					bool passed)
{
	union scratch *s = get_scan_scratch();
	struct et_thread *r = &s->thread.t;
	struct file *file;
	__u32 size = sizeof(*r);

	if (!s)
		return;
	header_of(&r->h, task, ET_KIND_THREAD, 0);
	r->switches = task->nvcsw + task->nivcsw;
	r->nr = nr;
	r->state = thread_state(task);
	r->idle_ns = r->state == ET_THREAD_RUNS ? 0 : idle_ns(task);
	r->fd = args[0];
	r->reserved = 0;
	fill_counters(r, task);
	bpf_probe_read_kernel(r->comm, sizeof(r->comm), &task->comm);
	if (r->state == ET_THREAD_BLOCKED && waits_forever(args, nr))
		r->h.flags |= ET_F_FOREVER;
	if (passed)
		r->h.flags |= ET_F_PASSED;
	file = takes_fd(nr) ? file_of(task, r->fd) : NULL;
	describe((__u64)file, AT_THREAD);
	if (file) {
		r->h.flags |= ET_F_CALLFILE;
		size += r->file.name_len & 0x7ff;
	}
	if (size > sizeof(*r) + ET_NAME_CAP)
		size = sizeof(*r) + ET_NAME_CAP;
	r->h.size = size;
	emit(r, size, ET_KIND_THREAD);
}

static __always_inline struct thread *thread_of(struct task_struct *task)
{
	if (settings.task_storage)
		return bpf_task_storage_get(&threads, task, NULL, 0);
	__u32 tid = task->pid;

	return bpf_map_lookup_elem(&threads_by_tid, &tid);
}

/* The wait that a thread of known state is in, if it is old enough: once, if not asked again. */
static __always_inline void emit_known(struct thread *t)
{
	struct et_inflight r = {};
	__u64 entry = t->entry_ns;
	__u32 call = t->call;

	if (!is_wait(call))
		return;
	if (entry > shared.scan_blocked_since || (entry == t->reported_ns && !shared.scan_again))
		return;
	barrier();
	fill_inflight(&r, t, t->args, call, entry);
	r.ep = t->ep;
	r.epfile = t->epfile;
	barrier();
	if (t->call != call || t->entry_ns != entry)
		return; /* it returned meanwhile: its own record says so */
	if (emit(&r, sizeof(r), ET_KIND_INFLIGHT))
		t->reported_ns = entry;
}

/* The state of another thread, made: its first call of epoll is a wait of which no entry was traced. */
static __always_inline struct thread *adopt_thread(struct task_struct *task)
{
	struct thread *t =
		bpf_task_storage_get(&threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!t)
		return NULL;
	t->tgid = task->tgid;
	t->tid = task->pid;
	t->user_tgid = user_tgid_of(task);
	t->user_tid = user_tid_of(task);
	t->calls++;
	return t;
}

/*
 * A wait whose entry was not noted, because its thread waited so often before. It is as old as the
 * first scan that has observed it: the thread has not run since.
 */
static __always_inline void emit_unnoted(struct task_struct *task, struct thread *t,
					 const __u64 *args, __u32 call)
{
	__u64 now_ns = bpf_ktime_get_ns(), switches = task->nvcsw + task->nivcsw;
	struct sampling *s = &t->sampling;
	struct et_inflight r = {};
	struct file *file;

	if (s->switches != switches) {
		s->switches = switches;
		s->observed_ns = now_ns;
	}
	s->unnoted = 1;
	s->left = 0; /* its return is recorded */
	if (!shared.scan_blocked_since || s->observed_ns > shared.scan_blocked_since ||
	    (s->observed_ns == t->reported_ns && !shared.scan_again))
		return;
	file = file_of(task, args[0]);
	fill_inflight(&r, t, args, call, s->observed_ns);
	r.epfile = (__u64)file;
	r.ep = eventpoll_of(file);
	if (task->nvcsw + task->nivcsw != switches || thread_state(task) == ET_THREAD_RUNS)
		return;
	if (emit(&r, sizeof(r), ET_KIND_INFLIGHT))
		t->reported_ns = s->observed_ns;
}

/* The name that a thread has by now, where another one was emitted. */
static __always_inline void emit_renamed(struct task_struct *task, struct thread *t)
{
	struct et_comm r = {};
	const __u64 *old = (const __u64 *)t->comm, *now = (const __u64 *)r.comm;

	bpf_probe_read_kernel(r.comm, sizeof(r.comm), &task->comm);
	if (old[0] == now[0] && old[1] == now[1])
		return;
	header_of(&r.h, task, ET_KIND_COMM, sizeof(r));
	if (!bpf_ringbuf_output(&ring, &r, sizeof(r), BPF_RB_NO_WAKEUP))
		__builtin_memcpy(t->comm, r.comm, sizeof(r.comm));
}

/* Has a thread been halted, by a signal or with its cgroup, or gone on, since that was emitted? */
static __always_inline bool halt_changed(struct thread *t, __u32 state)
{
	__u32 halted = state == ET_THREAD_STOPPED || state == ET_THREAD_FROZEN ? state : 0;

	if (!t || t->halted == halted)
		return false;
	t->halted = halted;
	return true;
}

#define WORDS_PIECE 128 /* words of 64 descriptors each that are read at once */
#define PIECES_MAX  16	/* 131,072 descriptors: the verifier keeps a state for each turn */

/* Are so many words from there on, in the kernel's memory, all ones? 1: yes. */
__noinline int all_ones(__u64 words, __u64 count)
{
	for (__u64 i = 0; i < WORDS_PIECE; i++) {
		unsigned long word = 0;

		if (i >= count)
			return 1;
		bpf_probe_read_kernel(&word, sizeof(word), (void *)(words + i * sizeof(word)));
		if (~word)
			return 0;
	}
	return 1;
}

/* Is each descriptor below limit in use? The table grows on demand: a small one is not full. */
static __always_inline bool is_full(struct task_struct *task, __u64 limit)
{
	__u64 words = (__u64)BPF_CORE_READ(task, files, fdt, open_fds);
	__u64 count = limit / 64, rest = (1ULL << (limit & 63)) - 1, last = 0;

	if (!limit || limit > BPF_CORE_READ(task, files, fdt, max_fds))
		return false;
	for (__u64 i = 0; i < PIECES_MAX && i * WORDS_PIECE < count; i++) {
		__u64 left = count - i * WORDS_PIECE;

		if (!all_ones(words + i * WORDS_PIECE * sizeof(last), left))
			return false;
	}
	if (count > PIECES_MAX * WORDS_PIECE)
		return false; /* not known: the rest was not read */
	bpf_probe_read_kernel(&last, sizeof(last), (void *)(words + count * sizeof(last)));
	return !rest || (last & rest) == rest;
}

static __always_inline void emit_nofile(struct task_struct *task)
{
	struct et_nofile r = {};

	r.limit = BPF_CORE_READ(task, signal, rlim[RLIMIT_NOFILE].rlim_cur);
	if (!is_full(task, r.limit))
		return;
	header_of(&r.h, task, ET_KIND_NOFILE, sizeof(r));
	emit(&r, sizeof(r), ET_KIND_NOFILE);
}

/* Emits, for the threads of all targets, what the scan_* variables ask for. */
SEC("iter/task") int scan_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u64 args[6] = {};
	struct target *target;
	struct thread *t;
	__s32 nr = -1;
	__u32 tgid, call, state;
	bool changed;

	if (!task)
		return 0;
	if (!ctx->meta->seq_num)
		learn_sched_clock();
	tgid = task->tgid;
	target = bpf_map_lookup_elem(&targets, &tgid);
	if (!target || task->exit_state)
		return 0;
	if (BPF_CORE_READ(task, io_uring))
		shared.ring_seen = true;
	t = thread_of(task);
	if (t)
		emit_renamed(task, t);
	if (t && settings.sampling && follow_pace(&t->sampling))
		shared.scan_sampled++;
	if (t && shared.scan_blocked_since)
		emit_known(t);
	state = thread_state(task);
	changed = halt_changed(t, state);
	if (!shared.scan_prior && !shared.scan_threads && !changed && !settings.sampling)
		return 0;
	if (state != ET_THREAD_RUNS)
		nr = read_call(task, args);
	call = wait_call(nr);
	if (call && !t && shared.entries_off && settings.sampling && state == ET_THREAD_BLOCKED)
		t = adopt_thread(task);
	if (call && !(t && t->calls) && (state == ET_THREAD_BLOCKED || state == ET_THREAD_FROZEN)) {
		target->seen = 1;
		if (shared.scan_prior)
			emit_prior(task, args, call);
	}
	if (call && t && t->calls && t->call == ET_CALL_NONE && settings.sampling &&
	    state == ET_THREAD_BLOCKED)
		emit_unnoted(task, t, args, call);
	if (changed || (shared.scan_threads && (shared.scan_all_threads || !target->seen)))
		emit_thread(task, args, nr, t && t->sampling.passed_ready);
	if (shared.scan_threads && shared.scan_all_threads && task->pid == task->tgid)
		emit_nofile(task);
	return 0;
}
