/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scan_files.h - scans of descriptors: which instances the targets hold, and what these watch.
 */
#ifndef ET_SCAN_FILES_H
#define ET_SCAN_FILES_H

#include "capture/live.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A descriptor of a target that is an instance. */
struct held {
	uint64_t ep;	   /* 0: not known */
	uint32_t pid, tid; /* a thread whose descriptor table it is */
	int fd;
	uint32_t entries; /* of the instance, that the scan has reported */
};

/* What the last scan observed. */
struct file_scan {
	struct held *held; /* instances */
	unsigned held_count;
	size_t held_cap;
	unsigned last_held; /* whose entry was reported last */
	bool moved;	    /* fdinfo had more than the scan has reported: changed, or unheld */
	bool doubtful;	    /* entries may be there that no descriptor table leads to */
	size_t most_rows;   /* of an instance, when fdinfo was read last */
};

/*
 * Scans the targets' instances and what they watch, and delivers that; with fdinfo also what
 * /proc says of them, which delays the targets by 1 to 2 us for each entry. 0 or -errno.
 */
int scan_files(struct live *live, bool fdinfo);

/* Notes instances, entries and closes; for every record that comes out of the ring. */
void file_scan_note(struct file_scan *s, const void *data, size_t size);

void file_scan_free(struct file_scan *s);

#endif
