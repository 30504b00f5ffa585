/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interned.h - numbers for texts that come again and again: each text is written once.
 */
#ifndef ET_INTERNED_H
#define ET_INTERNED_H

#include "base/table.h"

#include <stdbool.h>

struct interned {
	struct table by_text;
};

/* Forgets all texts. */
void interned_clear(struct interned *in);

/* The number of a text, from 1 on; *ret_new: it has just got it. 0 where memory ran out. */
uint64_t interned_number(struct interned *in, const char *text, bool *ret_new);

#endif
