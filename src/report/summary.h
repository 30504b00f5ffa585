/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * summary.h - the figures of -c as plain data. Collected from views; entries come from the model.
 */
#ifndef ET_SUMMARY_H
#define ET_SUMMARY_H

#include "base/histogram.h"
#include "model/model.h"
#include "report/loop.h"

#include <limits.h>

#define WAITS_MAX     1024 /* rows of one thread on one instance each */
#define ERRORS_MAX    16384
#define ALL_INSTANCES UINT_MAX

/* Waits of one thread on one instance, or of threads of one name on all. */
struct wait_row {
	struct node by_key;
	struct wait_row *next;	 /* in the order of the first wait, names last */
	unsigned instance;	 /* its number; 0: epfd was no instance */
	struct loop_row *thread; /* or the name */
	uint64_t waits;
	uint64_t ready;	      /* events, also those that were not copied */
	uint64_t timeouts;    /* returned 0 after a time-out that is not 0 */
	uint64_t polls;	      /* returned 0 at time-out 0 */
	uint64_t interrupted; /* EINTR */
	uint64_t errors;      /* other errnos */
	uint64_t skipped;     /* of all these, and more: the kernel has not done them */
	uint64_t unfinished;  /* cut off, or in flight at the end */
	uint64_t unfinished_ns;
	struct histogram blocked; /* ns, of finished waits whose beginning was observed */
};

/* Failures of one kind. */
struct error_row {
	struct node by_key;
	struct error_row *next;
	unsigned instance;
	struct loop_row *thread;
	enum call_id call;
	int err;
	uint64_t count;
};

struct summary {
	struct table waits_by_key, errors_by_key;
	struct wait_row *waits, **waits_end;
	struct error_row *errors, **errors_end;
	struct loops loops;
	uint64_t calls[CALL_COUNT];
	uint64_t lost;
	uint64_t ready_unknown; /* ready events that no entry has been counted for */
	bool incomplete;	/* a row is missing: memory ran out */
	bool intervals;		/* it is one of several, each of its own interval */
	size_t limit;		/* threads that have ended are kept, 0: as many as fit */
};

/* An entry's line. */
struct entry_row {
	const struct entry *entry;
	/*
	 * Deliveries, over the time in the interval that it was registered and traced; over a second
	 * if that was less, so that a short life with one event does not look like a spin, or
	 * over one of several intervals if that is shorter still.
	 */
	double per_second;
	unsigned instance; /* its number: these rows are compared more often than read */
	int fd;
	bool gone; /* before its instance was */
};

void summary_init(struct summary *s, bool intervals, size_t limit);
void summary_free(struct summary *s);

/* Before it is printed: adds up what is beyond the limit. */
void summary_settle(struct summary *s);

/* Counts one view. */
void summary_view(struct summary *s, const struct view *v);

/* Begins an interval: all figures are 0. */
void summary_new_interval(struct summary *s, const struct model *m);

/*
 * The entries: the living ones first, and among these the ones with most deliveries a second; after
 * the first limit of them, if that is not 0, in any order. If more than a few files of a family are
 * gone, these are left out: *ret_gone has their sums, and those of entries that are no longer kept one
 * by one. The caller frees *ret_rows. Returns their number, or -ENOMEM.
 */
long summary_entries(const struct summary *s, const struct model *m, size_t limit, size_t few,
		     struct entry_row **ret_rows, struct families *ret_gone);

/* About how many bounds_step()s it takes to print it with so many rows of entries, 0: all. */
uint64_t summary_cost(const struct summary *s, const struct model *m, size_t limit);

#endif
