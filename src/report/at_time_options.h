/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* at_time_options.h - the time whose state at_time.h finds. */
#ifndef ET_AT_TIME_OPTIONS_H
#define ET_AT_TIME_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* A time of day as lines show it, or the time since the first event. */
struct at_time_options {
	bool of_day;
	uint64_t ns;
};

#endif
