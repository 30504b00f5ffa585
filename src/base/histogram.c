/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/histogram.h"

#define SUB_BITS 4
#define SUB	 (1u << SUB_BITS)

static unsigned bucket_of(uint64_t value)
{
	unsigned power;

	if (value < SUB)
		return value;
	power = 63 - __builtin_clzll(value);
	return (power - SUB_BITS + 1) * SUB + ((value >> (power - SUB_BITS)) & (SUB - 1));
}

/* The largest value that falls into a bucket. */
static uint64_t bucket_end(unsigned bucket)
{
	unsigned shift;

	if (bucket < SUB)
		return bucket;
	shift = bucket / SUB - 1;
	return ((((uint64_t)SUB + bucket % SUB + 1) << shift)) - 1;
}

void histogram_add(struct histogram *h, uint64_t value)
{
	h->count++;
	h->sum += value;
	if (value > h->max)
		h->max = value;
	h->buckets[bucket_of(value)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *h)
{
	into->count += h->count;
	into->sum += h->sum;
	if (h->max > into->max)
		into->max = h->max;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->buckets[i] += h->buckets[i];
}

uint64_t histogram_percentile(const struct histogram *h, unsigned permille)
{
	uint64_t rank = (h->count * permille + 999) / 1000;
	uint64_t observed = 0;

	if (!h->count)
		return 0;
	if (!rank)
		rank = 1;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		observed += h->buckets[i];
		if (observed >= rank)
			return bucket_end(i) < h->max ? bucket_end(i) : h->max;
	}
	return h->max;
}

void histogram_log2(const struct histogram *h, uint64_t ret_counts[HISTOGRAM_LOG2])
{
	for (unsigned i = 0; i < HISTOGRAM_LOG2; i++)
		ret_counts[i] = 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		ret_counts[63 - __builtin_clzll(bucket_end(i) | 1)] += h->buckets[i];
}
