/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline_options.h - what pipeline.h is asked for. */
#ifndef ET_PIPELINE_OPTIONS_H
#define ET_PIPELINE_OPTIONS_H

#include "report/at_time_options.h"
#include "rules/rules_options.h"
#include "sinks/filter_options.h"
#include "sinks/text/text_options.h"

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
	bool snapshot; /* the state at the end, or at at_time */
	bool has_at_time;
	struct at_time_options at_time;
	bool json;
	enum timeline_format timeline; /* instead of lines */
	struct rules_options rules;
	bool findings;	      /* are reported when they are raised */
	bool diagnosis;	      /* and reported at the end, also when there is nothing to report */
	unsigned limit;	      /* rows of a table, 0: all */
	unsigned max_ready;   /* ready events in a line, 0: all */
	bool histograms;      /* after the summary */
	uint64_t interval_ns; /* not 0: a summary of every such span */
	enum time_format time_format;
	bool color;
	bool prompt; /* each tick writes what is buffered: records come as they are made */
	uint64_t blocked_after_ns;
	bool blocked_as_recorded;
	int fd; /* where text goes */
};

#endif
