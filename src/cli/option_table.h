/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * option_table.h - every option, and every word that an argument may be, once: parsing, --help,
 * completion, and the tests that compare with the manual read it.
 */
#ifndef ET_OPTION_TABLE_H
#define ET_OPTION_TABLE_H

#include <stddef.h>

/* Options without a letter. */
enum {
	OPT_TREE = 256,
	OPT_NO_FOLLOW,
	OPT_BLOCKED_AFTER,
	OPT_MAX_READY,
	OPT_FD,
	OPT_EPFD,
	OPT_SLOWER_THAN,
	OPT_LIMIT,
	OPT_HISTOGRAMS,
	OPT_INTERVAL,
	OPT_BUFFER_SIZE,
	OPT_COLOR,
	OPT_FEATURES,
	OPT_COMPLETION,
	OPT_NO_TASK_STORAGE,
	OPT_NO_FILE_ITERATOR,
	OPT_SNAPSHOT,
	OPT_RECORD,
	OPT_RING,
	OPT_RING_MEMORY,
	OPT_TRIGGER_BLOCKED,
	OPT_REPLAY,
	OPT_AT,
	OPT_FORMAT,
	OPT_JSON_SCHEMA,
	OPT_DIAGNOSE,
	OPT_RULES,
	OPT_STALL,
	OPT_IO,
	OPT_FAIL_ON,
	OPT_EXPLAIN,
	OPT_DEBUG,
};

struct option_row {
	int id; /* the letter, or one of the above */
	const char *name;
	const char *arg; /* NULL: takes none */
	const char *help;
};

#define OPTIONS_MOST 64 /* room for the table in other forms */

/* In the order of --help; a row without a name ends them. */
extern const struct option_row option_rows[];

/* The option of that id, NULL where there is none. */
const struct option_row *option_find(int id);

/* A word that stands for a value, in arguments of that name. */
struct option_word {
	const char *arg; /* "WHEN" */
	const char *text;
	unsigned value;
};

/* Words of one argument stand together; one without an argument ends them. */
extern const struct option_word option_words[];

/* The word of arg that is text's first len characters, NULL where it is none. */
const struct option_word *option_word_find(const char *arg, const char *text, size_t len);

#endif
