/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * text.h - lines for people, in strace's grammar.
 */
#ifndef ET_TEXT_H
#define ET_TEXT_H

#include "model/model.h"
#include "sinks/output.h"
#include "sinks/text/text_options.h"

struct text {
	struct output *out;
	enum time_format time_format;
	bool color;
	unsigned max_ready; /* ready events that are shown of a wait, 0: all */
	const struct clocks *clocks;
	uint64_t last_ns;  /* TIME_RELATIVE: of the line before */
	uint64_t cached_s; /* TIME_OF_DAY: the second whose text is cached */
	char cached[8];
};

/* Prints the line of a view; nothing for views that are no lines. */
void text_view(struct text *t, const struct view *v);

/* The last line: how many records were lost in all. */
void text_end(struct text *t, uint64_t lost);

/* What a line begins with: "17408 18:03:22.104301 ". */
void text_head(struct text *t, uint32_t tid, uint64_t time_ns);

/* The file of a descriptor, as strace prints it: "<pipe:[23]>", "</tmp/x>(deleted)". */
void text_file(struct buf *b, const char *text, bool deleted);

/* "18:03:22.104301" of a CLOCK_MONOTONIC time; without micro "18:03:22". */
void text_time_of_day(struct buf *b, const struct clocks *clocks, uint64_t time_ns, bool micro);

#endif
