/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loop.h - the figures of each thread's event loop as plain data: turns, time in the wait, time away
 * from it. Collected from views, over all instances that a thread waits on.
 */
#ifndef ET_LOOP_H
#define ET_LOOP_H

#include "base/histogram.h"
#include "model/model.h"

/* Rows of a table that are kept: each has some kilobytes, and a recording may be made up. */
#define ROWS_MAX 32768

/* The loop of one thread. */
struct loop_row {
	struct node by_tid;
	struct loop_row *next; /* in the order of the first wait */
	uint32_t pid, tid;
	uint64_t returned_ns; /* when its last wait returned, 0: not known; outlives an interval */
	/* The figures of an interval. */
	bool waited;
	uint64_t turns;		 /* waits that returned, failed ones too */
	uint64_t ready;		 /* events, also those that were not copied */
	uint64_t part_ns;	 /* of waits whose length is not known: what was seen of it */
	struct histogram within; /* nanoseconds in each wait whose beginning is known */
	struct histogram away;	 /* nanoseconds from each return to the entry of the next wait */
};

struct loops {
	struct table by_tid;
	struct loop_row *rows, **rows_end;
};

void loops_init(struct loops *l);
void loops_free(struct loops *l);

/* Counts one view. 0, or -ENOMEM: a row is missing, for lack of memory or because of ROWS_MAX. */
int loops_view(struct loops *l, const struct view *v);

/* Begins an interval: all figures are 0, and threads that have ended are forgotten. */
void loops_new_interval(struct loops *l, const struct model *m);

/* The part of its loop that a thread was away from the wait, 0 to 1; less than 0: not known. */
/* The trace ends: threads that live and wait for nothing have been away up to now. */
void loops_end(struct loops *l, const struct model *m);

double loop_utilisation(const struct loop_row *r);

#endif
