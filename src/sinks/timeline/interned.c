/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/timeline/interned.h"

#include <stdlib.h>

struct word {
	struct node by_text;
	uint64_t number;
	size_t size; /* of the text, with its end */
	char text[];
};

void interned_clear(struct interned *in)
{
	struct node *n, *next;

	table_each(&in->by_text, n, next)
		free(container_of(n, struct word, by_text));
	table_free(&in->by_text);
	memset(in->recent, 0, sizeof(in->recent));
	memset(in->latest, 0, sizeof(in->latest));
}

/* A forger of recordings chooses the texts, but not the factor. */
static uint64_t text_hash(const struct interned *in, const char *text)
{
	uint64_t hash = strlen(text), factor = hash_u64((uintptr_t)in) | 1;

	for (; *text; text++)
		hash = hash * factor + (unsigned char)*text;
	return hash_u64(hash);
}

static struct word *find_word(const struct interned *in, const char *text, size_t size,
			      uint64_t hash)
{
	struct node *n = table_find(&in->by_text, hash);

	for (; n; n = table_next(n)) {
		struct word *w = container_of(n, struct word, by_text);

		if (w->size == size && !memcmp(w->text, text, size))
			return w;
	}
	return NULL;
}

static struct word *add_word(struct interned *in, const char *text, size_t size, uint64_t hash)
{
	struct word *w = malloc(sizeof(*w) + size);

	if (!w || table_add(&in->by_text, &w->by_text, hash)) {
		free(w);
		return NULL;
	}
	memcpy(w->text, text, size);
	w->size = size;
	w->number = in->by_text.count;
	return w;
}

uint64_t interned_number(struct interned *in, const char *text, bool *ret_new)
{
	size_t size = strlen(text) + 1;
	unsigned char last = size > 1 ? text[size - 2] : 0;
	struct word **latest = &in->latest[(size * 7 + last) % INTERNED_RECENT];
	struct word *w = *latest;
	uint64_t hash;

	*ret_new = false;
	if (w && w->size == size && !memcmp(w->text, text, size))
		return w->number;
	hash = text_hash(in, text);
	w = find_word(in, text, size, hash);
	if (!w) {
		w = add_word(in, text, size, hash);
		*ret_new = w != NULL;
	}
	*latest = w;
	return w ? w->number : 0;
}

uint64_t interned_new_constant(struct interned *in, const char *text, bool *ret_new)
{
	uint64_t n = interned_number(in, text, ret_new);

	if (n)
		in->recent[interned_slot(text)] = (struct recent){text, n};
	return n;
}
