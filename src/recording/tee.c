/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "recording/tee.h"

#include "../../bpf/wire.h"
#include "event/record_kinds.h"

/* The first call of a process says that it uses epoll; collisions pass more, which does no harm. */
static bool is_first_call(struct tee *t, uint32_t tgid)
{
	uint32_t *slot = &t->passed[tgid % TEE_PROCESSES];

	if (*slot == tgid)
		return false;
	*slot = tgid;
	return true;
}

/* Which records of a kind a message can depend on. */
enum needed {
	NONE,
	FIRST,
	ALL
};

static const enum needed needed_of[] = {
#define NEEDED(kind, name, shape, messages) [ET_KIND_##kind] = messages,
	RECORD_KINDS(NEEDED)
#undef NEEDED
};

/* Can a message depend on that record? Unknown kinds pass, so that they are counted as malformed. */
static bool is_needed(struct tee *t, const struct et_hdr *h)
{
	if (!h->kind || h->kind >= ET_KIND_COUNT)
		return true;
	return needed_of[h->kind] == ALL ||
	       (needed_of[h->kind] == FIRST && is_first_call(t, h->tgid));
}

int tee_take(void *tee, const void *data, size_t size)
{
	struct tee *t = tee;

	if (t->recording.take && !t->recording_err)
		t->recording_err = t->recording.take(t->recording.ctx, data, size);
	if (t->messages_only && !is_needed(t, data))
		return 0;
	return t->shown.take(t->shown.ctx, data, size);
}
