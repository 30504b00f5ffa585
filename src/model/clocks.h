/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * clocks.h - from the times of a stream to UTC, and to the time of day where it was recorded.
 *
 * A clock may be set while a trace goes on, the machine suspended, daylight saving time begin. So
 * an offset holds from a time of the stream on; the first one holds for what was before, too.
 */
#ifndef ET_CLOCKS_H
#define ET_CLOCKS_H

#include "event/event.h"

#define CLOCKS_STEPS_MAX 64 /* that are kept: the last ones */

struct clocks {
	unsigned count;
	struct {
		uint64_t since_ns;
		struct clock_event offsets;
	} steps[CLOCKS_STEPS_MAX];
};

void clocks_step(struct clocks *c, uint64_t since_ns, const struct clock_event *offsets);

/* Those that hold at a time; all 0 if the stream has not begun. */
const struct clock_event *clocks_at(const struct clocks *c, uint64_t time_ns);

/* Nanoseconds since 1970 UTC. */
uint64_t clocks_real_ns(const struct clocks *c, uint64_t time_ns);

#endif
