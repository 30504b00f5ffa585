/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* calls.h - the calls of epoll, see bpf/call_list.h. */
#ifndef ET_CALLS_H
#define ET_CALLS_H

#include "../../bpf/call_list.h"

#include <stdbool.h>

enum call_id {
#define CALL_ID(id, name, set) CALL_##id,
	EPOLL_CALLS(CALL_ID)
#undef CALL_ID
	CALL_COUNT
};

enum call_set {
	CALL_SET_CREATE,
	CALL_SET_CTL,
	CALL_SET_WAIT,
};

/* Bits of the calls of each set, and of all. */
enum {
#define CALL_BIT(id, name, set) | (CALL_SET_##set == CALL_SET_CREATE) << CALL_##id
	CALLS_CREATE = 0 EPOLL_CALLS(CALL_BIT),
#undef CALL_BIT
#define CALL_BIT(id, name, set) | (CALL_SET_##set == CALL_SET_CTL) << CALL_##id
	CALLS_CTL = 0 EPOLL_CALLS(CALL_BIT),
#undef CALL_BIT
#define CALL_BIT(id, name, set) | (CALL_SET_##set == CALL_SET_WAIT) << CALL_##id
	CALLS_WAIT = 0 EPOLL_CALLS(CALL_BIT),
#undef CALL_BIT
	CALLS_ALL = (1 << CALL_COUNT) - 1,
};

static inline bool call_is_wait(enum call_id id)
{
	return CALLS_WAIT >> id & 1;
}

#endif
