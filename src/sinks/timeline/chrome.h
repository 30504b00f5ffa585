/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * chrome.h - a timeline as Trace Event JSON, for chrome://tracing, speedscope and Perfetto.
 *
 * Its numbers are doubles of microseconds: times count from the start of the trace, so that they keep
 * nanoseconds. A slice is a pair of a beginning and an end, not one event with its length: a reader
 * that adds a length to a beginning gets an end that is not quite the beginning of what follows, and
 * then finds that they overlap.
 */
#ifndef ET_CHROME_H
#define ET_CHROME_H

#include "report/timeline.h"
#include "sinks/json/json.h"
#include "sinks/output.h"

struct chrome {
	struct output *out;
	struct json json;
	uint64_t zero_ns;
	bool started;
};

struct timeline_writer chrome_writer(struct chrome *c, struct output *out);

#endif
