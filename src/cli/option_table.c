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
#define POINT(member)	 .type = OPTION_POINT, .offset = MEMBER(struct moment_wanted, member)
#define SIZE(member)	 .type = OPTION_SIZE, .offset = MEMBER(size_t, member)
#define COUNT(member)	 .type = OPTION_COUNT, .offset = MEMBER(unsigned, member)
#define INTS(member)	 .type = OPTION_INTS, .offset = MEMBER(struct int_list, member)
#define WORD(member)	 .type = OPTION_WORD, .offset = MEMBER(unsigned, member)
#define WORDS(member, all)                                                                         \
	.type = OPTION_WORDS, .offset = MEMBER(unsigned, member), .max = (all), .initial = (all)

#define MS 1000000ULL
#define S  1000000000ULL

const struct option_row option_rows[] = {
	{'p', "attach", "PID", "trace the process PID; repeats, takes PID,PID and blanks",
	 INTS(pids), .min = 1},
	{OPT_TREE, "tree", NULL, "with -p: also the living descendants", TRUE(tree)},
	{OPT_NO_FOLLOW, "no-follow", NULL, "do not follow processes that targets make",
	 FALSE(live.follow)},
	{'u', "user", "USER", "run COMMAND as USER, a name or UID:GID", STRING(user)},
	{'o', "output", "FILE", "write to FILE; - is stdout", STRING(output)},
	{'c', "summary-only", NULL, "print a summary at the end instead of lines",
	 SET(summary, SUMMARY_ONLY)},
	{'C', "summary", NULL, "print lines and a summary", SET(summary, SUMMARY_ALSO)},
	{OPT_HISTOGRAMS, "histograms", NULL, "in the summary: time in waits and away; implies -c",
	 TRUE(pipeline.histograms)},
	{OPT_INTERVAL, "interval", "TIME", "a summary each TIME, of that time; implies -c",
	 TIME(pipeline.interval_ns), .min = 10 * MS},
	{OPT_SNAPSHOT, "snapshot", NULL, "print the state that PID is in now, and exit",
	 TRUE(pipeline.snapshot)},
	{OPT_DIAGNOSE, "diagnose", NULL, "print only what is wrong, and a report at the end",
	 TRUE(pipeline.diagnosis)},
	{OPT_RULES, "rules", "RULES", "what to look for: all, none, names; !: all but (all)",
	 WORDS(pipeline.rules, RULES_ALL), .bad_word = "rule",
	 .hint = "epolltrace --diagnose says which were checked"},
	{OPT_STALL, "stall", "TIME", "what does not move for as long is stuck (1s)",
	 TIME(pipeline.stall_ns), .min = 10 * MS, .initial = 1 * S},
	{OPT_IO, "io", NULL, "see reads and writes too, which some rules need", TRUE(live.io)},
	{OPT_FAIL_ON, "fail-on", "SEVERITY", "exit with 3 at a finding: error, warning or note",
	 WORD(fail_on)},
	{OPT_EXPLAIN, "explain", "RULE", "print what a rule means, and exit", WORD(explained),
	 .action = ACTION_EXPLAIN},
	{OPT_FORMAT, "format", "FORMAT", "of the output: text, json, perfetto or chrome",
	 WORD(format)},
	{OPT_RECORD, "record", "FILE", "record everything to FILE; - is stdout", STRING(record)},
	{OPT_RING, "ring", "TIME", "record only the last TIME, at SIGUSR1 and at the end",
	 TIME(flight.span_ns), .min = 1},
	{OPT_TRIGGER_BLOCKED, "trigger-blocked", "TIME",
	 "with --ring: record when a wait blocks as long", TIME(flight.trigger_ns), .min = 1},
	{OPT_RING_MEMORY, "ring-memory", "SIZE", "with --ring: what it may take (64M)",
	 SIZE(flight.memory_bytes), .min = 1 << 20, .initial = 64 << 20},
	{OPT_REPLAY, "replay", "FILE", "read a recording instead of tracing; - is stdin",
	 STRING(replay)},
	{OPT_AT, "at", "TIME", "with --replay: a snapshot of then, TIME from the start or HH:MM:SS",
	 POINT(pipeline.moment)},
	{OPT_JSON_SCHEMA, "json-schema", NULL, "print the schema of --format=json, and exit",
	 ACCEPTED, .action = ACTION_JSON_SCHEMA},
	{OPT_LIMIT, "limit", "N", "rows of a table; 0: all (40)", COUNT(pipeline.limit),
	 .initial = 40},
	{'e', "trace", "SET", "show these calls: create, ctl, wait, names; !: all but",
	 WORDS(pipeline.filter.calls, FILTER_ALL_CALLS),
	 .prefix = "trace=", .bad_word = "system call",
	 .hint = "epoll calls by name, or the sets all, none, create, ctl, wait"},
	{'z', "successful-only", NULL, "show only calls that succeeded",
	 TRUE(pipeline.filter.only_ok)},
	{'Z', "failed-only", NULL, "show only calls that failed",
	 TRUE(pipeline.filter.only_failed)},
	{OPT_FD, "fd", "LIST", "show only what concerns these descriptors",
	 INTS(pipeline.filter.fds)},
	{OPT_EPFD, "epfd", "LIST", "show only calls on these instances' descriptors",
	 INTS(pipeline.filter.epfds)},
	{OPT_SLOWER_THAN, "slower-than", "TIME", "show only calls that took as long",
	 TIME(pipeline.filter.slower_than_ns)},
	{OPT_BLOCKED_AFTER, "blocked-after", "TIME", "show a wait that blocks as long (1s)",
	 TIME(pipeline.blocked_after_ns), .initial = 1 * S},
	{OPT_MAX_READY, "max-ready", "N", "ready events read of a wait (lines show 64)",
	 COUNT(live.max_ready), .min = 1, .max = LIVE_READY_MAX},
	{'t', "absolute-timestamps", NULL, "time of day; -tt: with microseconds, -ttt: epoch",
	 REPEATED(pipeline.time_format), .max = TIME_EPOCH, .initial = TIME_OF_DAY_MICRO},
	{'r', "relative-timestamps", NULL, "time since the line before",
	 SET(pipeline.time_format, TIME_RELATIVE)},
	{'T', "syscall-times", NULL, "always on, for strace's sake", ACCEPTED},
	{'y', "decode-fds", NULL, "always on, for strace's sake; so is -yy", ACCEPTED},
	{'f', "follow-forks", NULL, "always on, for strace's sake", ACCEPTED},
	{'q', "quiet", NULL, "with -p: do not say when tracing has begun", TRUE(quiet)},
	{OPT_COLOR, "color", "WHEN", "auto, always or never", WORD(color)},
	{OPT_BUFFER_SIZE, "buffer-size", "SIZE", "bytes between kernel and tool (16M)",
	 SIZE(live.ring_bytes), .initial = 16 << 20},
	{OPT_FEATURES, "features", NULL, "print what this kernel allows, and exit", ACCEPTED,
	 .action = ACTION_FEATURES},
	{OPT_COMPLETION, "completion", "SHELL", "print completion for bash or zsh, and exit",
	 WORD(shell), .action = ACTION_COMPLETION},
	{OPT_NO_TASK_STORAGE, "no-task-storage", NULL, "do as on a kernel before 5.11",
	 TRUE(live.no_task_storage)},
	{OPT_NO_FILE_ITERATOR, "no-file-iterator", NULL, "do as if files could not be looked at",
	 TRUE(live.no_file_iterator)},
	{OPT_DEBUG, "debug", NULL, "let libbpf talk on stderr", TRUE(live.debug)},
	{'h', "help", NULL, "print this, and exit", ACCEPTED, .action = ACTION_HELP},
	{'V', "version", NULL, "print the version, and exit", ACCEPTED, .action = ACTION_VERSION},
	{0},
};

