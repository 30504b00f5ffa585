/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/option_table.h"

#include "base/rule_ids.h"
#include "cli/options.h"

#include <stddef.h>
#include <string.h>

/* Where the member is; the compiler warns if that is of another type. */
#define MEMBER(ctype, member)                                                                      \
	(offsetof(struct options, member) +                                                        \
	 0 * sizeof((ctype *)0 == &((struct options *)0)->member))

#define ACCEPTED	 .type = OPTION_ACCEPTED
#define TRUE(member)	 .type = OPTION_TRUE, .offset = MEMBER(bool, member)
#define FALSE(member)	 .type = OPTION_FALSE, .offset = MEMBER(bool, member), .initial = true
#define SET(member, v)	 .type = OPTION_SET, .offset = MEMBER(unsigned, member), .value = (v)
#define REPEATED(member) .type = OPTION_REPEATED, .offset = MEMBER(unsigned, member)
#define STRING(member)	 .type = OPTION_STRING, .offset = MEMBER(const char *, member)
#define TIME(member)	 .type = OPTION_TIME, .offset = MEMBER(uint64_t, member)
#define POINT(member)	 .type = OPTION_POINT, .offset = MEMBER(struct at_time_options, member)
#define SIZE(member)	 .type = OPTION_SIZE, .offset = MEMBER(size_t, member)
#define COUNT(member)	 .type = OPTION_COUNT, .offset = MEMBER(unsigned, member)
#define INTS(member)	 .type = OPTION_INTS, .offset = MEMBER(struct int_list, member)
#define WORD(member)	 .type = OPTION_WORD, .offset = MEMBER(unsigned, member)
#define WORDS(member, all)                                                                         \
	.type = OPTION_WORDS, .offset = MEMBER(uint64_t, member), .max = (all), .initial = (all)

const char *const option_groups[] = {
	[GROUP_TARGETS] = "What to trace",
	[GROUP_OUTPUT] = "Where to write, and what",
	[GROUP_DIAGNOSIS] = "What is wrong",
	[GROUP_RECORDINGS] = "Recording and replaying",
	[GROUP_FILTERS] = "Which lines to show",
	[GROUP_STYLE] = "How to show it",
	[GROUP_OTHER] = "Other",
};

#define MS 1000000ULL
#define S  1000000000ULL

