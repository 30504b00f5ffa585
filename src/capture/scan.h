/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scan.h - runs iterators: over tasks, and over whatever a link stands for.
 */
#ifndef ET_SCAN_H
#define ET_SCAN_H

#include "../../bpf/control.h"

#include <bpf/libbpf.h>
#include <sys/types.h>

/* The tasks that the tool's PID namespace sees; the caller frees *ret_tasks. Count or -errno. */
ssize_t scan_list_tasks(const struct bpf_link *list, struct et_task **ret_tasks);

/* Reads an iterator to its end in pieces of at most size bytes; calls fn after each. 0 or -errno. */
int scan_run(const struct bpf_link *link, size_t size, int (*fn)(void *ctx), void *ctx);

/* What a scan of threads is to report. */
enum scan_what {
	SCAN_BLOCKED = 1,     /* waits that block since blocked_since_ns or longer */
	SCAN_PRIOR = 2,	      /* waits that began before the attach */
	SCAN_SILENT = 4,      /* threads of targets that have not used epoll */
	SCAN_ALL_THREADS = 8, /* of all targets */
	SCAN_AGAIN = 16,      /* with SCAN_BLOCKED: also waits that have been reported */
};

/* Scans the targets' threads once; what is reported lies in the ring then. 0 or -errno. */
int scan_threads(const struct bpf_link *tasks, struct et_shared *shared, unsigned what,
		 uint64_t blocked_since_ns);

/*
 * Fills in, of a thread whose system call could not be read in the kernel, what
 * /proc/PID/task/TID/syscall says; false: it is no such record.
 */
bool scan_ask_proc(struct et_thread *ret_record, const void *data, size_t size);

#endif
