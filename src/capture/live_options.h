/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_options.h - what live.h is asked for. */
#ifndef ET_LIVE_OPTIONS_H
#define ET_LIVE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIVE_READY_MAX 1024 /* ready events of a wait that its record has room for */

struct live_options {
	unsigned max_ready;	   /* events of a ready array that are copied, 0: all */
	size_t ring_bytes;	   /* rounded up to a power of two */
	uint64_t blocked_after_ns; /* waits that are older are reported while they block */
	bool follow;		   /* processes that targets make become targets */
	bool launched;		   /* the target is held and has not run yet */
	bool no_task_storage;	   /* do as on a kernel without it */
	bool no_file_iterator;	   /* do as on a kernel that has only /proc to show the past */
	bool threads;		   /* scans of descriptors report what each thread does, too */
	uint64_t stall_ns;	   /* they come so often, 0: hardly ever */
	bool snapshot;		   /* calls are not traced: scans only */
	bool light;		   /* nobody wants to know how long epoll_ctl takes */
	bool sampling;		   /* nor wants to see each wait of a thread that has very many */
	bool io;		   /* reads and writes of watched files are traced */
	unsigned io_files;	   /* of how many at a time, at least */
	bool debug;		   /* let libbpf talk on stderr */
};

#endif
