/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * record.h - where a source delivers its records.
 */
#ifndef ET_RECORD_H
#define ET_RECORD_H

#include <stddef.h>

/*
 * Takes one record, aligned to 8 bytes, valid during the call. Not 0: no more can be taken, the
 * source stops delivering and hands the value on.
 */
typedef int record_fn(void *ctx, const void *data, size_t size);

struct record_sink {
	record_fn *take;
	void *ctx;
};

#endif
