/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/blocked.h"

#include <errno.h>
#include <stdlib.h>

void changes_free(struct changes *c)
{
	free(c->at);
	*c = (struct changes){0};
}

int changes_add(struct changes *c, struct change change)
{
	size_t i = c->count;

	if (c->count == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 64;
		struct change *more = realloc(c->at, cap * sizeof(*more));

		if (!more)
			return -ENOMEM;
		c->at = more;
		c->cap = cap;
	}
	c->count++;
	for (; i && c->at[(i - 1) / 2].time_ns > change.time_ns; i = (i - 1) / 2)
		c->at[i] = c->at[(i - 1) / 2];
	c->at[i] = change;
	return 0;
}

struct change changes_take(struct changes *c)
{
	struct change first = c->at[0], last = c->at[--c->count];
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < c->count; i = child) {
		if (child + 1 < c->count && c->at[child + 1].time_ns < c->at[child].time_ns)
			child++;
		if (c->at[child].time_ns >= last.time_ns)
			break;
		c->at[i] = c->at[child];
	}
	c->at[i] = last;
	return first;
}
