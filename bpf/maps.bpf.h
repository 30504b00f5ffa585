/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * maps.bpf.h - the settings, the memory and the maps that all capture programs share, and what lies
 * in these. They are defined in maps.bpf.c, which every object is linked with.
 */
#ifndef ET_MAPS_H
#define ET_MAPS_H

#include "control.h"
#include "kernel.bpf.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern const volatile struct et_settings settings;
extern struct et_shared shared; /* one memory for all objects, see capture/load.c */

struct target {
	__u32 root;   /* user's number of the process that the user named */
	__u32 seen;   /* it has made an epoll call */
	__u32 execed; /* since the attach, so that none of its calls can have begun before */
};

extern struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32); /* tgid in the initial PID namespace */
	__type(value, struct target);
} targets SEC(".maps");

extern struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 24);
} ring SEC(".maps");

/* What was read from and written to a file, and what was changed of it, see io.bpf.c. */
struct io_state {
	struct et_io_side in, out, change;
};

/*
 * By struct file *, from its registration on; what is closed goes as the least recently used. As
 * many as the targets may have descriptors, see capture/load.c.
 */
extern struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct io_state);
} io_files SEC(".maps");

/*
 * By struct file *: a call of epoll_ctl on it failed by ENOENT or EPERM, so that the program may
 * wait for what is not watched. Its close is emitted, though nothing watches it.
 */
extern struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, __u32);
} ctl_refused SEC(".maps");

/*
 * What is in an interest list no longer, or was thought to be in one: the struct file * of an
 * epoll_ctl, or of a close the number: tgid << 32 | fd, which no address can be. Scans report sockets
 * that are found by either, and are watched nowhere.
 */
extern struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, char);
} lapsed SEC(".maps");

/* How often a thread waits, and what of it is recorded: see sampling.bpf.h. */
struct sampling {
	__u64 measured_ns; /* when the pace was, and the waits by then */
	__u32 measured_waits;
	__u32 waits; /* that have returned */
	__u32 every; /* one of so many is recorded; 0: each */
	__u32 left;  /* before the next one that is */
	__u32 passed_ready, passed_empty,
		passed_failed; /* without a record, since the last like it */
	__u32 unnoted;	       /* what the wait in flight is was not noted at its entry */
	__u64 switches; /* of the thread when a scan first observed that wait, and when that was */
	__u64 observed_ns;
};

/* One thread of a target. Written by the thread itself, read by scans. */
struct thread {
	__u64 entry_ns;
	__u64 args[6];
	__u64 ep; /* of the call in flight */
	__u64 epfile;
	__u64 file;	   /* epoll_ctl: struct file * behind fd */
	__u64 reported_ns; /* entry_ns of the wait that a scan has reported */
	__u32 call;	   /* enum et_call_id of the call in flight, ET_CALL_NONE: none */
	__u32 emitted;
	__u32 tgid, tid, user_tgid, user_tid;
	__u32 calls;  /* entries seen */
	__u32 open;   /* of io_uring, see there: requests that end before the submit returns */
	__u64 silent; /* and the last one that posts no completion */
	char comm[ET_COMM_LEN]; /* as it was emitted last */
	__u32 halted;		/* state that a scan has reported; 0: it goes on */
	__u32 reserved;
	struct sampling sampling;
};

extern struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct thread);
} threads SEC(".maps");

/*
 * Where there is no task storage, before 5.11. Its elements are made beforehand: those kernels warn
 * of a program at a tracepoint that makes them as it runs, and are tainted then.
 */
extern struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32); /* tid in the initial PID namespace */
	__type(value, struct thread);
} threads_by_tid SEC(".maps");

#define READY_BYTES (ET_READY_MAX * 16)

struct described {
	struct et_file file;
	char name[ET_NAME_CAP];
};

/* epoll_wait. */
struct wait_record {
	struct et_wait w;
	union {
		__u8 events[READY_BYTES];
		struct described epfile;
	};
};

/* epoll_pwait, epoll_pwait2. */
struct pwait_record {
	struct et_wait w;
	struct et_wait_ext x;
	union {
		__u8 events[READY_BYTES];
		struct described epfile;
	};
};

struct ready_record {
	struct et_ready r;
	__u8 events[READY_BYTES];
};

/* What a scan reports with a description. */
struct watched_record {
	struct et_watched w;
	char name[ET_NAME_CAP];
};

struct thread_record {
	struct et_thread t;
	char name[ET_NAME_CAP];
};

/* Where a record is put together: it does not fit the stack. */
union scratch {
	struct et_create create;
	struct et_ctl ctl;
	struct wait_record wait;
	struct pwait_record pwait;
	struct ready_record ready;
	struct watched_record watched;
	struct thread_record thread;
};

struct scratch_room {
	union scratch scratch;
	__u32 taken; /* by how many; where programs may be preempted */
};

/* A scan runs in a task of the tool, which a target may preempt: it has one of its own. */
#define SCRATCH_OF_CALLS 0
#define SCRATCH_OF_SCANS 1

extern struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct scratch_room);
} scratches SEC(".maps");

#endif
