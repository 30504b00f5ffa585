/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.h - the command line. Every option is in option_table.h. */
#ifndef ET_OPTIONS_H
#define ET_OPTIONS_H

#include "base/failure.h"
#include "base/int_list.h"
#include "base/rule_ids.h"
#include "cli/option_table.h"
#include "pipeline_options.h"
#include "recording/flight_options.h"
#include "capture/live_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum action {
	ACTION_TRACE,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_FEATURES,
	ACTION_JSON_SCHEMA,
	ACTION_COMPLETION,
	ACTION_EXPLAIN,
};

enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_PERFETTO,
	FORMAT_CHROME,
};

enum shell {
	SHELL_BASH,
	SHELL_ZSH,
};

enum summary_when {
	SUMMARY_NONE, /* lines only */
	SUMMARY_ONLY, /* -c */
	SUMMARY_ALSO, /* -C */
};

struct options {
	unsigned given[OPTIONS_MAX]; /* how often, by row of the table */
	enum action action;
	enum shell shell;	/* of ACTION_COMPLETION */
	enum rule_id explained; /* of ACTION_EXPLAIN; RULE_COUNT: all are listed */
	struct int_list pids;
	char **command; /* NULL: attach */
	const char *user;
	const char *output; /* NULL: where the mode's lines go; "-": stdout */
	bool tree;
	uint64_t duration_ns; /* 0: the targets or a signal end the trace */
	bool quiet;
	enum summary_when summary;
	const char *record; /* NULL: nothing is recorded; "-": stdout */
	const char *replay; /* NULL: tracing; "-": stdin */
	enum format format;
	bool silent;	       /* only a recording is made */
	enum severity fail_on; /* SEVERITY_NONE: findings do not change the exit status */
	enum color_when color;
	struct pipeline_options pipeline; /* all but what the output decides: fd, color */
	struct live_options live;	  /* all but what the targets decide: io_files */
	struct flight_options flight;	  /* span_ns: not 0: only so much is recorded, when asked */
};

/*
 * Fills *ret_opt, to be freed with options_free in either case; 0, or -EINVAL with *failure about
 * the first thing wrong. What was given, and command, are right in either case, as the exit status
 * hangs on them.
 */
int options_parse(int argc, char **argv, struct options *ret_opt, struct failure *failure);

/* Was an option that sets the member given, whatever became of its value? */
#define options_given(opt, member) options_given_at(opt, offsetof(struct options, member))
bool options_given_at(const struct options *opt, size_t offset);

void options_free(struct options *opt);

/* Prints the help to stdout. */
void options_help(void);

#endif