#undef WORD

_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) - 1 <= OPTIONS_MAX, "OPTIONS_MAX");

const struct option_row *option_find(int id)
{
	for (const struct option_row *r = option_rows; r->name; r++)
		if (r->id == id)
			return r;
	return NULL;
}

#define CALL(name) (1u << CALL_EPOLL_##name)

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
	{"SET", "all", FILTER_ALL_CALLS},
	{"SET", "none", 0},
	{"SET", "create", CALL(CREATE) | CALL(CREATE1)},
	{"SET", "ctl", CALL(CTL)},
	{"SET", "wait", CALL(WAIT) | CALL(PWAIT) | CALL(PWAIT2)},
	{"SET", "epoll_create", CALL(CREATE)},
	{"SET", "epoll_create1", CALL(CREATE1)},
	{"SET", "epoll_ctl", CALL(CTL)},
	{"SET", "epoll_wait", CALL(WAIT)},
	{"SET", "epoll_pwait", CALL(PWAIT)},
	{"SET", "epoll_pwait2", CALL(PWAIT2)},
	{"SEVERITY", "error", SEVERITY_ERROR},
	{"SEVERITY", "warning", SEVERITY_WARNING},
	{"SEVERITY", "note", SEVERITY_NOTE},
#define WORD(id, file, name) {"RULE", name, RULE_##id},
	RULES(WORD)
#undef WORD
		{"RULES", "all", RULES_ALL},
	{"RULES", "none", 0},
#define WORD(id, file, name) {"RULES", name, 1u << RULE_##id},
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
