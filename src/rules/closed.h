/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * closed.h - what a number was before it was closed, and which thread closed it, if it was watched.
 */
#ifndef ET_CLOSED_H
#define ET_CLOSED_H

#include "rules/rule.h"

/*
 * The entry, of whatever instance, that had that number of that descriptor table (0: any) when it
 * was closed last before that time, by that thread (0: by any); NULL: none is known.
 */
const struct entry *closed_before(const struct rules *r, int fd, uint64_t table, uint32_t closer,
				  uint64_t before_ns);

/* "descriptor 7 was <pipe:[23]> until thread 9 closed it, 0.2 s before"; false: it is not known. */
bool evidence_closed(struct rules *r, struct finding *f, int fd, uint64_t table, uint64_t at_ns);

#endif
