/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * families.h - figures of many entries, summed up by what their files are: "TCP", "pipe".
 */
#ifndef ET_FAMILIES_H
#define ET_FAMILIES_H

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
		char name[FAMILY_NAME]; /* empty: of any */
		struct totals sum;	/* entries: 0: there is none */
	} at[FAMILIES_MAX];
};

/*
 * How much of a file's name says what it is: up to a number or an address; all of a path, and of
 * "anon_inode:[eventfd]".
 */
size_t family_length(const char *file);

/* Adds figures of entries with such a file, NULL: not known. */
void families_add(struct families *f, const char *file, const struct totals *figures);

/* Adds f to *sum. */
void totals_add(struct totals *sum, const struct totals *f);

/* The figures of the file's family, NULL: there are none. */
const struct family *families_find(const struct families *f, const char *file);

/* What all add up to. */
struct totals families_sum(const struct families *f);

#endif
