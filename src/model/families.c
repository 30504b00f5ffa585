/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/families.h"

#include <string.h>

/* How much of the text names the family; 0: it is not known. */
static size_t length_of(const char *file, const struct file_what *what)
{
	if (!file)
		return 0;
	return what->family_len ? what->family_len : strlen(file);
}

bool files_alike(const char *a, const struct file_what *what_a, const char *b,
		 const struct file_what *what_b)
{
	size_t length = length_of(a, what_a);

	if (!a || !b)
		return a == b;
	return what_a->kind == what_b->kind && what_a->deleted == what_b->deleted &&
	       length == length_of(b, what_b) && !memcmp(a, b, length);
}

void totals_add(struct totals *sum, const struct totals *f)
{
	sum->entries += f->entries;
	sum->deliveries += f->deliveries;
	sum->adds += f->adds;
	sum->mods += f->mods;
	sum->dels += f->dels;
}

static bool is_of(const struct family *at, const char *file, const struct file_what *what,
		  size_t length)
{
	return at->kind == what->kind && at->deleted == what->deleted &&
	       strlen(at->name) == length && !memcmp(at->name, file, length);
}

/* The place of the family, or the first that is free, or the last one. */
static size_t place_of(const struct families *f, const char *file, const struct file_what *what)
{
	size_t length = length_of(file, what), i;

	if (!length || length >= FAMILY_NAME)
		return FAMILIES_MAX - 1;
	for (i = 0; i < FAMILIES_MAX - 1 && f->at[i].sum.entries; i++)
		if (is_of(&f->at[i], file, what, length))
			break;
	return i;
}

void families_add(struct families *f, const char *file, const struct file_what *what,
		  const struct totals *figures)
{
	size_t i = place_of(f, file, what);

	if (!f->at[i].sum.entries && i < FAMILIES_MAX - 1) {
		memcpy(f->at[i].name, file, length_of(file, what));
		f->at[i].kind = what->kind;
		f->at[i].deleted = what->deleted;
	}
	totals_add(&f->at[i].sum, figures);
}

const struct family *families_find(const struct families *f, const char *file,
				   const struct file_what *what)
{
	const struct family *at = &f->at[place_of(f, file, what)];

	return at->sum.entries ? at : NULL;
}

struct totals families_sum(const struct families *f)
{
	struct totals sum = {0};

	for (size_t i = 0; i < FAMILIES_MAX; i++)
		totals_add(&sum, &f->at[i].sum);
	return sum;
}
