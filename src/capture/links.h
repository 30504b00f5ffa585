/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * links.h - loaded programs attached to tracepoints and iterators, and detached.
 */
#ifndef ET_LINKS_H
#define ET_LINKS_H

#include "capture/load.h"

#define MAX_LINKS 32

struct links {
	struct bpf_link *at[MAX_LINKS]; /* tracepoints */
	unsigned count;
	struct bpf_link *list; /* iterators */
	struct bpf_link *tasks;
	struct bpf_link *files; /* NULL: this kernel cannot scan descriptors */
	bool io_uring_attached; /* as it is from when a target is seen to have a ring */
};

/* Attaches the loaded programs but those of io_uring; at the first that fails says which. */
int links_attach(struct links *l, const struct programs *p, struct bpf_program **ret_failed);

/* Attaches what sees io_uring; 0 or -errno. */
int links_attach_io_uring(struct links *l, const struct programs *p);

void links_detach(struct links *l);

#endif
