/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table.h - an intrusive hash table that holds any number of nodes with one hash.
 *
 * A node is part of the structure that it holds; the caller compares. Nodes with an equal hash are
 * found newest first.
 */
#ifndef ET_TABLE_H
#define ET_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node {
	struct node *next, **at; /* at: what points to it */
	uint64_t hash;
};

struct table {
	struct node **slots;
	size_t size; /* a power of two, 0 before the first node */
	size_t count;
};

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* A well spread hash of one to three numbers (splitmix64's finalizer). */
static inline uint64_t hash_u64(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static inline uint64_t hash_two(uint64_t a, uint64_t b)
{
	return hash_u64(a + 0x9e3779b97f4a7c15ULL * b);
}

static inline uint64_t hash_three(uint64_t a, uint64_t b, uint64_t c)
{
	return hash_two(hash_two(a, b), c);
}

/* Adds a node; 0 or -ENOMEM. */
int table_add(struct table *t, struct node *n, uint64_t hash);

/* Takes a node out that is in the table, however many have its hash. */
void table_del(struct table *t, struct node *n);

/* The newest node with that hash, NULL: none. */
struct node *table_find(const struct table *t, uint64_t hash);

/* The next older node with the same hash as n, NULL: none. */
struct node *table_next(const struct node *n);

/* All nodes, in no order: the first, and the one after n; NULL: no more. None may be added meanwhile. */
struct node *table_first(const struct table *t);
struct node *table_after(const struct table *t, const struct node *n);

/* A loop over these, in which n may be taken out and freed; then is one more struct node *. */
#define table_each(t, n, then)                                                                     \
	for ((n) = table_first(t); (n) && ((then) = table_after(t, n), true); (n) = (then))

/* Frees the slots, not the nodes. */
void table_free(struct table *t);

#endif
