/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * links.h - loaded programs attached to tracepoints and iterators, and detached.
 */
#ifndef ET_LINKS_H
#define ET_LINKS_H

#include "capture/load.h"

#define MAX_LINKS    32
#define WAIT_ENTRIES 3 /* epoll_wait, epoll_pwait, epoll_pwait2 */

struct links {
	struct bpf_link *at[MAX_LINKS]; /* tracepoints */
	unsigned count;
	/* Entries of waits, which may be detached for a while; link NULL: it is. */
	struct wait_entry {
		struct bpf_program *program;
		struct bpf_link *link;
	} entries[WAIT_ENTRIES];
	unsigned entry_count;
	struct bpf_link *list; /* iterators */
	struct bpf_link *tasks;
	struct bpf_link *files; /* NULL: this kernel cannot scan descriptors */
	bool io_uring_attached; /* it is, once a target has a ring */
};

/* Attaches the loaded programs but those of io_uring; at the first that fails says which. */
int links_attach(struct links *l, const struct programs *p, struct bpf_program **ret_failed);

/* Attaches what sees io_uring; 0 or -errno. */
int links_attach_io_uring(struct links *l, const struct programs *p);

/* Detaches the entries of waits, and attaches them again; 0 or -errno. */
void links_detach_entries(struct links *l);
int links_attach_entries(struct links *l, const struct programs *p);

void links_detach(struct links *l);

#endif
