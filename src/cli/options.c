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
#define DEFAULT_BUFFER	   (16u << 20)
#define DEFAULT_RING	   (64u << 20)
#define LEAST_RING	   (1u << 20)
#define DEFAULT_LIMIT	   40
#define LEAST_INTERVAL_NS  10000000ULL
#define DEFAULT_MAX_READY  64 /* that lines show; what else wants them has all */
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
		if (!value_words("RULES", text, RULES_ALL, &o->pipeline.rules, &bad))
			return 0;
		return fail(f, -EINVAL, "epolltrace --diagnose says which were checked",
			    "invalid rule '%.*s'", (int)strcspn(bad, ","), bad);
	}
	if (!strncmp(text, "trace=", 6))
		text += 6;
	if (!value_words("SET", text, FILTER_ALL_CALLS, &o->pipeline.filter.calls, &bad))
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
		return value_time(optarg, &o->pipeline.filter.slower_than_ns);
	case OPT_BLOCKED_AFTER:
		o->has_blocked_after = true;
		return value_time(optarg, &o->pipeline.blocked_after_ns);
	case OPT_RING:
		err = value_time(optarg, &o->flight.span_ns);
		return !err && !o->flight.span_ns ? -EINVAL : err;
	case OPT_TRIGGER_BLOCKED:
		err = value_time(optarg, &o->flight.trigger_ns);
		return !err && !o->flight.trigger_ns ? -EINVAL : err;
	case OPT_STALL:
		err = value_time(optarg, &o->pipeline.stall_ns);
		return !err && o->pipeline.stall_ns < LEAST_STALL_NS ? -EINVAL : err;
	default: /* OPT_INTERVAL */
		err = value_time(optarg, &o->pipeline.interval_ns);
		return !err && o->pipeline.interval_ns < LEAST_INTERVAL_NS ? -EINVAL : err;
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
		err = value_moment(optarg, &o->pipeline.moment);
		o->pipeline.has_moment = true;
		break;
	case OPT_COLOR:
	case OPT_FORMAT:
	case OPT_COMPLETION:
	case OPT_FAIL_ON:
	case OPT_EXPLAIN:
		return take_word(o, id, f);
	case OPT_FD:
		err = value_numbers(optarg, 0, &o->pipeline.filter.fds);
		break;
	case OPT_EPFD:
		err = value_numbers(optarg, 0, &o->pipeline.filter.epfds);
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
		o->has_ring_memory = true;
		err = value_size(optarg, &o->flight.memory_bytes);
		if (!err && o->flight.memory_bytes < LEAST_RING)
			err = -EINVAL;
		break;
	case OPT_BUFFER_SIZE:
		err = value_size(optarg, &o->live.ring_bytes);
		break;
	case OPT_MAX_READY:
		return take_unsigned(id, 1, LIVE_READY_MAX, &o->live.max_ready, f);
	default: /* OPT_LIMIT */
		return take_unsigned(id, 0, UINT32_MAX, &o->pipeline.limit, f);
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
		o->live.follow = false;
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
		o->pipeline.histograms = true;
		break;
	case 'z':
		o->pipeline.filter.only_ok = true;
		break;
	case 'Z':
		o->pipeline.filter.only_failed = true;
		break;
	case 'r':
		o->pipeline.time_format = TIME_RELATIVE;
		break;
	case OPT_NO_TASK_STORAGE:
		o->live.no_task_storage = true;
		break;
	case OPT_NO_FILE_ITERATOR:
		o->live.no_file_iterator = true;
		break;
	case OPT_SNAPSHOT:
		o->pipeline.snapshot = true;
		break;
	case OPT_DIAGNOSE:
		o->pipeline.diagnosis = true;
		break;
	case OPT_IO:
		o->live.io = true;
		break;
	case OPT_DEBUG:
		o->live.debug = true;
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

/* What the pipeline does, by several options. */
static void derive_pipeline(const struct options *o, struct pipeline_options *p)
{
	p->json = o->format == FORMAT_JSON;
	p->timeline = o->format == FORMAT_PERFETTO ? TIMELINE_PERFETTO
		      : o->format == FORMAT_CHROME ? TIMELINE_CHROME
						   : TIMELINE_NONE;
	p->summary = o->summary != SUMMARY_NONE;
	p->lines = o->summary != SUMMARY_ONLY && !p->snapshot && !o->silent && !p->diagnosis &&
		   !p->timeline;
	p->findings = !p->timeline && o->summary != SUMMARY_ONLY;
	p->max_ready = o->live.max_ready ? o->live.max_ready : DEFAULT_MAX_READY;
	p->replayed = o->replay != NULL;
	p->prompt = o->replay && !strcmp(o->replay, "-");
	p->blocked_as_recorded = o->replay && !o->has_blocked_after;
}

/* What is traced, by several options. */
static void derive_live(const struct options *o, struct live_options *live)
{
	const struct pipeline_options *p = &o->pipeline;
	uint64_t trigger_ns = o->flight.trigger_ns;
	bool sooner = trigger_ns && trigger_ns < p->blocked_after_ns;

	live->blocked_after_ns = sooner ? trigger_ns : p->blocked_after_ns;
	live->launched = o->command != NULL;
	live->threads = o->record || p->rules;
	live->stall_ns = live->threads ? p->stall_ns : 0;
	live->snapshot = p->snapshot;
	live->light = p->diagnosis && !o->record;
}

static void derive(struct options *o)
{
	derive_pipeline(o, &o->pipeline);
	derive_live(o, &o->live);
	o->flight.path = o->record;
}

int options_parse(int argc, char **argv, struct options *o, struct failure *f)
{
	char letters[2 * OPTIONS_MOST + 3];
	struct option longs[OPTIONS_MOST + 1];
	unsigned times = 0;
	int id, err = 0;

	*o = (struct options){
		.pipeline =
			{
				.filter.calls = FILTER_ALL_CALLS,
				.time_format = TIME_OF_DAY_MICRO,
				.blocked_after_ns = DEFAULT_BLOCKED_NS,
				.limit = DEFAULT_LIMIT,
				.rules = RULES_ALL,
				.stall_ns = DEFAULT_STALL_NS,
			},
		.live = {.ring_bytes = DEFAULT_BUFFER, .follow = true},
		.flight = {.memory_bytes = DEFAULT_RING},
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
			o->pipeline.time_format =
				times < 3 ? (enum time_format)times++ : TIME_EPOCH;
		else if (!option_find(id)->arg)
			take_flag(o, id);
		else
			err = take_value(o, id, f);
	}
	if (optind < argc)
		o->command = argv + optind;
	if (!err)
		err = options_check(o, f);
	if (!err)
		derive(o);
	return err;
}

void options_free(struct options *o)
{
	free(o->pids.at);
	free(o->pipeline.filter.fds.at);
	free(o->pipeline.filter.epfds.at);
}