const struct option_row option_rows[] = {
	{'p', "attach", "PID", GROUP_TARGETS,
	 "trace the process PID; repeats, takes PID,PID and blanks", INTS(pids), .min = 1},
	{0, "tree", NULL, GROUP_TARGETS, "with -p: also the living descendants", TRUE(tree)},
	{0, "no-follow", NULL, GROUP_TARGETS, "do not follow processes that targets make",
	 FALSE(live.follow)},
	{'q', "quiet", NULL, GROUP_TARGETS, "with -p: do not say when tracing has begun",
	 TRUE(quiet)},
	{'u', "user", "USER", GROUP_TARGETS, "run COMMAND as USER, a name or UID:GID",
	 STRING(user)},
	{0, "duration", "TIME", GROUP_TARGETS, "end the trace after TIME, as SIGINT does",
	 TIME(duration_ns), .min = 1},
	{'o', "output", "FILE", GROUP_OUTPUT, "write to FILE; - is stdout", STRING(output)},
	{'c', "summary-only", NULL, GROUP_OUTPUT, "print a summary at the end instead of lines",
	 SET(summary, SUMMARY_ONLY)},
	{'C', "summary", NULL, GROUP_OUTPUT, "print lines and a summary",
	 SET(summary, SUMMARY_ALSO)},
	{0, "snapshot", NULL, GROUP_OUTPUT, "print the state that PID is in now, and exit",
	 TRUE(pipeline.snapshot)},
	{0, "format", "FORMAT", GROUP_OUTPUT, "of the output: text, json, perfetto or chrome",
	 WORD(format)},
	{0, "json-schema", NULL, GROUP_OUTPUT, "print the schema of --format=json, and exit",
	 ACCEPTED, .action = ACTION_JSON_SCHEMA},
	{0, "interval", "TIME", GROUP_OUTPUT, "a summary each TIME, of that time; implies -c",
	 TIME(pipeline.interval_ns), .min = 10 * MS},
	{0, "histograms", NULL, GROUP_OUTPUT, "in the summary: time in waits and away; implies -c",
	 TRUE(pipeline.histograms)},
	{0, "limit", "N", GROUP_OUTPUT, "rows of a table; 0: all (40)", COUNT(pipeline.limit),
	 .initial = 40},
	{0, "max-ready", "N", GROUP_OUTPUT, "ready events read of a wait (lines show 64)",
	 COUNT(live.max_ready), .min = 1, .max = LIVE_READY_MAX},
	{0, "blocked-after", "TIME", GROUP_OUTPUT, "show a wait that blocks as long (1s)",
	 TIME(pipeline.blocked_after_ns), .initial = 1 * S},
	{0, "diagnose", NULL, GROUP_DIAGNOSIS, "print only what is wrong, and a report at the end",
	 TRUE(pipeline.diagnosis)},
	{0, "rules", "RULES", GROUP_DIAGNOSIS,
	 "what to look for: all, none, names; !: all but (all)",
	 WORDS(pipeline.rules.enabled, RULES_ALL), .bad_word = "rule",
	 .hint = "epolltrace --diagnose says which were checked"},
	{0, "stall", "TIME", GROUP_DIAGNOSIS, "how long nothing may move before it is stuck (1s)",
	 TIME(pipeline.rules.stall_ns), .min = 10 * MS, .initial = 1 * S},
	{0, "io", NULL, GROUP_DIAGNOSIS, "see reads and writes too, which some rules need",
	 TRUE(live.io)},
	{0, "fail-on", "SEVERITY", GROUP_DIAGNOSIS,
	 "exit with 3 at a finding: error, warning or note", WORD(fail_on)},
	{0, "explain", "RULE", GROUP_DIAGNOSIS,
	 "print what a rule means, or a line of each; and exit", WORD(explained),
	 .initial = RULE_COUNT, .optional = true, .action = ACTION_EXPLAIN},
	{0, "record", "FILE", GROUP_RECORDINGS, "record everything to FILE; - is stdout",
	 STRING(record)},
	{0, "ring", "TIME", GROUP_RECORDINGS,
	 "record only the last TIME, at SIGUSR1 and at the end", TIME(flight.span_ns), .min = 1},
	{0, "trigger-blocked", "TIME", GROUP_RECORDINGS,
	 "with --ring: record when a wait blocks as long", TIME(flight.trigger_ns), .min = 1},
	{0, "ring-memory", "SIZE", GROUP_RECORDINGS, "with --ring: what it may take (64M)",
	 SIZE(flight.memory_bytes), .min = 1 << 20, .initial = 64 << 20},
	{0, "replay", "FILE", GROUP_RECORDINGS, "read a recording instead of tracing; - is stdin",
	 STRING(replay)},
	{0, "at", "TIME", GROUP_RECORDINGS,
	 "with --replay: a snapshot of then, TIME from the start or HH:MM:SS",
	 POINT(pipeline.at_time)},
	{'e', "trace", "SET", GROUP_FILTERS,
	 "show these calls: create, ctl, wait, names; !: all but",
	 WORDS(pipeline.filter.calls, CALLS_ALL), .prefix = "trace=", .bad_word = "system call",
	 .hint = "epoll calls by name, or the sets all, none, create, ctl, wait"},
	{'z', "successful-only", NULL, GROUP_FILTERS, "show only calls that succeeded",
	 TRUE(pipeline.filter.only_ok)},
	{'Z', "failed-only", NULL, GROUP_FILTERS, "show only calls that failed",
	 TRUE(pipeline.filter.only_failed)},
	{0, "fd", "LIST", GROUP_FILTERS, "show only what concerns these descriptors",
	 INTS(pipeline.filter.fds)},
	{0, "epfd", "LIST", GROUP_FILTERS, "show only calls on these instances' descriptors",
	 INTS(pipeline.filter.epfds)},
	{0, "slower-than", "TIME", GROUP_FILTERS, "show only calls that took as long",
	 TIME(pipeline.filter.slower_than_ns)},
	{'t', "absolute-timestamps", NULL, GROUP_STYLE,
	 "time of day; -tt: with microseconds, -ttt: epoch", REPEATED(pipeline.time_format),
	 .max = TIME_EPOCH, .initial = TIME_OF_DAY_MICRO},
	{'r', "relative-timestamps", NULL, GROUP_STYLE, "time since the line before",
	 SET(pipeline.time_format, TIME_RELATIVE)},
	{'T', "syscall-times", NULL, GROUP_STYLE, "always on, for strace's sake", ACCEPTED},
	{'y', "decode-fds", NULL, GROUP_STYLE, "always on, for strace's sake; so is -yy", ACCEPTED},
	{'f', "follow-forks", NULL, GROUP_STYLE, "always on, for strace's sake", ACCEPTED},
	{0, "color", "WHEN", GROUP_STYLE, "auto, always or never", WORD(color)},
	{0, "buffer-size", "SIZE", GROUP_OTHER, "bytes between kernel and tool (16M)",
	 SIZE(live.ring_bytes), .initial = 16 << 20},
	{0, "features", NULL, GROUP_OTHER, "print what this kernel allows, and exit", ACCEPTED,
	 .action = ACTION_FEATURES},
	{0, "completion", "SHELL", GROUP_OTHER, "print completion for bash or zsh, and exit",
	 WORD(shell), .action = ACTION_COMPLETION},
	{0, "no-task-storage", NULL, GROUP_OTHER, "do as on a kernel before 5.11",
	 TRUE(live.no_task_storage)},
	{0, "no-file-iterator", NULL, GROUP_OTHER, "do as if files could not be scanned",
	 TRUE(live.no_file_iterator)},
	{0, "debug", NULL, GROUP_OTHER, "let libbpf talk on stderr", TRUE(live.debug)},
	{'h', "help", NULL, GROUP_OTHER, "print this, and exit", ACCEPTED, .action = ACTION_HELP},
	{'V', "version", NULL, GROUP_OTHER, "print the version, and exit", ACCEPTED,
	 .action = ACTION_VERSION},
	{0},
};

