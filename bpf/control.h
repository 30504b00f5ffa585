/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * control.h - what user space and the capture programs exchange beside the records.
 *
 * The programs stand in several objects, which are loaded at once by a thread each. All have the
 * same settings, and one memory for what changes: that of bpf/maps.bpf.c.
 */
#ifndef ET_CONTROL_H
#define ET_CONTROL_H

#include "wire.h"
#include <linux/types.h>
#include <stdbool.h>

/* Stands in for the kernel's bpf_rdonly_cast, whose number capture/prepare.c knows. */
#define ET_CALL_RDONLY_CAST 0x7e7e0001

/* Written by user space before the load: to the verifier these are constants. */
struct et_settings {
	__u64 wake_bytes;		  /* wake the reader when so much lies in the ring */
	__u64 fd_calls[ET_FD_CALLS / 64]; /* system calls that begin with a number, a bit each */
	__u8 io_calls[ET_FD_CALLS];	  /* what each does to the file behind it: ET_IO_* */
	__u32 max_ready;		  /* events of a ready array that are copied */
	__u32 event_size;		  /* of struct epoll_event in the targets */
	__s32 nr_epoll_wait;		  /* system call numbers, -1: the architecture lacks it */
	__s32 nr_epoll_pwait;
	__s32 nr_epoll_pwait2;
	__s32 nr_futex;
	__s32 nr_fcntl;
	__u32 id_task_struct; /* numbers of types in the kernel's BTF, for bpf_rdonly_cast */
	__u32 id_file;
	__u32 id_fdtable;
	bool all_ready;	      /* beyond max_ready, events come in records of their own */
	bool follow;	      /* processes that targets make become targets */
	bool io_on;	      /* reads and writes of watched files are seen */
	bool sampling;	      /* of threads that wait very often, some waits are recorded */
	bool lapses_on;	      /* scans report sockets that are watched no longer */
	bool task_storage;    /* else a hash map by TID serves (before 5.11) */
	bool saved_registers; /* of system calls can be read (5.15) */
	bool preemptible;     /* another task may run programs while one is under way (7.3) */
};

#define ET_NEAR_SLOTS 1024

/* What user space reads or writes while capture runs. */
struct et_shared {
	/*
	 * How many targets have a number that ends so (its last bits, in the initial PID namespace). 0
	 * says of nearly every other process, without a look-up, that it is none.
	 */
	__u32 near[ET_NEAR_SLOTS];
	__u64 lost[ET_KIND_COUNT]; /* records that found no room, by kind */
	__s64 alive;		   /* target processes that have not ended */
	__u64 armed_ns;	  /* when the attach was complete: what began before has no entry */
	__u64 own_ns;	  /* the tool's struct pid_namespace * */
	__u32 own_level;  /* and its depth */
	bool stopped;	  /* nothing more is captured */
	bool entries_off; /* entries of waits are not seen now, see capture/entries.c */

	/* What a scan is to report, and what it has found; see scan_tasks.bpf.c and scan_files.bpf.c. */
	bool scan_again;	  /* of blocked waits: also what has been reported */
	bool scan_prior;	  /* waits that began before the attach */
	bool scan_threads;	  /* what each thread of a process does that used no epoll yet */
	bool scan_all_threads;	  /* with scan_threads: of any target */
	bool scan_collects;	  /* the first pass over descriptors */
	__u32 scan_sampled;	  /* threads of which not all waits are recorded */
	bool scan_was_cut;	  /* something was left out */
	bool queue_was_cut;	  /* the queue that was added up last has more buffers */
	bool ring_seen;		  /* a target has made an io_uring */
	bool sched_clock_known;	  /* see learn_sched_clock() */
	__s64 sched_clock_ahead;  /* of CLOCK_MONOTONIC */
	__u64 scan_blocked_since; /* waits entered before this time (ns); 0: none */

	bool ctl_refused;     /* there is something in ctl_refused, see maps.bpf.h */
	__u64 eventpoll_fops; /* struct file_operations * of instances, learned from the first one */
	__s64 requests_noted; /* of io_uring; 0: no completion needs to be examined */
};

#endif
