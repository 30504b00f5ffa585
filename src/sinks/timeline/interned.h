/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interned.h - numbers for texts that come again and again: each text is written once.
 */
#ifndef ET_INTERNED_H
#define ET_INTERNED_H

#include "base/table.h"

#include <stdbool.h>
#include <string.h>

#define INTERNED_RECENT 64 /* a power of two */

struct interned {
	struct table by_text;
	/* Those that came last, so that a loop's few texts need no search. */
	struct recent {
		const char *text; /* a constant */
		uint64_t number;
	} recent[INTERNED_RECENT];
	struct word *latest[INTERNED_RECENT]; /* of all, by length and last byte */
};

static inline unsigned interned_slot(const char *text)
{
	return ((uintptr_t)text ^ (uintptr_t)text >> 6) % INTERNED_RECENT;
}

/* Forgets all texts. */
void interned_clear(struct interned *in);

/* The number of a text, from 1 on; *ret_new: it has just got it. 0 if memory ran out. */
uint64_t interned_number(struct interned *in, const char *text, bool *ret_new);

/* The same of a text that stays where it is, and as it is: a constant of the program. */
uint64_t interned_new_constant(struct interned *in, const char *text, bool *ret_new);

/* The number of such a text if it came lately; 0: it did not. */
static inline uint64_t interned_recent(const struct interned *in, const char *text)
{
	const struct recent *r = &in->recent[interned_slot(text)];

	return r->text == text ? r->number : 0;
}

#endif
