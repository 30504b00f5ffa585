/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* array.h - arrays that grow: the room doubles when it runs out. */
#ifndef ET_ARRAY_H
#define ET_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes room for at least want elements of that size in the array whose address is *at (a pointer to the
 * pointer, of whatever type) and whose room is *cap. False: memory ran out, and all is as it was.
 */
bool array_room(void *at, size_t *cap, size_t want, size_t size);

#endif
