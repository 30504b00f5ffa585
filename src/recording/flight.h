/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flight.h - a flight recorder: the last seconds of the stream in memory, written when asked.
 *
 * What it keeps is cut where a scan of the descriptors begins, because such a scan reports all that
 * a reader has to know who begins there: instances, entries, threads and the waits that they are in.
 */
#ifndef ET_FLIGHT_H
#define ET_FLIGHT_H

#include "base/failure.h"
#include "event/record.h"
#include "recording/flight_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flight;

/* Makes sure that path can be written. 0, or -errno with *failure. */
int flight_open(const struct flight_options *opt, struct flight **ret_flight,
		struct failure *failure);

/* A record_fn: takes one record. 0 or -ENOMEM. */
int flight_take(void *flight, const void *data, size_t size);

/*
 * Has what came since the last scan filled a quarter of the memory? Memory is freed from one scan
 * to the next, so three quarters stay.
 */
bool flight_wants_scan(const struct flight *f);

/* Has a wait blocked for trigger_ns that was not reported yet? In which thread, and for how long. */
bool flight_triggered(struct flight *f, uint32_t *ret_tid, uint64_t *ret_blocked_ns);

/* What a recording was made of. */
struct flight_written {
	char path[4096];
	uint64_t span_ns;
	bool short_of_memory; /* more would have been kept */
};

/* Writes what is kept into the next file. 0, or -errno with *failure. */
int flight_write(struct flight *f, struct flight_written *ret_written, struct failure *failure);

/* Takes NULL. */
void flight_close(struct flight *f);

#endif
