/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.h - the command line. Every option is in option_table.h. */
#ifndef ET_OPTIONS_H
#define ET_OPTIONS_H

#include "base/failure.h"
#include "base/rule_ids.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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

/* As enum time_format of sinks/text.h, which is not known here. */
enum time_column {
	COLUMN_DAY,
	COLUMN_DAY_MICRO,
	COLUMN_EPOCH,
	COLUMN_RELATIVE,
};

/* Calls of -e, in the order of enum call_id of event/event.h. */
enum call_bit {
	BIT_CREATE = 1 << 0,
	BIT_CREATE1 = 1 << 1,
	BIT_CTL = 1 << 2,
	BIT_WAIT = 1 << 3,
	BIT_PWAIT = 1 << 4,
	BIT_PWAIT2 = 1 << 5,
	BIT_ALL = (1 << 6) - 1,
};

/* A point of a recording: a time of day as lines show it, or the time since its beginning. */
struct when {
	bool of_day;
	uint64_t ns;
};

struct numbers {
	int *at;
	unsigned count;
};

struct options {
	enum action action;
	enum shell shell;	/* of ACTION_COMPLETION */
	enum rule_id explained; /* of ACTION_EXPLAIN */
	bool attach;		/* -p was given, whatever became of its value */
	struct numbers pids;
	char **command; /* NULL: attach */
	const char *user;
	const char *output; /* NULL: where the mode's lines go; "-": stdout */
	bool tree;
	bool no_follow;
	bool quiet;
	enum summary_when summary;
	bool snapshot;
	const char *record; /* NULL: nothing is recorded; "-": stdout */
	uint64_t ring_ns;   /* not 0: only so much is recorded, when asked */
	size_t ring_bytes;
	uint64_t trigger_ns; /* 0: no wait asks */
	const char *replay;  /* NULL: tracing; "-": stdin */
	bool has_at;
	struct when at;
	enum format format;
	bool has_format;
	bool silent;	       /* only a recording is made */
	bool diagnose;	       /* findings and their report instead of lines */
	bool io;	       /* reads and writes of watched files are seen */
	unsigned rules;	       /* bits by enum rule_id */
	uint64_t stall_ns;     /* T of the rules */
	enum severity fail_on; /* SEVERITY_NONE: findings do not change the exit status */
	bool histograms;
	uint64_t interval_ns; /* 0: one summary, at the end */
	enum time_column time;
	enum color_when color;
	unsigned calls; /* enum call_bit */
	bool only_ok, only_failed;
	struct numbers fds, epfds;
	uint64_t slower_than_ns;
	uint64_t blocked_after_ns;
	bool has_blocked_after;
	unsigned max_ready; /* 0: not given */
	size_t buffer_bytes;
	unsigned limit; /* rows of a table, 0: all */
	bool no_task_storage;
	bool no_file_iterator;
	bool debug;
};

/*
 * Fills *ret_opt, to be freed with options_free in either case; 0, or -EINVAL with *failure about
 * the first thing wrong. attach and command are right in either case, as the exit status hangs on
 * them.
 */
int options_parse(int argc, char **argv, struct options *ret_opt, struct failure *failure);

void options_free(struct options *opt);

/* Prints the help to stdout. */
void options_help(void);

#endif
