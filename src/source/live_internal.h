/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live_internal.h - what the files of the live source share.
 */
#ifndef ET_LIVE_INTERNAL_H
#define ET_LIVE_INTERNAL_H

#include "source/live.h"
#include "source/tracefs.h"
#include "../../bpf/wire.h"
#include "epolltrace.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define MAX_LINKS 32

struct live {
	struct live_options opt;
	struct epolltrace_bpf *skel;
	struct ring_buffer *ring;
	const struct record_sink *sink; /* during live_read and its like */
	int sink_result;		/* what the sink answered last */
	int tracefs;
	enum tracefs_way tracefs_way;
	struct bpf_link *links[MAX_LINKS];
	unsigned link_count;
	struct bpf_link *list_link; /* iterators */
	struct bpf_link *look_link;
	uint64_t next_look_ns;
	uint64_t threads_due_ns; /* when the threads of silent targets are told again; 0: done */
	uint64_t lost[ET_KIND_COUNT]; /* already told */
	bool has_loop, has_pt_regs, has_prepare_exec, has_typed_reads;
	struct {
		uint32_t user_tgid, root, children;
		bool compat; /* a 32-bit descendant: told, not traced */
		char comm[ET_COMM_LEN];
	} * named; /* the processes that the user named, and with --tree their descendants */
	unsigned named_count;
};

uint64_t live_now_ns(void);

/* The tasks that the tool's PID namespace sees; the caller frees *ret_tasks. Count or -errno. */
ssize_t live_tasks(struct live *live, struct et_task **ret_tasks);

/* Runs the look iterator once; what it emits lies in the ring then. */
int live_look(struct live *live, uint64_t blocked_since_ns, bool prior, bool threads);

#endif
