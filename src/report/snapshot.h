/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot.h - the state that the model has, in the order and with the marks in which it is shown.
 *
 * Everything here points into the model.
 */
#ifndef ET_SNAPSHOT_H
#define ET_SNAPSHOT_H

#include "model/model.h"
#include "rules/rules.h"

struct snapshot_entry {
	const struct entry *entry;
	enum mark mark;
	enum rule_id rule; /* whose mark it is */
};

struct snapshot_instance {
	const struct instance *instance;
	struct snapshot_entry *entries; /* marked ones first, then ready ones, then by number */
	size_t entry_count;
	size_t ready_count;
	size_t mark_count;
	const struct task **waiters; /* by PID and TID */
	size_t waiter_count;
};

/* An instance watches another one. */
struct watch {
	uint64_t file;	 /* of the one that is watched */
	unsigned number; /* of the one that watches */
};

struct snapshot {
	struct snapshot_instance *instances; /* by number */
	size_t instance_count;
	const struct task **threads; /* those in no wait, by PID and TID */
	size_t thread_count;
	uint32_t *pids; /* the processes, in order */
	size_t pid_count;
	/* What instances and processes are looked up in. */
	const struct task **waiting; /* by instance, PID and TID */
	size_t waiting_count;
	struct watch *watches; /* by file and number */
	size_t watch_count;
	uint32_t *holding; /* PIDs of all holders, in order */
	size_t holding_count;
};

/*
 * What a wait would report of an entry that is on the ready list, as far as the state of its file
 * shows; 0 if it does not, or the entry is not on the list.
 */
uint32_t snapshot_ready_events(const struct entry *e);

/* Fills *ret_s, to be freed with snapshot_free; 0 or -ENOMEM. */
int snapshot_make(struct model *m, struct snapshot *ret_s);

void snapshot_free(struct snapshot *s);

/* Is the thread in a wait, rather than stopped in one or elsewhere? */
bool snapshot_waits(const struct task *task);

/*
 * How long a waiting thread has been waiting: since its call began, or if that was not observed since
 * it was last given a CPU; other threads since they were last given one. 0: not known.
 */
uint64_t snapshot_idle_ns(const struct task *task, const struct model *m);

/* The instances that watch inst; *ret_count may be 0. */
const struct watch *snapshot_watchers(const struct snapshot *s, const struct instance *inst,
				      size_t *ret_count);

/* The name of a process: from its calls and scans, or else from the scan that observed the holder. */
const char *snapshot_comm(const struct model *m, uint32_t pid, const struct holder *h);

/* Does the process hold an instance? */
bool snapshot_holds(const struct snapshot *s, uint32_t pid);

#endif
