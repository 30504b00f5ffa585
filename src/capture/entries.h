/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * entries.h - whether entries of waits are traced. While a thread is sampled (bpf/sampling.bpf.h) its
 * entries are of no use and cost as much as its returns: they are detached. Other threads are then seen
 * by their returns and by scans.
 */
#ifndef ET_ENTRIES_H
#define ET_ENTRIES_H

#include "capture/links.h"

struct entries {
	unsigned fast, calm; /* scans in a row that have, or have not, met a sampled thread */
	bool off;
};

/* After a scan of threads. A failure to attach again is tried anew at the next. */
void entries_follow(struct entries *e, struct links *links, struct programs *p);

#endif
