/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line: what each option sets, what it is without, and what follows from several. */
#include "cli/options.h"
#include "cli/option_table.h"
#include "unit.h"

#include <getopt.h>

#define MS 1000000ULL
#define S  (1000 * MS)

/* Parses words with blanks between. 0 or -errno. */
static int parse(const char *line, struct options *ret)
{
	static char copy[512];
	struct failure f = {0};
	static char *argv[32] = {(char *)"epolltrace"};
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	optind = 0; /* getopt begins anew */
	return options_parse(argc, argv, ret, &f);
}

static struct options parsed(const char *line)
{
	struct options o;

	CHECK(!parse(line, &o));
	options_free(&o); /* lists are for test_lists() */
	return o;
}

static void test_defaults(void)
{
	struct options o = parsed("-p 1");

	CHECK(o.action == ACTION_TRACE && !o.command && !o.duration_ns);
	CHECK(o.pipeline.lines && o.pipeline.findings && !o.pipeline.summary && !o.pipeline.json);
	CHECK(o.pipeline.rules.enabled == RULES_ALL && o.pipeline.filter.calls == CALLS_ALL);
	CHECK(o.pipeline.rules.stall_ns == 1 * S && o.pipeline.blocked_after_ns == 1 * S);
	CHECK(o.pipeline.time_format == TIME_OF_DAY_MICRO && o.pipeline.limit == 40);
	CHECK(o.pipeline.max_ready == 64 && o.live.max_ready == 0);
	CHECK(o.live.follow && o.live.threads && !o.live.light && !o.live.launched);
	CHECK(o.live.ring_bytes == 16 << 20 && o.flight.memory_bytes == 64 << 20);
	CHECK(options_given(&o, pids) && !options_given(&o, flight.memory_bytes));
}

/* -t counts, and the last of -t and -r holds. */
static void test_times(void)
{
	CHECK(parsed("-t -p 1").pipeline.time_format == TIME_OF_DAY);
	CHECK(parsed("-tt -p 1").pipeline.time_format == TIME_OF_DAY_MICRO);
	CHECK(parsed("-ttt -p 1").pipeline.time_format == TIME_EPOCH);
	CHECK(parsed("-t -tt -t -p 1").pipeline.time_format == TIME_EPOCH);
	CHECK(parsed("-t -r -p 1").pipeline.time_format == TIME_RELATIVE);
	CHECK(parsed("-t -r -t -p 1").pipeline.time_format == TIME_OF_DAY_MICRO);
}

static void test_lists(void)
{
	struct options o;

	CHECK(!parse("-p 7,8 --attach 9 --fd 0,5 --epfd 3", &o));
	CHECK(o.pids.count == 3 && o.pids.at[2] == 9);
	CHECK(o.pipeline.filter.fds.count == 2 && o.pipeline.filter.fds.at[0] == 0);
	CHECK(o.pipeline.filter.epfds.count == 1 && o.pipeline.filter.epfds.at[0] == 3);
	options_free(&o);
	CHECK(parse("--fd 5 -p 0", &o) && options_given(&o, pids));
	options_free(&o);
}

/* What hangs on several. */
static void test_derived(void)
{
	struct options o;

	o = parsed("--record f --ring 3s --trigger-blocked 100ms --no-follow true");
	CHECK(o.live.blocked_after_ns == 100 * MS && o.pipeline.blocked_after_ns == 1 * S);
	CHECK(o.silent && !o.pipeline.lines && !o.pipeline.rules.enabled && o.live.threads);
	CHECK(o.live.launched && !o.live.follow && !strcmp(o.flight.path, "f"));
	o = parsed("--rules=none --stall 2s -p 1");
	CHECK(!o.live.threads && o.live.stall_ns == 0 && o.pipeline.rules.stall_ns == 2 * S);
	o = parsed("--replay - --at 10:00:00.5");
	CHECK(o.pipeline.snapshot && o.pipeline.has_at_time && o.pipeline.at_time.of_day);
	CHECK(o.pipeline.replayed && o.pipeline.prompt && o.pipeline.blocked_as_recorded);
	CHECK(!parsed("--replay f --blocked-after 1s").pipeline.blocked_as_recorded);
	o = parsed("--histograms --max-ready 7 -p 1");
	CHECK(o.pipeline.summary && !o.pipeline.lines && o.pipeline.max_ready == 7);
	CHECK(parsed("--duration 0.5 -p 1").duration_ns == 500 * MS);
	CHECK(parsed("--diagnose -p 1").live.light);
	CHECK(!parsed("--diagnose --record f -p 1").live.light);
	CHECK(parsed("--format chrome -p 1").pipeline.timeline == TIMELINE_CHROME);
}

/* An argument that may be left out. */
static void test_optional(void)
{
	struct options o = parsed("--explain");

	CHECK(o.action == ACTION_EXPLAIN && o.explained == RULE_COUNT);
	CHECK(parsed("--explain phantom").explained == RULE_PHANTOM);
	CHECK(parsed("--explain=phantom").explained == RULE_PHANTOM);
	CHECK(parsed("--explain phantom --explain").explained == RULE_COUNT);
	o = parsed("--explain -q phantom");
	CHECK(o.explained == RULE_COUNT && o.quiet && !strcmp(o.command[0], "phantom"));
	CHECK(parse("--explain nonesuch", &o) && o.action == ACTION_TRACE);
	CHECK(parse("--explain=", &o));
}

/* Each row can be found, and fits its type. */
static void test_rows(void)
{
	for (const struct option_row *r = option_rows; r->name; r++) {
		CHECK(!r->arg == (r->type <= OPTION_REPEATED));
		CHECK(r->type == OPTION_ACCEPTED ||
		      r->offset >= sizeof(((struct options *)0)->given));
		CHECK(!r->optional || (r->type == OPTION_WORD && !r->letter));
		CHECK(r == option_rows || r->group >= r[-1].group);
		for (const struct option_row *other = option_rows; other < r; other++)
			CHECK(strcmp(r->name, other->name) &&
			      (!r->letter || r->letter != other->letter));
	}
}

int main(void)
{
	test_defaults();
	test_times();
	test_lists();
	test_derived();
	test_optional();
	test_rows();
	return unit_failed;
}
