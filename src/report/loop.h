/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loop.h - the figures of each thread's event loop as plain data: turns, time in the wait, time away
 * from it. Collected from views, over all instances that a thread waits on.
 *
 * A thread has some kilobytes, so rows are bounded. The busiest of those that have ended are kept;
 * the figures of the others are added up in one row for each name, where those of living threads
 * go too that are beyond the bound. Nothing that was counted is left out.
 */
#ifndef ET_LOOP_H
#define ET_LOOP_H

#include "base/histogram.h"
#include "model/model.h"

#define THREADS_MAX 1024 /* rows of one thread each */
#define NAMES_MAX   64	 /* rows of a name each; the last one is for all other names */

/* The loop of one thread, or of several with one name. */
struct loop_row {
	struct node by_tid;    /* while the thread lives; of a name: by that */
	struct loop_row *next; /* in the order of the first call, names last */
	uint64_t id;	       /* no other row has it */
	uint32_t pid, tid;
	char comm[17];
	bool ended;
	unsigned name;	       /* 0: of one thread; else the number of this name, from 1 on */
	bool others;	       /* of all names that have no row */
	bool crowded;	       /* of a name: calls of living threads have been counted here */
	uint64_t threads;      /* of a name: those whose figures were added to it */
	struct loop_row *into; /* it is being added to that one; NULL: not */
	uint64_t returned_ns;  /* when its last wait returned, 0: not known; outlives an interval */
	/* The figures of an interval. */
	bool waited;
	uint64_t calls;		 /* that decide which is busiest */
	uint64_t turns;		 /* waits that returned, failed ones too */
	uint64_t ready;		 /* events, also those that were not copied */
	uint64_t part_ns;	 /* of waits whose length is not known: the part that was traced */
	struct histogram within; /* nanoseconds in each wait whose beginning is known */
	struct histogram away;	 /* nanoseconds from each return to the entry of the next wait */
};

struct loops {
	struct table by_tid, by_name;
	struct loop_row *rows, **rows_end; /* the end of the rows of one thread each */
	size_t count, ended;		   /* of these */
	uint64_t ids;
};

void loops_init(struct loops *l);
void loops_free(struct loops *l);

/* The row of the thread of a view, or of its name if there is no room; NULL: out of memory. */
struct loop_row *loops_row(struct loops *l, const struct view *v);

/* Counts one view. 0, or -ENOMEM: a row is missing. */
int loops_view(struct loops *l, const struct view *v);

/* Begins an interval: all figures are 0, and threads that have ended are forgotten. */
void loops_new_interval(struct loops *l, const struct model *m);

/* Are there more threads that have ended than are to be kept? limit is 0 for as many as fit. */
bool loops_crowded(const struct loops *l, size_t limit);

/*
 * Marks the rows to be added up, with their into: all that have ended but the keep busiest. The caller
 * adds up its own figures by thread; then loops_sum_up_end adds up the rest and frees the rows.
 */
void loops_sum_up(struct loops *l, size_t keep);
void loops_sum_up_end(struct loops *l);

/* The trace ends: threads that live and wait for nothing have been away up to now. */
void loops_end(struct loops *l, const struct model *m);

/* The part of its loop that a thread was away from the wait, 0 to 1; less than 0: not known. */
double loop_utilisation(const struct loop_row *r);

#endif
