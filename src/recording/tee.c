/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "recording/tee.h"

#include "../../bpf/wire.h"

/* The first call of a process says that it uses epoll; collisions pass more, which does no harm. */
static bool first_call(struct tee *t, uint32_t tgid)
{
	uint32_t *slot = &t->passed[tgid % TEE_PROCESSES];

	if (*slot == tgid)
		return false;
	*slot = tgid;
	return true;
}

/* Can a message hang on that record? */
static bool is_needed(struct tee *t, const struct et_hdr *h)
{
	switch ((enum et_kind)h->kind) {
	case ET_KIND_CREATE:
	case ET_KIND_CTL:
	case ET_KIND_WAIT:
	case ET_KIND_INFLIGHT:
		return first_call(t, h->tgid);
	case ET_KIND_READY:
	case ET_KIND_CLOSE:
	case ET_KIND_INSTANCE:
	case ET_KIND_WATCHED:
	case ET_KIND_ENTRY:
	case ET_KIND_IO:
	case ET_KIND_FDINFO:
	case ET_KIND_NOFILE:
		return false;
	case ET_KIND_NONE:
	case ET_KIND_START:
	case ET_KIND_FEATURE:
	case ET_KIND_SYSCALLS:
	case ET_KIND_TARGET:
	case ET_KIND_TICK:
	case ET_KIND_CLOCK:
	case ET_KIND_LOST:
	case ET_KIND_SCAN:
	case ET_KIND_END:
	case ET_KIND_FORK:
	case ET_KIND_EXEC:
	case ET_KIND_EXIT:
	case ET_KIND_THREAD:
	case ET_KIND_COMM:
	case ET_KIND_COUNT:
		break;
	}
	return true;
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
