/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * option_table.h - every option, and every word that an argument may be, once: parsing, --help,
 * completion, and the tests that compare with the manual read it.
 */
#ifndef ET_OPTION_TABLE_H
#define ET_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Options that --help and the manual have under one heading. */
enum option_group {
	GROUP_TARGETS,
	GROUP_OUTPUT,
	GROUP_DIAGNOSIS,
	GROUP_RECORDINGS,
	GROUP_FILTERS,
	GROUP_STYLE,
	GROUP_OTHER,
};

/* The headings. */
extern const char *const option_groups[];

/* What an option does to its member of struct options. */
enum option_type {
	OPTION_ACCEPTED, /* nothing */
	OPTION_TRUE,	 /* bool */
	OPTION_FALSE,	 /* bool, true without it */
	OPTION_SET,	 /* enum: becomes row.value */
	OPTION_REPEATED, /* enum: becomes how often it was given before, up to row.max */
	OPTION_STRING,	 /* const char * */
	OPTION_TIME,	 /* uint64_t, in ns */
	OPTION_POINT,	 /* struct at_time_options */
	OPTION_SIZE,	 /* size_t, in bytes */
	OPTION_COUNT,	 /* unsigned */
	OPTION_INTS,	 /* struct int_list: is added to */
	OPTION_WORD,	 /* enum: becomes what the word stands for */
	OPTION_WORDS, /* uint64_t: the bits of the words; after !, those of row.max without them */
};

struct option_row {
	char letter; /* 0: has none */
	const char *name;
	const char *arg; /* NULL: takes none */
	enum option_group group;
	const char *help;
	enum option_type type;
	size_t offset;	      /* of the member in struct options */
	unsigned action;      /* enum action: what is done instead of tracing; 0: nothing */
	unsigned value;	      /* see OPTION_SET */
	uint64_t min, max;    /* of the value, 0: what fits; a size is 1 or more */
	uint64_t initial;     /* the member without the option, or without the argument */
	bool optional;	      /* the argument may be left out, before an option or the end */
	const char *prefix;   /* of words: may stand in front */
	const char *bad_word; /* of words: what one that is not known is called */
	const char *hint;     /* of words: what is said about it */
};

#define OPTIONS_MAX 64 /* room for the table in other forms */

/* In the order of --help and the manual; a row without a name ends them. */
extern const struct option_row option_rows[];

/* A word that stands for a value, in arguments of that name. */
struct option_word {
	const char *arg; /* "WHEN" */
	const char *text;
	uint64_t value;
};

/* Words of one argument stand together; one without an argument ends them. */
extern const struct option_word option_words[];

/* The word of arg that is text's first len characters, NULL if it is none. */
const struct option_word *option_word_find(const char *arg, const char *text, size_t len);

#endif
