/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * deliver.h - records to the sink, and the time of those that user space writes.
 */
#ifndef ET_DELIVER_H
#define ET_DELIVER_H

#include "base/clock.h"
#include "event/record.h"
#include "../../bpf/wire.h"

struct delivery {
	struct clock_shift shift;
	const struct record_sink *sink; /* during live_read and its like */
	int result;			/* what the sink answered last */
};

static inline uint64_t delivery_now_ns(const struct delivery *d)
{
	return clock_now_ns(&d->shift);
}

/* The header of a record that user space writes, with the time of now. */
static inline struct et_hdr delivery_header(const struct delivery *d, enum et_kind kind,
					    size_t size)
{
	return (struct et_hdr){.kind = kind, .size = size, .time_ns = delivery_now_ns(d)};
}

/* Delivers one record; what the sink answers. */
static inline int deliver(struct delivery *d, const void *rec, size_t size)
{
	if (!d->result)
		d->result = d->sink->take(d->sink->ctx, rec, size);
	return d->result;
}

#endif
