/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flight_targets.h - which target processes live, by the records of a stream. Part of the
 * flight recorder, which has to say so where its recordings begin.
 */
#ifndef ET_FLIGHT_TARGETS_H
#define ET_FLIGHT_TARGETS_H

#include "../../bpf/wire.h"

#include <stddef.h>
#include <stdint.h>

struct targets {
	struct et_target *at;
	unsigned count;
	size_t room;
};

/* Notes what a record says of processes that begin or end. 0 or -ENOMEM. */
int targets_take(struct targets *t, const struct et_hdr *h);

/* Makes a copy; 0 or -ENOMEM. */
int targets_copy(struct targets *ret_copy, const struct targets *t);

size_t targets_bytes(const struct targets *t);

void targets_free(struct targets *t);

#endif
