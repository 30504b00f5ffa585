/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/families.h"

#include <string.h>

size_t family_length(const char *file)
{
	if (file[0] == '/' || !strncmp(file, "anon_inode:", strlen("anon_inode:")))
		return strlen(file);
	return strcspn(file, ":[");
}

void totals_add(struct totals *sum, const struct totals *f)
{
	sum->entries += f->entries;
	sum->deliveries += f->deliveries;
	sum->adds += f->adds;
	sum->mods += f->mods;
	sum->dels += f->dels;
}

static bool is_of(const struct family *at, const char *file, size_t length)
{
	return strlen(at->name) == length && !memcmp(at->name, file, length);
}

/* The place of the family, or the first that is free, or the last one. */
static size_t place_of(const struct families *f, const char *file)
{
	size_t length = file ? family_length(file) : 0, i;

	if (!length || length >= FAMILY_NAME)
		return FAMILIES_MAX - 1;
	for (i = 0; i < FAMILIES_MAX - 1 && f->at[i].sum.entries; i++)
		if (is_of(&f->at[i], file, length))
			break;
	return i;
}

void families_add(struct families *f, const char *file, const struct totals *figures)
{
	size_t i = place_of(f, file);

	if (!f->at[i].sum.entries && i < FAMILIES_MAX - 1)
		memcpy(f->at[i].name, file, family_length(file));
	totals_add(&f->at[i].sum, figures);
}

const struct family *families_find(const struct families *f, const char *file)
{
	const struct family *at = &f->at[place_of(f, file)];

	return at->sum.entries ? at : NULL;
}

struct totals families_sum(const struct families *f)
{
	struct totals sum = {0};

	for (size_t i = 0; i < FAMILIES_MAX; i++)
		totals_add(&sum, &f->at[i].sum);
	return sum;
}
