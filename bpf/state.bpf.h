/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * state.bpf.h - the state of the current thread, and emit().
 */
#ifndef ET_STATE_H
#define ET_STATE_H

#include "maps.bpf.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

static __always_inline void note_lapse(__u64 key)
{
	char one = 1;

	if (settings.lapses_on)
		bpf_map_update_elem(&lapsed, &key, &one, BPF_ANY);
}

static __always_inline __u64 number_key(__u32 tgid, __s32 fd)
{
	return (__u64)tgid << 32 | (__u32)fd;
}

static const struct thread no_thread;

static const struct io_state no_io;

#define barrier() asm volatile("" ::: "memory")

/* The one of calls, which the caller has taken. */
static __always_inline union scratch *get_scratch(void)
{
	__u32 key = SCRATCH_OF_CALLS;

	return bpf_map_lookup_elem(&scratches, &key);
}

static __always_inline union scratch *get_scan_scratch(void)
{
	__u32 key = SCRATCH_OF_SCANS;

	return bpf_map_lookup_elem(&scratches, &key);
}

/* The current task for helpers and direct reads; NULL before 5.11. */
static __always_inline struct task_struct *current_btf(void)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf))
		return (struct task_struct *)bpf_get_current_task_btf();
	return NULL;
}

/* False: the process is no target. True: it may be one, and the map knows. */
static __always_inline bool may_be_target(__u32 tgid)
{
	return shared.near[tgid & (ET_NEAR_SLOTS - 1)];
}

/* Before the process is put into the map, and after it has been taken out. */
static __always_inline void count_near(__u32 tgid, __s32 change)
{
	__sync_fetch_and_add(&shared.near[tgid & (ET_NEAR_SLOTS - 1)], change);
}

/* Of the current task; it is read from the task, if that is at hand, rather than by another helper. */
static __always_inline __u32 tgid_of(const struct task_struct *current)
{
	return current ? current->tgid : bpf_get_current_pid_tgid() >> 32;
}

static __always_inline bool is_target(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	return may_be_target(tgid) && bpf_map_lookup_elem(&targets, &tgid);
}

static __always_inline struct task_struct *current_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

/* The number of a struct pid in the tool's namespace, 0 where it has none there. */
static __always_inline __u32 user_nr(struct pid *pid)
{
	struct upid upid = {};
	__u32 level = shared.own_level;

	if (!pid || BPF_CORE_READ(pid, level) < level)
		return 0;
	bpf_probe_read_kernel(&upid, sizeof(upid),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * sizeof(struct upid));
	return (__u64)upid.ns == shared.own_ns ? upid.nr : 0;
}

static __always_inline __u32 user_tid_of(struct task_struct *task)
{
	return user_nr(BPF_CORE_READ(task, thread_pid));
}

static __always_inline __u32 user_tgid_of(struct task_struct *task)
{
	return user_nr(BPF_CORE_READ(task, group_leader, thread_pid));
}

/* A 32-bit program; the flag that says so has another bit from kernel to kernel. */
static __always_inline bool is_compat(struct task_struct *task)
{
	unsigned long size = BPF_CORE_READ(task, mm, task_size);

	return size && size <= 1UL << 32;
}

/* The current thread's numbers; exec changes those of a thread that is not the leader. */
static __always_inline void note_numbers(struct thread *t)
{
	__u64 id = bpf_get_current_pid_tgid();

	t->tgid = id >> 32;
	t->tid = id;
	t->user_tgid = user_tgid_of(current_task());
	t->user_tid = user_tid_of(current_task());
}

static __always_inline void fill_header(struct et_hdr *h, __u16 kind, const struct thread *t)
{
	h->kind = kind;
	h->flags = 0;
	h->tgid = t->tgid;
	h->tid = t->tid;
	h->user_tgid = t->user_tgid;
	h->user_tid = t->user_tid;
}

static __always_inline void count_lost(__u32 kind)
{
	if (kind < ET_KIND_COUNT)
		__sync_fetch_and_add(&shared.lost[kind], 1);
}

/*
 * The scratch for a call's record. Where programs may be preempted, the task that comes while
 * another has it loses its record, rather than to write over the other's.
 */
