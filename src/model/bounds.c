/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/bounds.h"

#include <stdlib.h>
#include <string.h>

#define OVERHEAD 48 /* of the allocation, and of the tables that it hangs in */

void *bounds_alloc(struct bounds *b, size_t size)
{
	void *p = size + OVERHEAD <= b->bytes_left ? calloc(1, size) : NULL;

	if (p)
		b->bytes_left -= size + OVERHEAD;
	else
		b->reached = true;
	return p;
}

void bounds_free(struct bounds *b, void *p, size_t size)
{
	if (p)
		b->bytes_left += size + OVERHEAD;
	free(p);
}

char *bounds_copy(struct bounds *b, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = bounds_alloc(b, size);

	return copy ? memcpy(copy, text, size) : NULL;
}

void bounds_free_text(struct bounds *b, char *text)
{
	bounds_free(b, text, text ? strlen(text) + 1 : 0);
}
