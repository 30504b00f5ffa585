/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/heap.h"

#include "base/array.h"

#include <errno.h>
#include <stdlib.h>

void heap_free(struct heap *h)
{
	free(h->at);
	*h = (struct heap){0};
}

int heap_add(struct heap *h, struct heap_item item)
{
	size_t i = h->count;

	if (!array_room(&h->at, &h->cap, h->count + 1, sizeof(*h->at)))
		return -ENOMEM;
	h->count++;
	for (; i && h->at[(i - 1) / 2].time_ns > item.time_ns; i = (i - 1) / 2)
		h->at[i] = h->at[(i - 1) / 2];
	h->at[i] = item;
	return 0;
}

struct heap_item heap_take(struct heap *h)
{
	struct heap_item first = h->at[0], last = h->at[--h->count];
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < h->count; i = child) {
		if (child + 1 < h->count && h->at[child + 1].time_ns < h->at[child].time_ns)
			child++;
		if (h->at[child].time_ns >= last.time_ns)
			break;
		h->at[i] = h->at[child];
	}
	h->at[i] = last;
	return first;
}
