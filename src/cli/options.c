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

#define DEFAULT_BLOCKED_NS 1000000000ULL
#define MOST_MAX_READY	   1024 /* ET_READY_MAX of bpf/wire.h */
#define DEFAULT_BUFFER	   (16u << 20)
#define LEAST_RING	   (1u << 20)
#define DEFAULT_LIMIT	   40
#define LEAST_INTERVAL_NS  10000000ULL
#define DEFAULT_STALL_NS   1000000000ULL
#define LEAST_STALL_NS	   10000000ULL

void options_help(void)
{
	puts("usage: epolltrace [OPTIONS] -p PID[,PID...]\n"
	     "       epolltrace [OPTIONS] --snapshot -p PID[,PID...]\n"
	     "       epolltrace [OPTIONS] [--] COMMAND [ARG...]\n"
	     "       epolltrace [OPTIONS] --replay FILE\n"
	     "\n"
	     "Shows how a running program uses epoll, without stopping or slowing it.\n");
	for (const struct option_row *r = option_rows; r->name; r++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", r->name, r->arg ? "=" : "",
			 r->arg ? r->arg : "");
		if (r->id < 256)
			printf("  -%c, %-22s %s\n", r->id, left, r->help);
		else
			printf("      %-22s %s\n", left, r->help);
	}
	puts("\nTIME is a number with a unit (250us, 100ms, 2s, 5m), bare seconds without.");
}

/* getopt's two tables from ours. */
static void getopt_tables(char *letters, struct option *longs)
{
	*letters++ = '+'; /* what stands behind COMMAND is COMMAND's */
	*letters++ = ':';
	for (const struct option_row *r = option_rows; r->name; r++) {
		*longs++ = (struct option){
			.name = r->name,
			.has_arg = r->arg ? required_argument : no_argument,
			.val = r->id,
		};
		if (r->id >= 256)
			continue;
		*letters++ = r->id;
		if (r->arg)
			*letters++ = ':';
	}
	*letters = 0;
	*longs = (struct option){0};
}

static int bad_value(int id, struct failure *f)
{
	const struct option_row *r = option_find(id);

	return fail(f, -EINVAL, NULL, "invalid %s for --%s: '%s'", r->arg, r->name, optarg);
}

/* Lists of words. */
static int take_words(struct options *o, int id, struct failure *f)
{
	const char *bad, *text = optarg;

	if (id == OPT_RULES) {
		if (!value_words("RULES", text, RULES_ALL, &o->rules, &bad))
			return 0;
		return fail(f, -EINVAL, "epolltrace --diagnose says which were checked",
			    "invalid rule '%.*s'", (int)strcspn(bad, ","), bad);
	}
	if (!strncmp(text, "trace=", 6))
		text += 6;
	if (!value_words("SET", text, BIT_ALL, &o->calls, &bad))
		return 0;
	return fail(f, -EINVAL, "epoll calls by name, or the sets all, none, create, ctl, wait",
		    "invalid system call '%.*s'", (int)strcspn(bad, ","), bad);
}

/* Arguments that are one word of a few. */
static int take_word(struct options *o, int id, struct failure *f)
{
	const struct option_word *word =
		option_word_find(option_find(id)->arg, optarg, strlen(optarg));

	if (!word)
		return bad_value(id, f);
	switch (id) {
	case OPT_COLOR:
		o->color = (enum color_when)word->value;
		break;
	case OPT_FAIL_ON:
		o->fail_on = (enum severity)word->value;
		break;
	case OPT_EXPLAIN:
		o->action = ACTION_EXPLAIN;
		o->explained = (enum rule_id)word->value;
		break;
	case OPT_FORMAT:
		o->format = (enum format)word->value;
		o->has_format = true;
		break;
	default: /* OPT_COMPLETION */
		o->action = ACTION_COMPLETION;
		o->shell = (enum shell)word->value;
		break;
	}
	return 0;
}

static int take_unsigned(int id, uint64_t least, uint64_t most, unsigned *ret, struct failure *f)
{
	uint64_t v;

	if (value_number(optarg, least, most, &v))
		return bad_value(id, f);
	*ret = v;
	return 0;
}

/* Options that take a TIME. */
static int take_time(struct options *o, int id)
{
	int err;

	switch (id) {
	case OPT_SLOWER_THAN:
		return value_time(optarg, &o->slower_than_ns);
	case OPT_BLOCKED_AFTER:
		o->has_blocked_after = true;
		return value_time(optarg, &o->blocked_after_ns);
	case OPT_RING:
		err = value_time(optarg, &o->ring_ns);
		return !err && !o->ring_ns ? -EINVAL : err;
	case OPT_TRIGGER_BLOCKED:
		err = value_time(optarg, &o->trigger_ns);
		return !err && !o->trigger_ns ? -EINVAL : err;
	case OPT_STALL:
		err = value_time(optarg, &o->stall_ns);
		return !err && o->stall_ns < LEAST_STALL_NS ? -EINVAL : err;
	default: /* OPT_INTERVAL */
		err = value_time(optarg, &o->interval_ns);
		return !err && o->interval_ns < LEAST_INTERVAL_NS ? -EINVAL : err;
	}
}

