/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interest_internal.h - what the files that keep interest lists share: interest.c has the entries,
 * instance.c the instances, holder.c who holds them, interval.c what begins anew with an interval.
 */
#ifndef ET_INTEREST_INTERNAL_H
#define ET_INTEREST_INTERNAL_H

#include "model/interest.h"

void free_entry(struct entry *e);
void free_instances(struct instance *inst);

/* The instance that a process holds by that number. */
struct instance *interest_held_by(const struct interest *in, uint32_t pid, int fd);

/* Does the process hold it? By its descriptor table, where that is known, else by its PID. */
bool interest_holds(struct instance *inst, uint32_t pid, uint64_t table);

/* Forgets the holders that a look has not seen. */
void interest_forget_holders(struct interest *in, struct instance *inst, uint16_t round);

#endif
