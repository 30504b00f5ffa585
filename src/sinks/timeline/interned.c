/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/timeline/interned.h"

#include <stdlib.h>
#include <string.h>

struct word {
	struct node by_text;
	uint64_t number;
	char text[];
};

void interned_clear(struct interned *in)
{
	for (size_t i = 0; i < in->by_text.size; i++) {
		for (struct node *n = in->by_text.slots[i], *next; n; n = next) {
			next = n->next;
			free(container_of(n, struct word, by_text));
		}
	}
	table_free(&in->by_text);
}

/* Whoever makes up a recording chooses the texts, but not the factor. */
static uint64_t text_hash(const struct interned *in, const char *text)
{
	uint64_t hash = strlen(text), factor = hash_u64((uintptr_t)in) | 1;

	for (; *text; text++)
		hash = hash * factor + (unsigned char)*text;
	return hash_u64(hash);
}

uint64_t interned_number(struct interned *in, const char *text, bool *ret_new)
{
	uint64_t hash = text_hash(in, text);
	struct node *n = table_find(&in->by_text, hash);
	size_t size = strlen(text) + 1;
	struct word *w;

	*ret_new = false;
	for (; n; n = table_next(n))
		if (!strcmp(container_of(n, struct word, by_text)->text, text))
			return container_of(n, struct word, by_text)->number;
	w = malloc(sizeof(*w) + size);
	if (!w || table_add(&in->by_text, &w->by_text, hash)) {
		free(w);
		return 0;
	}
	memcpy(w->text, text, size);
	w->number = in->by_text.count;
	*ret_new = true;
	return w->number;
}
