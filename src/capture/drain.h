/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * drain.h - out of the ring buffer, in pieces: however fast records come, and however slowly they are
 * taken, a drain ends, and ticks and losses are reported while it goes on.
 */
#ifndef ET_DRAIN_H
#define ET_DRAIN_H

#include "capture/deliver.h"
#include "../../bpf/control.h"

#include <bpf/libbpf.h>
#include <signal.h>

/* What the caller does with each record. */
struct ring_hooks {
	void (*begin)(void *ctx);				/* of a drain */
	void (*take)(void *ctx, const void *data, size_t size); /* a record */
	void (*progress)(void *ctx);				/* now and then during a drain */
	void *ctx;
};

/* Where the ring's reader and writers are, in bytes since the start; shared with the kernel. */
struct ring_positions {
	const unsigned long *consumer, *producer;
	const char *data; /* size bytes, twice in a row */
	size_t page, size;
};

struct ring {
	struct ring_hooks hooks;
	const struct delivery *delivery;
	struct et_shared *shared;
	struct ring_buffer *reader;
	struct ring_positions positions;
	unsigned long drain_end; /* of the drain under way, a position */
	bool drain_brief;	 /* and it ends with its first slice */
	uint64_t slice_end_ns;
	unsigned taken;
	uint64_t progress_ns;		  /* all that was emitted up to then has been delivered */
	volatile sig_atomic_t stop_asked; /* by ring_stop */
	volatile uint64_t stopped_ns;	  /* when it ended capture at once, 0: it did not */
};

/* Maps the ring that a map is; what its hooks deliver goes to delivery. 0 or -errno. */
int ring_open(struct ring *r, const struct bpf_map *map, struct et_shared *shared,
	      const struct delivery *delivery, const struct ring_hooks *hooks);

void ring_close(struct ring *r);

/*
 * Ends capture, for the last drains to follow: at once, if much has not been delivered. To be
 * called by a signal handler.
 */
void ring_stop(struct ring *r);

/* Records that lie in the ring. Only reads memory: to be called by a signal handler. */
uint64_t ring_backlog(const struct ring *r);

/*
 * Delivers what lies in the ring now, and reports progress meanwhile; what the sink answers, or
 * -errno. If that would take long the second one leaves some for the next time.
 */
int ring_drain(struct ring *r);
int ring_drain_briefly(struct ring *r);

#endif
