/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * timeline_internal.h - what the files of the timeline share. timeline.c: views, losses, the end;
 * timeline_tracks.c: tracks of processes and threads, the writer; timeline_threads.c: waits, turns,
 * calls; timeline_entries.c: instances and entries; timeline_blocked.c: how many threads of a process
 * wait.
 */
#ifndef ET_TIMELINE_INTERNAL_H
#define ET_TIMELINE_INTERNAL_H

#include "base/heap.h"
#include "report/timeline.h"

struct proc {
	struct node by_pid;
	uint32_t pid;
	char comm[17];
	struct track track, counter;
	struct thread *threads;
	bool gone;
	bool counted; /* its counter's track has been announced */
	/* Of the counter. */
	int64_t blocked;
	unsigned pending; /* changes that are not emitted yet */
};

struct thread {
	struct node by_tid;
	struct thread *next, *prev; /* of its process */
	struct proc *proc;
	char comm[17];
	struct track track;
	bool turn;		/* a turn of its loop goes on */
	uint64_t last_ns;	/* the last edge on its track: none goes before it */
	uint64_t waits_from_ns; /* the wait that it is counted for, 0: none */
};

struct timeline {
	const struct model *model;
	struct timeline_writer w;
	uint64_t blocked_after_ns;
	struct table threads, procs; /* by their numbers; those that have ended are not in them */
	struct thread *recent;	     /* the thread that was asked for last, NULL: it has ended */
	struct args args;
	struct buf name;
	uint64_t ids;
	/* A byte for each number, from 0 on: what was emitted of it. */
	uint8_t *instances, *entries;
	size_t instances_size, entries_size;
	struct heap changes;
	uint64_t emitted_ns; /* no count is emitted for an earlier time */
	struct track losses;
	bool ended;
};

/* Kinds of tracks have their identities from their numbers, so that none must be kept. */
enum id_kind {
	ID_OTHER,
	ID_INSTANCE,
	ID_ENTRY,
	ID_READY,
	ID_KINDS
};

static inline uint64_t track_id(enum id_kind kind, uint64_t number)
{
	return number * ID_KINDS + kind;
}

/* What is kept here counts as what the model keeps. */
static inline struct bounds *timeline_bounds(const struct timeline *t)
{
	return model_interest(t->model)->bounds;
}

/* timeline_tracks.c: the process and thread of these numbers; NULL: there is none. */
struct proc *timeline_find_proc(const struct timeline *t, uint32_t pid);
struct thread *timeline_find_thread(const struct timeline *t, uint32_t pid, uint32_t tid);

/* The same, added and announced if they are new; NULL: no memory. */
struct proc *timeline_proc(struct timeline *t, uint32_t pid, const char *comm);
struct thread *timeline_thread(struct timeline *t, uint32_t pid, uint32_t tid);

void timeline_free_thread(struct timeline *t, struct thread *th);

/* The name that the model has for a process, "" if it has none. */
const char *timeline_comm(const struct timeline *t, uint32_t tid);

/* Something happens, with the arguments that t->args holds. */
void timeline_emit(struct timeline *t, struct track_event *h);

/* A track with the name that t->name holds. */
void timeline_emit_track(struct timeline *t, struct track *track);

/* timeline_threads.c */
void timeline_call(struct timeline *t, const struct view *v);
void timeline_waiting(struct timeline *t, const struct view *v);
void timeline_thread_end(struct timeline *t, struct thread *th, uint64_t now_ns, bool unfinished);

/* It leaves its loop for that event: its exit, a new program. */
void timeline_thread_left(struct timeline *t, struct thread *th, const struct event *ev);

/* timeline_args.c: what a call was about, and what a wait has returned. */
void timeline_call_args(struct timeline *t, const struct view *v);
void timeline_ready_args(struct timeline *t, const struct view *v);

/* Other descriptors that a ready event of that entry may mean as well. */
void timeline_more_meant(struct args *a, const struct entry *e);

/* timeline_entries.c; pid: a process observed to use the instance, 0: not known. */
void timeline_instance(struct timeline *t, const struct instance *inst, uint32_t pid);
void timeline_entry_changed(struct timeline *t, const struct view *v);
void timeline_delivered(struct timeline *t, const struct view *v);
void timeline_seen(struct timeline *t, const struct view *v);
void timeline_entry_ended(struct timeline *t, const struct view *v);
void timeline_entries_end(struct timeline *t, uint64_t now_ns);

/* timeline_blocked.c: a thread waits from then on, and until then. */
void timeline_blocks(struct timeline *t, struct thread *th, uint64_t from_ns);
void timeline_unblocks(struct timeline *t, struct thread *th, uint64_t from_ns, uint64_t to_ns);

/* Emits the counts of all earlier times; what comes later for such a time is moved up to it. */
void timeline_emit_counts(struct timeline *t, uint64_t before_ns);

/* Frees a process that has ended, when nothing of it is left to emit. */
void timeline_release_proc(struct timeline *t, struct proc *p);

#endif
