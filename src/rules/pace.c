/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "rules/pace.h"

#include <errno.h>
#include <stdlib.h>

#define PACES_MAX   4096
#define SHORTEST_NS 500000000ULL /* over less a rate says nothing */

static struct pace *pace_of(struct paces *p, uint32_t pid, uint32_t tid)
{
	struct node *n = table_find(&p->by_tid, hash_u64(tid));
	struct pace *new;

	for (; n; n = table_next(n)) {
		struct pace *at = container_of(n, struct pace, by_tid);

		if (at->tid == tid && at->pid == pid)
			return at;
	}
	new = p->by_tid.count < PACES_MAX ? calloc(1, sizeof(*new)) : NULL;
	if (!new || table_add(&p->by_tid, &new->by_tid, hash_u64(tid))) {
		free(new);
		return NULL;
	}
	new->pid = pid;
	new->tid = tid;
	return new;
}

void paces_count(struct paces *p, uint32_t pid, uint32_t tid, uint64_t time_ns, int64_t ret,
		 uint64_t times)
{
	struct pace *at = pace_of(p, pid, tid);

	if (ret < 0 && ret != -EINTR) {
		p->failed += times;
		p->failed_with = -ret;
	}
	if (!at)
		return;
	if (!at->waits)
		at->first_ns = time_ns;
	at->waits += times;
	at->last_ns = time_ns;
	at->empty += ret <= 0 ? times : 0;
	if (!p->busiest || at->waits > p->busiest->waits)
		p->busiest = at;
}

void paces_free(struct paces *p)
{
	struct node *n, *next;

	table_each(&p->by_tid, n, next)
		free(container_of(n, struct pace, by_tid));
	table_free(&p->by_tid);
}

double pace_per_second(const struct pace *p)
{
	uint64_t ns = p->last_ns - p->first_ns;

	return p->last_ns >= p->first_ns + SHORTEST_NS ? p->waits * 1e9 / ns : 0;
}
