/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 16

bool array_room(void *at, size_t *cap, size_t want, size_t size)
{
	size_t room = *cap ? *cap : FIRST_CAP;
	void *old, *more;

	if (want <= *cap)
		return true;
	while (room < want)
		room *= 2;
	memcpy(&old, at, sizeof(old)); /* a pointer of another type */
	more = room > SIZE_MAX / 2 / size ? NULL : realloc(old, room * size);
	if (!more)
		return false;
	memcpy(at, &more, sizeof(more));
	*cap = room;
	return true;
}