/* Options that take a value. */
static int take_value(struct options *o, int id, struct failure *f)
{
	int err;

	switch (id) {
	case 'p':
		err = value_numbers(optarg, 1, &o->pids);
		break;
	case 'u':
		o->user = optarg;
		return 0;
	case 'o':
		o->output = optarg;
		return 0;
	case 'e':
	case OPT_RULES:
		return take_words(o, id, f);
	case OPT_RECORD:
		o->record = optarg;
		return 0;
	case OPT_REPLAY:
		o->replay = optarg;
		return 0;
	case OPT_AT:
		err = value_moment(optarg, &o->at);
		o->has_at = true;
		break;
	case OPT_COLOR:
	case OPT_FORMAT:
	case OPT_COMPLETION:
	case OPT_FAIL_ON:
	case OPT_EXPLAIN:
		return take_word(o, id, f);
	case OPT_FD:
		err = value_numbers(optarg, 0, &o->fds);
		break;
	case OPT_EPFD:
		err = value_numbers(optarg, 0, &o->epfds);
		break;
	case OPT_SLOWER_THAN:
	case OPT_BLOCKED_AFTER:
	case OPT_INTERVAL:
	case OPT_RING:
	case OPT_TRIGGER_BLOCKED:
	case OPT_STALL:
		err = take_time(o, id);
		break;
	case OPT_RING_MEMORY:
		err = value_size(optarg, &o->ring_bytes);
		if (!err && o->ring_bytes < LEAST_RING)
			err = -EINVAL;
		break;
	case OPT_BUFFER_SIZE:
		err = value_size(optarg, &o->buffer_bytes);
		break;
	case OPT_MAX_READY:
		return take_unsigned(id, 1, MOST_MAX_READY, &o->max_ready, f);
	default: /* OPT_LIMIT */
		return take_unsigned(id, 0, UINT32_MAX, &o->limit, f);
	}
	return err ? bad_value(id, f) : 0;
}

/* Options that take none. */
static void take_flag(struct options *o, int id)
{
	switch (id) {
	case OPT_TREE:
		o->tree = true;
		break;
	case OPT_NO_FOLLOW:
		o->no_follow = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'c':
		o->summary = SUMMARY_ONLY;
		break;
	case 'C':
		o->summary = SUMMARY_ALSO;
		break;
	case OPT_HISTOGRAMS:
		o->histograms = true;
		break;
	case 'z':
		o->only_ok = true;
		break;
	case 'Z':
		o->only_failed = true;
		break;
	case 'r':
		o->time = COLUMN_RELATIVE;
		break;
	case OPT_NO_TASK_STORAGE:
		o->no_task_storage = true;
		break;
	case OPT_NO_FILE_ITERATOR:
		o->no_file_iterator = true;
		break;
	case OPT_SNAPSHOT:
		o->snapshot = true;
		break;
	case OPT_DIAGNOSE:
		o->diagnose = true;
		break;
	case OPT_IO:
		o->io = true;
		break;
	case OPT_DEBUG:
		o->debug = true;
		break;
	case OPT_FEATURES:
		o->action = ACTION_FEATURES;
		break;
	case OPT_JSON_SCHEMA:
		o->action = ACTION_JSON_SCHEMA;
		break;
	case 'h':
		o->action = ACTION_HELP;
		break;
	case 'V':
		o->action = ACTION_VERSION;
		break;
	default: /* -T, -y, -f: always on */
		break;
	}
}

static int unknown(int id, char **argv, struct failure *f)
{
	const char *word = argv[optind - 1];
	bool is_long = !strncmp(word, "--", 2);

	if (id == ':' && is_long)
		return fail(f, -EINVAL, HELP_HINT, "option '%s' needs a value", word);
	if (id == ':')
		return fail(f, -EINVAL, HELP_HINT, "option '-%c' needs a value", optopt);
	if (optopt && optopt < 256) /* within a cluster word is still the one before */
		return fail(f, -EINVAL, HELP_HINT, "unknown option '-%c'", optopt);
	return fail(f, -EINVAL, HELP_HINT, "unknown option '%s'", word);
}

int options_parse(int argc, char **argv, struct options *o, struct failure *f)
{
	char letters[2 * OPTIONS_MOST + 3];
	struct option longs[OPTIONS_MOST + 1];
	unsigned times = 0;
	int id, err = 0;

	*o = (struct options){
		.calls = BIT_ALL,
		.time = COLUMN_DAY_MICRO,
		.blocked_after_ns = DEFAULT_BLOCKED_NS,
		.buffer_bytes = DEFAULT_BUFFER,
		.limit = DEFAULT_LIMIT,
		.rules = RULES_ALL,
		.stall_ns = DEFAULT_STALL_NS,
	};
	getopt_tables(letters, longs);
	opterr = 0;
	while ((id = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		o->attach |= id == 'p';
		if (err)
			continue; /* on to where COMMAND may stand */
		if (id == '?' || id == ':')
			err = unknown(id, argv, f);
		else if (id == 't')
			o->time = times < 3 ? (enum time_column)times++ : COLUMN_EPOCH;
		else if (!option_find(id)->arg)
			take_flag(o, id);
		else
			err = take_value(o, id, f);
	}
	if (optind < argc)
		o->command = argv + optind;
	return err ? err : options_check(o, f);
}

void options_free(struct options *o)
{
	free(o->pids.at);
	free(o->fds.at);
	free(o->epfds.at);
}
