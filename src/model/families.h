/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * families.h - figures of many entries, summed up by what their files are: their kind, and of
 * sockets the protocol.
 */
#ifndef ET_FAMILIES_H
#define ET_FAMILIES_H

#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct totals {
	uint64_t entries, deliveries, adds, mods, dels;
};

#define FAMILIES_MAX 16
#define FAMILY_NAME  32

/* Those that are there come first; the last place is for whatever finds no room. */
struct families {
	struct family {
		char name[FAMILY_NAME]; /* "TCP", "pipe", or all of a path; empty: of any */
		enum file_kind kind;
		bool deleted;
		struct totals sum; /* entries: 0: there is none */
	} at[FAMILIES_MAX];
};

/* Are two files of one family? Each is a text with what it is; the text may be NULL: not known. */
bool files_alike(const char *a, const struct file_what *what_a, const char *b,
		 const struct file_what *what_b);

/* Adds figures of entries with such a file, NULL: not known. */
void families_add(struct families *f, const char *file, const struct file_what *what,
		  const struct totals *figures);

/* Adds f to *sum. */
void totals_add(struct totals *sum, const struct totals *f);

/* The figures of the file's family, NULL: there are none. */
const struct family *families_find(const struct families *f, const char *file,
				   const struct file_what *what);

/* What all add up to. */
struct totals families_sum(const struct families *f);

#endif
