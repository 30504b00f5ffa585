/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options.h"

#include "cli/option_table.h"
#include "cli/options_check.h"
#include "cli/values.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_row(const struct option_row *r)
{
	char left[64];

	snprintf(left, sizeof(left), r->optional ? "--%s[%s%s]" : "--%s%s%s", r->name,
		 r->arg ? "=" : "", r->arg ? r->arg : "");
	if (r->letter)
		printf("  -%c, %-22s %s\n", r->letter, left, r->help);
	else
		printf("      %-22s %s\n", left, r->help);
}

void options_help(void)
{
	puts("usage: epolltrace [OPTIONS] -p PID[,PID...]\n"
	     "       epolltrace [OPTIONS] --snapshot -p PID[,PID...]\n"
	     "       epolltrace [OPTIONS] [--] COMMAND [ARG...]\n"
	     "       epolltrace [OPTIONS] --replay FILE\n"
	     "\n"
	     "Shows how a running program uses epoll, without stopping or slowing it.");
	for (const struct option_row *r = option_rows; r->name; r++) {
		if (r == option_rows || r->group != r[-1].group)
			printf("\n%s:\n", option_groups[r->group]);
		print_row(r);
	}
	puts("\nTIME is a number with a unit (250us, 100ms, 2s, 5m), bare seconds without.");
}

/* What getopt calls the option of a row; its letter has a name of its own. */
#define FIRST_ID 256

/* getopt's two tables from ours. */
static void getopt_tables(char *letters, struct option *longs)
{
	*letters++ = '+'; /* what stands after COMMAND is COMMAND's */
	*letters++ = ':';
	for (const struct option_row *r = option_rows; r->name; r++) {
		*longs++ = (struct option){
			.name = r->name,
			.has_arg = r->optional ? optional_argument
				   : r->arg    ? required_argument
					       : no_argument,
			.val = FIRST_ID + (int)(r - option_rows),
		};
		if (!r->letter)
			continue;
		*letters++ = r->letter;
		if (r->arg)
			*letters++ = ':';
	}
	*letters = 0;
	*longs = (struct option){0};
}

/* What getopt has returned; NULL: it is no option of ours. */
static const struct option_row *find_row(int id)
{
	if (id >= FIRST_ID)
		return &option_rows[id - FIRST_ID];
	for (const struct option_row *r = option_rows; r->name; r++)
		if (r->letter == id)
			return r;
	return NULL;
}

static int bad_value(const struct option_row *r, const char *text, struct failure *f)
{
	return fail(f, -EINVAL, NULL, "invalid %s for --%s: '%s'", r->arg, r->name, text);
}

/* A number of any unit, within its bounds. */
static int parse_number(const struct option_row *r, const char *text, uint64_t *ret)
{
	size_t bytes = 0;
	int err;

	if (r->type == OPTION_COUNT)
		return value_number(text, r->min, r->max ? r->max : UINT32_MAX, ret);
	if (r->type == OPTION_TIME) {
		err = value_time(text, ret);
	} else {
		err = value_size(text, &bytes);
		*ret = bytes;
	}
	return err || *ret < r->min || (r->max && *ret > r->max) ? -EINVAL : 0;
}

/* Puts a number into the row's member. */
static void store_number(struct options *o, const struct option_row *r, uint64_t value)
{
	void *member = (char *)o + r->offset;

	if (r->type == OPTION_TRUE || r->type == OPTION_FALSE)
		*(bool *)member = value;
	else if (r->type == OPTION_TIME || r->type == OPTION_WORDS)
		*(uint64_t *)member = value;
	else if (r->type == OPTION_SIZE)
		*(size_t *)member = value;
	else
		*(unsigned *)member = value;
}

static int set_words(struct options *o, const struct option_row *r, const char *text,
		     struct failure *f)
{
	size_t prefix = r->prefix ? strlen(r->prefix) : 0;
	const char *bad;
	uint64_t bits;

