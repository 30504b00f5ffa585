/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pace.h - how often threads wait, and how often that fails: figures that no rule judges are shown, so
 * that "nothing found" does not hide them.
 */
#ifndef ET_PACE_H
#define ET_PACE_H

#include "base/table.h"

#include <stdbool.h>
#include <stdint.h>

/* The waits of a thread that returned. */
struct pace {
	struct node by_tid;
	uint32_t pid, tid;
	uint64_t first_ns, last_ns;
	uint64_t waits;
	uint64_t empty; /* of these, that returned no event */
};

struct paces {
	struct table by_tid;
	struct pace *busiest; /* NULL: no wait has returned */
	uint64_t failed;      /* waits, but for EINTR */
	int failed_with;      /* errno of the last of them */
};

/* Counts so many waits, the last at that time, with the like of ret; for PACES_MAX threads also apart. */
void paces_count(struct paces *p, uint32_t pid, uint32_t tid, uint64_t time_ns, int64_t ret,
		 uint64_t times);

void paces_free(struct paces *p);

/* Waits a second, as far as they were traced; 0: too few to say. */
double pace_per_second(const struct pace *p);

#endif