#undef WORD

_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) - 1 <= OPTIONS_MAX, "OPTIONS_MAX");

const struct option_word option_words[] = {
	{"WHEN", "auto", COLOR_AUTO},
	{"WHEN", "always", COLOR_ALWAYS},
	{"WHEN", "never", COLOR_NEVER},
	{"FORMAT", "text", FORMAT_TEXT},
	{"FORMAT", "json", FORMAT_JSON},
	{"FORMAT", "perfetto", FORMAT_PERFETTO},
	{"FORMAT", "chrome", FORMAT_CHROME},
	{"SHELL", "bash", SHELL_BASH},
	{"SHELL", "zsh", SHELL_ZSH},
	{"SET", "all", CALLS_ALL},
	{"SET", "none", 0},
	{"SET", "create", CALLS_CREATE},
	{"SET", "ctl", CALLS_CTL},
	{"SET", "wait", CALLS_WAIT},
#define WORD(id, name, set) {"SET", #name, 1u << CALL_##id},
	EPOLL_CALLS(WORD)
#undef WORD
		{"SEVERITY", "error", SEVERITY_ERROR},
	{"SEVERITY", "warning", SEVERITY_WARNING},
	{"SEVERITY", "note", SEVERITY_NOTE},
#define WORD(id, file, name) {"RULE", name, RULE_##id},
	RULES(WORD)
#undef WORD
		{"RULES", "all", RULES_ALL},
	{"RULES", "none", 0},
#define WORD(id, file, name) {"RULES", name, RULE_BIT(RULE_##id)},
	RULES(WORD)
#undef WORD
		{0},
};

const struct option_word *option_word_find(const char *arg, const char *text, size_t len)
{
	for (const struct option_word *w = option_words; w->arg; w++)
		if (!strcmp(w->arg, arg) && strlen(w->text) == len && !memcmp(w->text, text, len))
			return w;
	return NULL;
}

bool options_given_at(const struct options *o, size_t offset)
{
	unsigned times = 0;

	for (const struct option_row *r = option_rows; r->name; r++)
		if (r->offset == offset)
			times += o->given[r - option_rows];
	return times != 0;
}
