/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live_internal.h - the live source in parts, each written by one file alone.
 */
#ifndef ET_LIVE_INTERNAL_H
#define ET_LIVE_INTERNAL_H

#include "capture/deliver.h"
#include "capture/drain.h"
#include "capture/entries.h"
#include "capture/links.h"
#include "capture/live.h"
#include "capture/load.h"
#include "capture/scan_files.h"
#include "capture/schedule.h"
#include "capture/ticks.h"
#include "capture/tracefs.h"

/* A process that the user named, or with --tree a descendant of one. */
struct named_process {
	uint32_t user_tgid, root, children;
	uint32_t tgid; /* the kernel's number */
	bool compat;   /* a 32-bit descendant: reported, not traced */
	char comm[ET_COMM_LEN];
};

struct live {
	/* live.c, at the start */
	struct live_options opt;
	int tracefs;
	enum tracefs_way tracefs_way;

	struct programs programs;    /* load.c, with choose.c */
	struct links links;	     /* links.c */
	struct named_process *named; /* attach.c */
	unsigned named_count;
	size_t named_cap;
	struct delivery delivery; /* stream.c */
	struct ring ring;	  /* drain.c */
	struct ticks ticks;	  /* ticks.c */
	struct file_scan files;	  /* scan_files.c */
	struct entries entries;	  /* entries.c */
	struct schedule schedule; /* schedule.c, and stream.c if a scan is due at once */
};

/* Delivers what a stream begins with: clocks, features, names of system calls, targets. */
void live_report_start(struct live *live);

/* What is done with the records of the ring, see stream.c. */
struct ring_hooks live_ring_hooks(struct live *live);

#endif
