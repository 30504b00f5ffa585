/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interest_internal.h - what the files that keep interest lists share: entry.c has the entries,
 * instance.c the instances, interest.c what calls do to both, holder.c who holds them, deliver.c which of
 * them an event means, interval.c what begins anew with an interval.
 */
#ifndef ET_INTEREST_INTERNAL_H
#define ET_INTEREST_INTERNAL_H

#include "model/interest.h"

static inline uint64_t data_hash(const struct instance *inst, uint64_t data)
{
	return hash_three((uintptr_t)inst, data, 1);
}

static inline uint64_t fd_hash(const struct instance *inst, int fd)
{
	return hash_two((uintptr_t)inst, (uint32_t)fd);
}

/* A new entry of the instance; NULL: there is no memory. */
struct entry *interest_new_entry(struct interest *in, struct instance *inst, uint64_t file, int fd,
				 uint64_t data);

/*
 * The one of that file and number, -1: of any, that went last among the RECENT_GONE last ones; NULL:
 * none.
 */
struct entry *interest_gone_lately(const struct instance *inst, uint64_t file, int fd);

/* The entry that has its turns now, itself or what was added in its place; NULL: none was. */
struct entry *interest_put_back(const struct interest *in, const struct instance *inst,
				struct entry *gone);

void free_entry(struct entry *e);
void free_instances(struct instance *inst);

/* The instance that a process holds by that number. */
struct instance *interest_held_by(const struct interest *in, uint32_t pid, int fd);

/*
 * Whether the process holds it: by its descriptor table, if that is known, else by its PID. NULL:
 * it does not.
 */
const struct holder *interest_holder(struct instance *inst, uint32_t pid, uint64_t table);

/* The process uses the instance at that time. */
void interest_use(struct instance *inst, uint32_t pid, uint64_t time_ns);

/*
 * Has the holder not used the instance since the processes that use it parted, while another one has,
 * also since the holder was forked? A process that shares its descriptor table uses it for the holder.
 */
bool interest_idles(const struct instance *inst, const struct holder *holder, uint64_t forked_ns);

/* Forgets the holders that a scan has not observed. */
void interest_forget_holders(struct interest *in, struct instance *inst, uint16_t round);

/*
 * Events that the file has, as far as scans can tell. If an edge-triggered entry has reported one, it
 * is no event any more.
 */
uint32_t interest_shows(const struct entry_event *e, const struct pending *p);

#endif
