/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of options: what is taken and what is refused. */
#include "cli/values.h"
#include "base/syscalls.h"
#include "event/names.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/syscall.h>

static void test_times(void)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{"1", 1000000000},
		{"250us", 250000},
		{"100ms", 100000000},
		{"2s", 2000000000},
		{"5m", 300000000000ULL},
		{"0.5", 500000000},
		{"1.25ms", 1250000},
		{"0", 0},
		{"7ns", 7},
		{"1h", 3600000000000ULL},
	};
	static const char *const bad[] = {"",
					  "-1",
					  "1x",
					  "1 s",
					  " 1",
					  "s",
					  "1e9",
					  "1.",
					  ".5",
					  "+1",
					  "1.5.5",
					  "0x1",
					  "99999999999999h",
					  "1sec"};
	uint64_t ns;

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK(!value_time(good[i].text, &ns));
		CHECK(ns == good[i].ns);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(value_time(bad[i], &ns));
}

static void test_numbers(void)
{
	struct int_list n = {0};
	uint64_t v;

	CHECK(!value_numbers("1,2 3\t4\n", 1, &n) && n.count == 4 && n.at[3] == 4);
	CHECK(value_numbers("1,,2", 1, &n) && value_numbers("1,", 1, &n) &&
	      value_numbers(",1", 1, &n));
	CHECK(value_numbers("", 1, &n) && value_numbers(" , ", 1, &n));
	CHECK(value_numbers("0", 1, &n) && value_numbers("-1", 1, &n));
	CHECK(value_numbers("12x", 1, &n) && value_numbers("2147483648", 1, &n));
	CHECK(!value_number("1024", 1, 1024, &v) && v == 1024);
	CHECK(value_number("1025", 1, 1024, &v) && value_number("0", 1, 1024, &v));
	CHECK(value_number("18446744073709551616", 0, UINT64_MAX, &v));
	CHECK(!value_number("18446744073709551615", 0, UINT64_MAX, &v) && v == UINT64_MAX);
	free(n.at);
}

static void test_sizes(void)
{
	size_t bytes;

	CHECK(!value_size("16M", &bytes) && bytes == 16u << 20);
	CHECK(!value_size("256k", &bytes) && bytes == 256u << 10);
	CHECK(!value_size("1G", &bytes) && bytes == 1u << 30);
	CHECK(value_size("2G", &bytes) && value_size("0", &bytes) && value_size("1T", &bytes));
	CHECK(value_size("16MB", &bytes) && value_size("-1", &bytes));
}

static void test_calls(void)
{
	const char *bad = NULL;
	uint64_t calls;

	CHECK(!value_words("SET", "create,ctl", CALLS_ALL, &calls, &bad));
	CHECK(calls == (1u << CALL_EPOLL_CREATE | 1u << CALL_EPOLL_CREATE1 | 1u << CALL_EPOLL_CTL));
	CHECK(!value_words("SET", "epoll_wait", CALLS_ALL, &calls, &bad) &&
	      calls == 1u << CALL_EPOLL_WAIT);
	CHECK(!value_words("SET", "!wait", CALLS_ALL, &calls, &bad));
	CHECK(calls == (1u << CALL_EPOLL_CREATE | 1u << CALL_EPOLL_CREATE1 | 1u << CALL_EPOLL_CTL));
	CHECK(!value_words("SET", "none", CALLS_ALL, &calls, &bad) && calls == 0);
	CHECK(value_words("SET", "ctl,poll", CALLS_ALL, &calls, &bad) && !strcmp(bad, "poll"));
	CHECK(value_words("SET", "", CALLS_ALL, &calls, &bad) &&
	      value_words("SET", "ctl,", CALLS_ALL, &calls, &bad));
}

/* What --features says of a call that cannot be seen hangs on the architecture. */
static void test_syscalls(void)
{
#ifdef SYS_epoll_wait
	CHECK(syscall_exists("epoll_wait") && syscall_exists("dup2"));
#else
	CHECK(!syscall_exists("epoll_wait") && !syscall_exists("dup2"));
#endif
	CHECK(syscall_exists("epoll_pwait") && syscall_exists("close"));
	CHECK(!syscall_exists("") && !syscall_exists("epoll") && !syscall_exists("epoll_wait2"));
}

int main(void)
{
	test_times();
	test_numbers();
	test_sizes();
	test_calls();
	test_syscalls();
	return unit_failed;
}
