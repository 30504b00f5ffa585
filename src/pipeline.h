/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pipeline.h - decode, model, report and sinks, put together. Records in, text out.
 */
#ifndef ET_PIPELINE_H
#define ET_PIPELINE_H

#include "event/decode.h"
#include "model/model.h"
#include "pipeline_options.h"
#include "report/at_time.h"
#include "report/summary.h"
#include "rules/rules.h"
#include "sinks/filter.h"
#include "sinks/json/json_frame.h"
#include "sinks/text/text.h"
#include "sinks/timeline/chrome.h"
#include "sinks/timeline/perfetto.h"

struct pipeline {
	struct pipeline_options opt;
	struct decoder decoder;
	struct model *model;
	struct summary report;
	uint64_t due_ns; /* when the interval ends, 0: there is none */
	struct at_time at_time;
	struct output out;
	struct text text;
	struct json_frame json;
	struct timeline *timeline; /* NULL: none is wanted */
	struct perfetto *perfetto;
	struct rules *rules; /* NULL: no rule is asked */
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
