/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/table.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SIZE 64

/*
 * Where nodes of that hash are. A forger of recordings chooses what is hashed, but not where
 * the slots are in memory: without that it could have all in one.
 */
static struct node **slot_of(struct node **slots, size_t size, uint64_t hash)
{
	return &slots[hash_u64(hash ^ (uintptr_t)slots) & (size - 1)];
}

static void link_at(struct node **at, struct node *n)
{
	n->next = *at;
	n->at = at;
	if (n->next)
		n->next->at = &n->next;
	*at = n;
}

/* Keeps the order of nodes with one hash, so that the newest stays first. */
static int grow_slots(struct table *t)
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
			size_t slot = slot_of(slots, size, n->hash) - slots;

			next = n->next;
			link_at(tails[slot], n);
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
	if (t->count >= t->size && grow_slots(t) && !t->size)
		return -ENOMEM;
	n->hash = hash;
	link_at(slot_of(t->slots, t->size, hash), n);
	t->count++;
	return 0;
}

void table_del(struct table *t, struct node *n)
{
	*n->at = n->next;
	if (n->next)
		n->next->at = n->at;
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
	return t->size ? same_hash(*slot_of(t->slots, t->size, hash), hash) : NULL;
}

struct node *table_next(const struct node *n)
{
	return same_hash(n->next, n->hash);
}

static struct node *first_from(struct node **slot, const struct table *t)
{
	while (slot < t->slots + t->size && !*slot)
		slot++;
	return slot < t->slots + t->size ? *slot : NULL;
}

struct node *table_first(const struct table *t)
{
	return t->size ? first_from(t->slots, t) : NULL;
}

struct node *table_after(const struct table *t, const struct node *n)
{
	return n->next ? n->next : first_from(slot_of(t->slots, t->size, n->hash) + 1, t);
}

void table_free(struct table *t)
{
	free(t->slots);
	*t = (struct table){0};
}
