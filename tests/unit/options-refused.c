/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words that no option takes, and what is said of them; tests/badinput.bats has what becomes of that. */
#include "cli/options.h"
#include "unit.h"

#include <errno.h>
#include <getopt.h>

#define WORDS_MAX 32

/* Of an option: what its argument is called, and what it must refuse. */
struct refused {
	const char *option, *arg;
	const char *words[WORDS_MAX];
};

static const struct refused refused[] = {
	{"attach",
	 "PID",
	 {"12x",
	  "x12",
	  "",
	  " ",
	  ",",
	  " ",
	  ", ,",
	  "0",
	  "-1",
	  "+1",
	  "1.5",
	  "0x10",
	  "1e3",
	  "1;2",
	  "1 x",
	  "1,-1",
	  "1,0",
	  "1 0",
	  "2147483648",
	  "4294967297",
	  "18446744073709551617",
	  "99999999999999999999999",
	  "1-2",
	  "1,,2",
	  ",1",
	  "1,",
	  "1 , ,2"}},
	{"blocked-after",
	 "TIME",
	 {"",
	  "x",
	  "-1",
	  "-1s",
	  "+1",
	  "1x",
	  "1sec",
	  "1e9",
	  "1S",
	  " 1",
	  "1 s",
	  "1s1",
	  ".5",
	  "1.",
	  "1..2",
	  "0x1",
	  "99999999999999h",
	  "18446744073709551617",
	  "99999999999999999999999s",
	  "9999999999m",
	  "1.0000000001",
	  "ms"}},
	{"slower-than",
	 "TIME",
	 {"",
	  "x",
	  "-1",
	  "-1s",
	  "+1",
	  "1x",
	  "1sec",
	  "1e9",
	  "1S",
	  " 1",
	  "1 s",
	  "1s1",
	  ".5",
	  "1.",
	  "1..2",
	  "0x1",
	  "99999999999999h",
	  "18446744073709551617",
	  "99999999999999999999999s",
	  "9999999999m",
	  "1.0000000001",
	  "ms"}},
	{"interval",
	 "TIME",
	 {"", "x", "-1s", "0", "0s", "0.0", "0ms", "9ms", "9.999ms", "9999999ns", "1x", "1e9",
	  "1 s", "99999999999999h"}},
	{"at",
	 "TIME",
	 {"1:2:3", "24:00:00", "12:60:00", "12:00:60", "12:00", "12:00:00x", ":12:00", "-1s",
	  "12:00:1", "12:00: 1", "12:00:00.0000000001", "12:00:01ms"}},
	{"duration", "TIME", {"", "0", "0s", "0.0", "x", "-1s"}},
	{"ring", "TIME", {"0", "0s", "x"}},
	{"ring-memory", "SIZE", {"1023K"}},
	{"buffer-size",
	 "SIZE",
	 {"", "x", "0", "-1", "+1", "1x", "1KB", "1MM", "2G", "4294967296", "99999999999999999999",
	  "1.5M", " 1"}},
	{"limit", "N", {"", "x", "-1", "1x", "4294967296", "99999999999999999999"}},
	{"max-ready", "N", {"", "x", "-1", "0", "1x", "4294967296", "99999999999999999999"}},
	{"fd", "LIST", {"", "x", "-1", "1x", "4294967296", "99999999999999999999"}},
	{"epfd", "LIST", {"", "x", "-1", "1x", "4294967296", "99999999999999999999"}},
	{"color", "WHEN", {"", "x", "Always", "always,never", "no"}},
};

/* One of argv is refused with this message; what stands after it is COMMAND all the same. */
static void check_refused(char **argv, const char *message)
{
	struct options o;
	struct failure f = {0};
	int argc = 0;

	while (argv[argc])
		argc++;
	optind = 0; /* getopt begins anew */
	CHECK(options_parse(argc, argv, &o, &f) == -EINVAL);
	CHECK_STR(f.what, message);
	CHECK(!f.hint);
	CHECK(o.command && !strcmp(o.command[0], "command"));
	options_free(&o);
}

/* As an argument of its own, and in one with its option. */
static void check_word(const struct refused *r, const char *word)
{
	char option[64], joined[128], message[256];
	char *apart[] = {(char *)"epolltrace", option, (char *)word, (char *)"command", NULL};
	char *together[] = {(char *)"epolltrace", joined, (char *)"command", NULL};

	snprintf(option, sizeof(option), "--%s", r->option);
	snprintf(joined, sizeof(joined), "--%s=%s", r->option, word);
	snprintf(message, sizeof(message), "invalid %s for --%s: '%s'", r->arg, r->option, word);
	check_refused(apart, message);
	check_refused(together, message);
}

int main(void)
{
	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		for (unsigned k = 0; k < WORDS_MAX && refused[i].words[k]; k++)
			check_word(&refused[i], refused[i].words[k]);
	return unit_failed;
}
