/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/table.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SIZE 64

/* Keeps the order of nodes within a slot, so that the newest stays first. */
static int grow(struct table *t)
{
	size_t size = t->size ? t->size * 2 : FIRST_SIZE;
	struct node **slots = calloc(size, sizeof(*slots));
	struct node ***tails = calloc(size, sizeof(*tails));

	if (!slots || !tails) {
		free(slots);
		free(tails);
		return -ENOMEM;
	}
	for (size_t i = 0; i < size; i++)
		tails[i] = &slots[i];
	for (size_t i = 0; i < t->size; i++) {
		for (struct node *n = t->slots[i], *next; n; n = next) {
			size_t slot = n->hash & (size - 1);

			next = n->next;
			n->next = NULL;
			*tails[slot] = n;
			tails[slot] = &n->next;
		}
	}
	free(tails);
	free(t->slots);
	t->slots = slots;
	t->size = size;
	return 0;
}

int table_add(struct table *t, struct node *n, uint64_t hash)
{
	struct node **slot;

	if (t->count >= t->size && grow(t) && !t->size)
		return -ENOMEM;
	slot = &t->slots[hash & (t->size - 1)];
	n->hash = hash;
	n->next = *slot;
	*slot = n;
	t->count++;
	return 0;
}

void table_del(struct table *t, struct node *n)
{
	struct node **at = &t->slots[n->hash & (t->size - 1)];

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	t->count--;
}

static struct node *same_hash(struct node *n, uint64_t hash)
{
	while (n && n->hash != hash)
		n = n->next;
	return n;
}

struct node *table_find(const struct table *t, uint64_t hash)
{
	return t->size ? same_hash(t->slots[hash & (t->size - 1)], hash) : NULL;
}

struct node *table_next(const struct node *n)
{
	return same_hash(n->next, n->hash);
}

void table_free(struct table *t)
{
	free(t->slots);
	*t = (struct table){0};
}
