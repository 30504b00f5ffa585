/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ticks.h - how far the stream has come: ticks, clocks that were set, losses.
 */
#ifndef ET_TICKS_H
#define ET_TICKS_H

#include "capture/deliver.h"
#include "capture/drain.h"
#include "capture/load.h"

struct ticks {
	struct clock_offsets offsets; /* as they were delivered last */
	uint64_t last_ns;	      /* time of the last tick */
	uint64_t lost[ET_KIND_COUNT]; /* already reported */
};

/* Delivers how far other clocks are ahead, if one has been set. What comes out of the ring next may
 * be of since the last tick, and so is that. */
void ticks_report_clock(struct ticks *t, struct delivery *d, const struct et_shared *shared);

/* The time up to which all records have been delivered, which a busy ring leaves behind the clock. */
void ticks_report_time(struct ticks *t, struct delivery *d, const struct ring *ring);

/* Losses since the last time, if there were any. */
void ticks_report_lost(struct ticks *t, struct delivery *d, const struct et_shared *shared);

/* At the end, even if there were none, and with what the kernel has left out. */
void ticks_report_last_lost(struct ticks *t, struct delivery *d, const struct programs *p);

#endif
