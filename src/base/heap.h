/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* heap.h - what happens at times, taken out in the order of these; equal ones in any order. */
#ifndef ET_HEAP_H
#define ET_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_item {
	uint64_t time_ns;
	void *of;
	int delta;
};

struct heap {
	struct heap_item *at;
	size_t count, cap;
};

void heap_free(struct heap *h);

/* 0 or -ENOMEM. */
int heap_add(struct heap *h, struct heap_item item);

/* Takes the earliest one out; count must not be 0. */
struct heap_item heap_take(struct heap *h);

#endif
