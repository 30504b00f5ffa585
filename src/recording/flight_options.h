/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flight_options.h - what flight.h is asked for. */
#ifndef ET_FLIGHT_OPTIONS_H
#define ET_FLIGHT_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

struct flight_options {
	const char *path;    /* the first recording; the next ones are path.2, path.3, ... */
	uint64_t span_ns;    /* at least so much is kept, from the scan before on, */
	size_t memory_bytes; /* unless that would take more than this */
	uint64_t trigger_ns; /* waits that block for so long are reported, 0: none */
};

#endif
