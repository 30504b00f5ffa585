/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * families.h - figures of many entries, summed up by what their files are: "TCP", "pipe".
 */
#ifndef ET_FAMILIES_H
#define ET_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct folded {
	uint64_t entries, deliveries, adds, mods, dels;
};

#define FAMILIES_MOST 16
#define FAMILY_NAME   32

/* Those that are there come first; the last place is for whatever finds no room. */
struct families {
	struct family {
		char name[FAMILY_NAME]; /* empty: of any */
		struct folded sum;	/* entries: 0: there is none */
	} at[FAMILIES_MOST];
};

/*
 * How much of a file's name says what it is: up to a number or an address; all of a path, and of
 * "anon_inode:[eventfd]".
 */
size_t family_length(const char *file);

/* Adds figures of entries with such a file, NULL: not known. */
void families_add(struct families *f, const char *file, const struct folded *figures);

/* Adds f to *sum. */
void folded_add(struct folded *sum, const struct folded *f);

/* The figures of the file's family, NULL: there are none. */
const struct family *families_find(const struct families *f, const char *file);

/* What all add up to. */
struct folded families_sum(const struct families *f);

#endif