static __always_inline union scratch *take_scratch(__u32 kind)
{
	__u32 key = SCRATCH_OF_CALLS;
	struct scratch_room *room = bpf_map_lookup_elem(&scratches, &key);

	if (!room)
		return NULL;
	if (settings.preemptible) {
		__sync_fetch_and_add(&room->taken, 1);
		if (*(volatile __u32 *)&room->taken != 1) {
			__sync_fetch_and_add(&room->taken, -1);
			count_lost(kind);
			return NULL;
		}
	}
	return &room->scratch;
}

static __always_inline void leave_scratch(union scratch *s)
{
	if (settings.preemptible)
		__sync_fetch_and_add(&((struct scratch_room *)s)->taken, -1);
}

/* Rare records: the reader finds them at its next tick. False: there was no room. */
static __always_inline bool emit(void *rec, __u32 size, __u32 kind)
{
	if (!bpf_ringbuf_output(&ring, rec, size, BPF_RB_NO_WAKEUP))
		return true;
	count_lost(kind);
	return false;
}

/* Emits the name of the current thread. Where there is no room the next scan does. */
static __always_inline void emit_comm(struct thread *t)
{
	struct et_comm r = {};

	fill_header(&r.h, ET_KIND_COMM, t);
	r.h.size = sizeof(r);
	r.h.time_ns = bpf_ktime_get_ns();
	bpf_get_current_comm(r.comm, sizeof(r.comm));
	if (!bpf_ringbuf_output(&ring, &r, sizeof(r), BPF_RB_NO_WAKEUP))
		__builtin_memcpy(t->comm, r.comm, sizeof(r.comm));
}

/* The state of the current thread, made if it has none and that is asked for; task is current_btf(). */
static __always_inline struct thread *stored_thread(struct task_struct *task, bool make)
{
	__u32 tid;

	if (settings.task_storage)
		return task ? bpf_task_storage_get(&threads, task, NULL,
						   make ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0)
			    : NULL;
	tid = bpf_get_current_pid_tgid();
	if (make)
		bpf_map_update_elem(&threads_by_tid, &tid, &no_thread, BPF_NOEXIST);
	return bpf_map_lookup_elem(&threads_by_tid, &tid);
}

/* Makes the state of the current thread, if it belongs to a target. */
static __noinline struct thread *new_thread(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct target *target = bpf_map_lookup_elem(&targets, &tgid);
	struct thread *t;

	if (!target)
		return NULL;
	t = stored_thread(current_btf(), true);
	if (!t)
		return NULL;
	target->seen = 1;
	note_numbers(t);
	emit_comm(t);
	return t;
}

/* The state of the current thread without making one: NULL also for a target's new thread. */
static __always_inline struct thread *known_thread(void)
{
	return stored_thread(current_btf(), false);
}

/* The state of the current thread; NULL if it is no target's, or capture is stopped. */
static __always_inline struct thread *thread_of_current(struct task_struct *task)
{
	struct thread *t;

	if (shared.stopped || !may_be_target(tgid_of(task)))
		return NULL;
	t = stored_thread(task, false);
	return t ? t : new_thread();
}

static __always_inline struct thread *current_thread(void)
{
	return thread_of_current(current_btf());
}

/* A header for the current task where it may have no state: life of a process. */
static __always_inline void fill_header_task(struct et_hdr *h, __u16 kind, __u32 size)
{
	__u64 id = bpf_get_current_pid_tgid();

	h->kind = kind;
	h->flags = 0;
	h->size = size;
	h->time_ns = bpf_ktime_get_ns();
	h->tgid = id >> 32;
	h->tid = id;
	h->user_tgid = user_tgid_of(current_task());
	h->user_tid = user_tid_of(current_task());
}

/*
 * Whether to wake the reader with a record: that costs more than the record itself. Done only when
 * much waits, and checked only at every 64th record of a thread; the rest is fetched at the tick.
 */
static __always_inline __u64 wake_flags(struct thread *t)
{
	if (!(++t->emitted & 63) &&
	    bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= settings.wake_bytes)
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

static __always_inline void emit_call(struct thread *t, void *rec, __u32 size, __u32 kind)
{
	if (bpf_ringbuf_output(&ring, rec, size, wake_flags(t)))
		count_lost(kind);
}

#endif
