/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * timeline.h - the stream as tracks on which something lasts, happens or is counted, as plain data.
 *
 * A track a thread (waits, calls, turns of its loop), a track an entry (how long it is registered,
 * what is delivered), counters, losses. A pure function of the stream. What lasts on one track nests,
 * even if times are equal, for readers that keep the order of what has one time. The edges of
 * what lasts on one track never run backwards; of all else, times come in any order.
 */
#ifndef ET_TIMELINE_H
#define ET_TIMELINE_H

#include "model/model.h"
#include "report/args.h"
#include "rules/finding.h"

enum track_kind {
	TRACK_PROCESS,
	TRACK_THREAD,	/* of a process */
	TRACK_INSTANCE, /* of the process that was first observed with it */
	TRACK_ENTRY,	/* of an instance */
	TRACK_COUNTER,	/* of a process or an instance */
	TRACK_LOSSES,
};

struct track {
	enum track_kind kind;
	uint64_t id;	 /* no other track has it; never 0 */
	uint64_t parent; /* the track that it is part of, 0: none */
	uint32_t pid;	 /* of a thread and a process; of an instance: of its process */
	uint32_t tid;
	uint32_t instance; /* its number; of an entry and a counter, too; 0: none */
	uint32_t entry;	   /* number of an entry */
	const char *name;  /* counters always have it, others only when they are announced */
};

enum track_event_kind {
	HAPPENS_SLICE, /* from time_ns to end_ns */
	HAPPENS_BEGIN,
	HAPPENS_END, /* of what began last on that track; it has the name that this had */
	HAPPENS_INSTANT,
	HAPPENS_VALUE, /* of a counter from now on */
};

struct track_event {
	enum track_event_kind kind;
	const struct track *track;
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	uint64_t end_ns;
	int64_t value;
	const char *name;
	const char *category; /* a constant, NULL: none */
	bool name_varies;     /* else the name is a constant, too */
	const struct arg *args;
	unsigned arg_count;
};

/* The sink that prints it. What it is given lives until the function returns. */
struct timeline_writer {
	void *ctx;
	/* First of all, and again if a clock is set: other clocks, from that time on. */
	void (*clocks)(void *ctx, const struct clock_event *clocks, uint64_t time_ns);
	void (*track)(void *ctx, const struct track *t); /* a new one, or a new name */
	void (*happens)(void *ctx, const struct track_event *h);
	void (*finish)(void *ctx);
};

struct timeline;

/* NULL if memory ran out. */
struct timeline *timeline_new(const struct model *m, const struct timeline_writer *w,
			      uint64_t blocked_after_ns);

/* Takes NULL. */
void timeline_free(struct timeline *t);

/* Takes a view; and an event, after all views that it has given. */
void timeline_view(struct timeline *t, const struct view *v);
void timeline_event(struct timeline *t, const struct event *ev);

/* A finding was raised or resolved: a mark. */
void timeline_finding(struct timeline *t, const struct finding *f);

/* The stream has ended: what is open ends now. */
void timeline_finish(struct timeline *t);

#endif