	if (prefix && !strncmp(text, r->prefix, prefix))
		text += prefix;
	if (value_words(r->arg, text, r->max, &bits, &bad))
		return fail(f, -EINVAL, r->hint, "invalid %s '%.*s'", r->bad_word,
			    (int)strcspn(bad, ","), bad);
	store_number(o, r, bits);
	return 0;
}

static int set_word(struct options *o, const struct option_row *r, const char *text)
{
	const struct option_word *word;

	if (!text) {
		store_number(o, r, r->initial);
		return 0;
	}
	word = option_word_find(r->arg, text, strlen(text));
	if (!word)
		return -EINVAL;
	store_number(o, r, word->value);
	return 0;
}

static int set_number(struct options *o, const struct option_row *r, const char *text)
{
	uint64_t number;
	int err = parse_number(r, text, &number);

	if (!err)
		store_number(o, r, number);
	return err;
}

static int set_member(struct options *o, const struct option_row *r, const char *text,
		      struct failure *f)
{
	void *member = (char *)o + r->offset;
	unsigned before = o->given[r - option_rows] - 1;

	switch (r->type) {
	case OPTION_ACCEPTED:
		return 0;
	case OPTION_TRUE:
	case OPTION_FALSE:
		store_number(o, r, r->type == OPTION_TRUE);
		return 0;
	case OPTION_SET:
		store_number(o, r, r->value);
		return 0;
	case OPTION_REPEATED:
		store_number(o, r, before < r->max ? before : r->max);
		return 0;
	case OPTION_STRING:
		*(const char **)member = text;
		return 0;
	case OPTION_TIME:
	case OPTION_SIZE:
	case OPTION_COUNT:
		return set_number(o, r, text);
	case OPTION_POINT:
		return value_at_time(text, member);
	case OPTION_INTS:
		return value_numbers(text, (int)r->min, member);
	case OPTION_WORD:
		return set_word(o, r, text);
	case OPTION_WORDS:
		return set_words(o, r, text, f);
	}
	return 0;
}

/* Does what the row says; text is the argument, NULL: there is none. */
static int set_option(struct options *o, const struct option_row *r, const char *text,
		      struct failure *f)
{
	int err = set_member(o, r, text, f);

	if (err)
		return f->what[0] ? err : bad_value(r, text, f);
	if (r->action)
		o->action = r->action;
	return 0;
}

static int report_unknown(int id, char **argv, struct failure *f)
{
	const char *word = argv[optind - 1];
	bool is_long = !strncmp(word, "--", 2);

	if (id == ':' && is_long)
		return fail(f, -EINVAL, HELP_HINT, "option '%s' needs a value", word);
	if (id == ':')
		return fail(f, -EINVAL, HELP_HINT, "option '-%c' needs a value", optopt);
	if (optopt && optopt < FIRST_ID) /* within a cluster word is still the one before */
		return fail(f, -EINVAL, HELP_HINT, "unknown option '-%c'", optopt);
	return fail(f, -EINVAL, HELP_HINT, "unknown option '%s'", word);
}

int options_parse(int argc, char **argv, struct options *o, struct failure *f)
{
	char letters[2 * OPTIONS_MAX + 3];
	struct option longs[OPTIONS_MAX + 1];
	int id, err = 0;

	*o = (struct options){0};
	for (const struct option_row *r = option_rows; r->name; r++)
		if (r->initial)
			store_number(o, r, r->initial);
	getopt_tables(letters, longs);
	opterr = 0;
	while ((id = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_row *r = find_row(id);

		if (r)
			o->given[r - option_rows]++;
		if (r && r->optional && !optarg && optind < argc && *argv[optind] != '-')
			optarg = argv[optind++]; /* getopt takes it only after = */
		if (!err)			 /* else on to where COMMAND may stand */
			err = r ? set_option(o, r, optarg, f) : report_unknown(id, argv, f);
	}
	if (optind < argc)
		o->command = argv + optind;
	if (!err)
		err = options_check(o, f);
	if (!err)
		options_derive(o);
	return err;
}

void options_free(struct options *o)
{
	free(o->pids.at);
	free(o->pipeline.filter.fds.at);
	free(o->pipeline.filter.epfds.at);
}
