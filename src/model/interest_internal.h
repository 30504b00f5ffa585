/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interest_internal.h - what the files that keep interest lists share: interest.c has the entries,
 * instance.c the instances, interval.c what begins anew with an interval.
 */
#ifndef ET_INTEREST_INTERNAL_H
#define ET_INTEREST_INTERNAL_H

#include "model/interest.h"

void free_entry(struct entry *e);
void free_instances(struct instance *inst);

/* Adds the figures of an entry that is kept no longer. */
void fold_entry(struct folded *f, const struct entry *e);

#endif
