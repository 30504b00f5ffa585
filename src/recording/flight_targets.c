/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "recording/flight_targets.h"

#include "base/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t targets_bytes(const struct targets *t)
{
	return t->room * sizeof(*t->at);
}

void targets_free(struct targets *t)
{
	free(t->at);
	*t = (struct targets){0};
}

int targets_copy(struct targets *ret_copy, const struct targets *t)
{
	struct targets copy = {.count = t->count, .room = t->count};

	copy.at = malloc((t->count + 1) * sizeof(*copy.at));
	if (!copy.at)
		return -ENOMEM;
	if (t->count)
		memcpy(copy.at, t->at, t->count * sizeof(*copy.at));
	*ret_copy = copy;
	return 0;
}

static struct et_target *find_target(const struct targets *t, uint32_t pid)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->at[i].h.user_tgid == pid)
			return &t->at[i];
	return NULL;
}

static int add_target(struct targets *t, const struct et_target *target)
{
	if (!array_room(&t->at, &t->room, t->count + 1, sizeof(*t->at)))
		return -ENOMEM;
	t->at[t->count++] = *target;
	return 0;
}

static int add_child(struct targets *t, const struct et_fork *fork)
{
	const struct et_target *parent = find_target(t, fork->h.user_tgid);
	struct et_target child;

	if (!parent)
		return 0;
	child = *parent;
	child.h.tgid = fork->child_tgid;
	child.h.tid = fork->child_tgid;
	child.h.user_tgid = fork->child_user_tgid;
	child.h.user_tid = fork->child_user_tgid;
	child.children = 0;
	return add_target(t, &child);
}

int targets_take(struct targets *t, const struct et_hdr *h)
{
	struct et_target *ended;

	if (h->kind == ET_KIND_TARGET)
		return add_target(t, (const struct et_target *)h);
	if (h->kind == ET_KIND_FORK)
		return add_child(t, (const struct et_fork *)h);
	if (h->kind != ET_KIND_EXIT || !(h->flags & ET_F_LAST))
		return 0;
	ended = find_target(t, h->user_tgid);
	if (ended)
		*ended = t->at[--t->count];
	return 0;
}
