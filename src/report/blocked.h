/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * blocked.h - changes of counts, brought into the order of their times. A wait is told when it
 * returns, or when it has blocked for long: its beginning is of the past then.
 */
#ifndef ET_BLOCKED_H
#define ET_BLOCKED_H

#include <stddef.h>
#include <stdint.h>

struct change {
	uint64_t time_ns;
	void *of; /* what counts */
	int delta;
};

/* A heap, the earliest first. */
struct changes {
	struct change *at;
	size_t count, cap;
};

void changes_free(struct changes *c);

/* 0 or -ENOMEM. */
int changes_add(struct changes *c, struct change change);

/* Takes the earliest one out; count must not be 0. */
struct change changes_take(struct changes *c);

#endif
