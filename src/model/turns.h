/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * turns.h - how fast the loops of threads turn, and how often entries are delivered, from one scan to
 * the next: the difference between a program that spins and one that works.
 */
#ifndef ET_TURNS_H
#define ET_TURNS_H

#include "event/event.h"
#include "model/bounds.h"

#include <stdbool.h>
#include <stdint.h>

/* Events that were delivered of an entry; an event is counted with all that it reports. */
struct deliveries {
	uint64_t count;
	uint64_t with_input;  /* EPOLLIN */
	uint64_t with_output; /* EPOLLOUT */
	uint64_t with_end;    /* EPOLLHUP, EPOLLERR or EPOLLRDHUP */
	uint32_t any;	      /* all bits that were reported */
	uint64_t heaviest;    /* the most events that a recorded one stood for */
};

/*
 * Of an entry. Where an entry is deleted and the same number added again with the same file, the
 * new one takes this over: a loop may do so at each turn.
 */
struct entry_turns {
	bool put_back;		      /* it has been taken over */
	uint32_t tid;		      /* the thread to which it was delivered last */
	struct deliveries now;	      /* since the last scan */
	uint64_t scanned_ns;	      /* when that was, 0: none has seen it */
	struct pending pending;	      /* what waited in its file then */
	uint64_t reads, ends, writes; /* with --io: calls so far, and reads that returned 0 */
	/* Between the last two scans that saw it: */
	struct deliveries last;
	uint64_t ns;		      /* how long; 0: it was seen once */
	bool read_known, write_known; /* is it counted, by the kernel or with --io, whether */
	bool was_read, was_written;   /* somebody read, or wrote, be it in vain */
	bool was_taken;		      /* input was taken, by counters of the kernel */
};

/* Waits that returned to a thread. */
struct waits {
	uint64_t count;
	uint64_t empty;	      /* with no event */
	uint64_t polls;	      /* of these with a time-out of 0 */
	uint64_t short_empty; /* of these with one of 1 to 10 ms */
	uint64_t changes;     /* epoll_ctl in between */
	uint64_t bursts;      /* times that 3 polls or more followed a wait that timed out */
};

/* Of a thread. */
struct thread_turns {
	struct waits now;
	uint64_t bursts;	   /* in all */
	unsigned burst, burst_max; /* polls of the one under way, if it is one; of the longest */
	bool timed_out;		   /* a wait did, and only polls have followed it */
	uint64_t returned_ns;	   /* when the last wait did */
	uint64_t cpu_ns, queued_ns, reads,
		writes;	     /* as of the last scan of threads, from the start on */
	uint64_t scanned_ns; /* 0: none yet */
	/* Between the last two: */
	struct waits last;
	uint64_t ns;			  /* how long; 0: it was scanned once */
	uint64_t last_cpu_ns;		  /* of it on a CPU */
	uint64_t last_queued_ns;	  /* runnable without one */
	uint64_t last_reads, last_writes; /* calls of read(2), write(2) and their like */
	bool counts_io;			  /* these are known */
};

/* A wait that returned, with those for which it stands. */
void turns_count_wait(struct thread_turns *t, const struct event *wait);

/* What such waits have reported of an entry, so many times; one of them stood for up to heaviest. */
void turns_deliver(struct entry_turns *t, uint32_t tid, uint32_t events, uint64_t times,
		   uint64_t heaviest);

/* A scan has met the thread. */
void turns_scan_thread(struct thread_turns *t, const struct thread_event *ev, uint64_t time_ns);

/* A scan has met the entry; io is NULL where reads and writes are not traced. */
void turns_scan_entry(struct entry_turns *t, const struct pending *p, const struct io_event *io,
		      uint64_t time_ns);

#endif
