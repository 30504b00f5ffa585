/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/option_table.h"

#include "base/rule_ids.h"
#include "cli/options.h"

#include <string.h>

const struct option_row option_rows[] = {
	{'p', "attach", "PID", "trace the process PID; repeats, takes PID,PID and blanks"},
	{OPT_TREE, "tree", NULL, "with -p: also the living descendants"},
	{OPT_NO_FOLLOW, "no-follow", NULL, "do not follow processes that targets make"},
	{'u', "user", "USER", "run COMMAND as USER, a name or UID:GID"},
	{'o', "output", "FILE", "write to FILE; - is stdout"},
	{'c', "summary-only", NULL, "print a summary at the end instead of lines"},
	{'C', "summary", NULL, "print lines and a summary"},
	{OPT_HISTOGRAMS, "histograms", NULL, "in the summary: time in waits and away; implies -c"},
	{OPT_INTERVAL, "interval", "TIME", "a summary each TIME, of that time; implies -c"},
	{OPT_SNAPSHOT, "snapshot", NULL, "print the state that PID is in now, and exit"},
	{OPT_DIAGNOSE, "diagnose", NULL, "print only what is wrong, and a report at the end"},
	{OPT_RULES, "rules", "RULES", "what to look for: all, none, names; !: all but (all)"},
	{OPT_STALL, "stall", "TIME", "what does not move for as long is stuck (1s)"},
	{OPT_IO, "io", NULL, "see reads and writes too, which some rules need"},
	{OPT_FAIL_ON, "fail-on", "SEVERITY", "exit with 3 at a finding: error, warning or note"},
	{OPT_EXPLAIN, "explain", "RULE", "print what a rule means, and exit"},
	{OPT_FORMAT, "format", "FORMAT", "of the output: text, json, perfetto or chrome"},
	{OPT_RECORD, "record", "FILE", "record everything to FILE; - is stdout"},
	{OPT_RING, "ring", "TIME", "record only the last TIME, at SIGUSR1 and at the end"},
	{OPT_TRIGGER_BLOCKED, "trigger-blocked", "TIME",
	 "with --ring: record when a wait blocks as long"},
	{OPT_RING_MEMORY, "ring-memory", "SIZE", "with --ring: what it may take (64M)"},
	{OPT_REPLAY, "replay", "FILE", "read a recording instead of tracing; - is stdin"},
	{OPT_AT, "at", "TIME",
	 "with --replay: a snapshot of then, TIME from the start or HH:MM:SS"},
	{OPT_JSON_SCHEMA, "json-schema", NULL, "print the schema of --format=json, and exit"},
	{OPT_LIMIT, "limit", "N", "rows of a table; 0: all (40)"},
	{'e', "trace", "SET", "show these calls: create, ctl, wait, names; !: all but"},
	{'z', "successful-only", NULL, "show only calls that succeeded"},
	{'Z', "failed-only", NULL, "show only calls that failed"},
	{OPT_FD, "fd", "LIST", "show only what concerns these descriptors"},
	{OPT_EPFD, "epfd", "LIST", "show only calls on these instances' descriptors"},
	{OPT_SLOWER_THAN, "slower-than", "TIME", "show only calls that took as long"},
	{OPT_BLOCKED_AFTER, "blocked-after", "TIME", "show a wait that blocks as long (1s)"},
	{OPT_MAX_READY, "max-ready", "N", "ready events read of a wait (lines show 64)"},
	{'t', "absolute-timestamps", NULL, "time of day; -tt: with microseconds, -ttt: epoch"},
	{'r', "relative-timestamps", NULL, "time since the line before"},
	{'T', "syscall-times", NULL, "always on, for strace's sake"},
	{'y', "decode-fds", NULL, "always on, for strace's sake; so is -yy"},
	{'f', "follow-forks", NULL, "always on, for strace's sake"},
	{'q', "quiet", NULL, "with -p: do not say when tracing has begun"},
	{OPT_COLOR, "color", "WHEN", "auto, always or never"},
	{OPT_BUFFER_SIZE, "buffer-size", "SIZE", "bytes between kernel and tool (16M)"},
	{OPT_FEATURES, "features", NULL, "print what this kernel allows, and exit"},
	{OPT_COMPLETION, "completion", "SHELL", "print completion for bash or zsh, and exit"},
	{OPT_NO_TASK_STORAGE, "no-task-storage", NULL, "do as on a kernel before 5.11"},
	{OPT_NO_FILE_ITERATOR, "no-file-iterator", NULL, "do as if files could not be looked at"},
	{OPT_DEBUG, "debug", NULL, "let libbpf talk on stderr"},
	{'h', "help", NULL, "print this, and exit"},
	{'V', "version", NULL, "print the version, and exit"},
	{0},
};

_Static_assert(sizeof(option_rows) / sizeof(option_rows[0]) - 1 <= OPTIONS_MOST, "OPTIONS_MOST");

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
