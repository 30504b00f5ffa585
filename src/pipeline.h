/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pipeline.h - decode, model, report and sinks, put together. Records in, text out.
 */
#ifndef ET_PIPELINE_H
#define ET_PIPELINE_H

#include "event/decode.h"
#include "model/model.h"
#include "report/moment.h"
#include "report/summary.h"
#include "rules/rules.h"
#include "sinks/chrome.h"
#include "sinks/filter.h"
#include "sinks/json_frame.h"
#include "sinks/perfetto.h"
#include "sinks/text.h"

enum timeline_format {
	TIMELINE_NONE,
	TIMELINE_PERFETTO,
	TIMELINE_CHROME,
};

struct pipeline_options {
	struct filter filter;
	bool replayed; /* the stream is a recording, whose times may be made up */
	bool lines;
	bool summary;
	bool snapshot; /* at the end, or at the moment: the state */
	bool has_moment;
	struct moment_wanted moment;
	bool json;
	enum timeline_format timeline; /* instead of lines */
	uint32_t rules;		       /* bits by enum rule_id, 0: nothing is looked for */
	uint64_t stall_ns;	       /* T of the rules */
	bool findings;		       /* are told when they are raised */
	bool diagnosis;	      /* and reported at the end, also when there is nothing to report */
	unsigned limit;	      /* rows of a table, 0: all */
	unsigned max_ready;   /* ready events in a line, 0: all */
	bool histograms;      /* behind the summary */
	uint64_t interval_ns; /* not 0: a summary each such time, of that time */
	enum time_format time_format;
	bool color;
	bool prompt; /* each tick writes what is buffered: records come as they are made */
	uint64_t blocked_after_ns;
	bool blocked_as_recorded;
	int fd; /* where text goes */
};

struct pipeline {
	struct pipeline_options opt;
	struct decoder decoder;
	struct model *model;
	struct summary report;
	uint64_t due_ns; /* when the interval ends, 0: there is none */
	struct moment moment;
	struct output out;
	struct text text;
	struct json_frame json;
	struct timeline *timeline; /* NULL: none is wanted */
	struct perfetto *perfetto;
	struct rules *rules; /* NULL: nothing is looked for */
	struct chrome chrome;
	uint64_t lost;
	uint64_t malformed; /* records that could not be decoded */
};

/* 0 or -ENOMEM. */
int pipeline_init(struct pipeline *p, const struct pipeline_options *opt);

/* Takes one record; a record_fn of event/record.h. Not 0: output has failed, -errno. */
int pipeline_take(void *pipeline, const void *data, size_t size);

/* Has the start of a stream come? */
bool pipeline_started(const struct pipeline *p);

/* The gravest finding so far. */
enum severity pipeline_worst(const struct pipeline *p);

/* Writes what is buffered: after each batch. 0 or -errno of the output. */
int pipeline_flush(struct pipeline *p);

/*
 * Milliseconds from the last tick to the end of the interval, rounded up: a later tick ends it.
 * INT_MAX: no interval goes on.
 */
int pipeline_due_ms(const struct pipeline *p);

/* Writes the end: the last line, the summary. 0 or -errno of the output. */
int pipeline_finish(struct pipeline *p);

void pipeline_free(struct pipeline *p);

#endif
