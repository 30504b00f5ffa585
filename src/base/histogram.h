/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * histogram.h - durations counted in buckets whose width grows with the value.
 *
 * 16 buckets to each power of two: a percentile is at most 6.25 % above the true value. The
 * extremes and the sum are exact.
 */
#ifndef ET_HISTOGRAM_H
#define ET_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS 976 /* 16 exact ones, then 60 powers of two */

struct histogram {
	uint64_t count;
	uint64_t sum;
	uint64_t max;
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t value);

/* Adds all values of another one. */
void histogram_merge(struct histogram *into, const struct histogram *h);

/*
 * The value that permille (0 to 1000) of all values do not exceed, rounded up to the bucket's upper
 * end and never above the maximum. 0 if the histogram is empty.
 */
uint64_t histogram_percentile(const struct histogram *h, unsigned permille);

#define HISTOGRAM_LOG2 64

/* Exact counts by power of two: [0] of the values 0 and 1, [i] of those from 2^i to 2^(i+1) - 1. */
void histogram_log2(const struct histogram *h, uint64_t ret_counts[HISTOGRAM_LOG2]);

#endif
