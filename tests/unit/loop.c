/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Figures of event loops: records made by hand go in, the text that comes out is compared. */
#include "feed.h"

#include <errno.h>
#include <stdlib.h>

/* Threads whose calls come mixed, on two instances, with errors; five seconds in all. */
static void test_turns(void)
{
	begin(0, false);
	start();
	waited_before(8, 2000);
	waited_before(9, 2100);
	waited(7, 2000, 2500, 1);
	waited(8, 2250, 2500, 1);
	waited(7, 2600, 2700, -EINTR);
	take_wait(7, EP2, 3000 * MS, 1000 * MS, 0, 0, false);
	waited(7, 4100, 4500, 3);
	finish(6000);
	CHECK_STR(
		loops(end()),
		"      8         2       0.4  16.7%     1.00   250 ms   250 ms   250 ms   250 ms   "
		"250 ms   250 ms\n"
		"      9         1       0.2      -     1.00        -        -        -        -   "
		"     -        -\n"
		"      7         4       0.8  20.0%     1.00   403 ms   1.00 s   1.00 s   101 ms   "
		"300 ms   300 ms\n");
}

/* 101 turns: percentiles are of the right rank. Waits of 1 to 101 ms, away for twice as long. */
static void test_percentiles(void)
{
	uint64_t now = 1000;

	begin(0, false);
	start();
	for (unsigned i = 1; i <= 101; i++) {
		waited(7, now, now + i, 1);
		now += 3 * i;
	}
	finish(now);
	/* 51 and 100 of 101 waits, 50 and 99 (twice) of 100 times away: each up to 1/16 more. */
	CHECK_STR(
		loops(end()),
		"      7       101       6.5  66.2%     1.00  52.4 ms   101 ms   101 ms   101 ms   "
		"200 ms   200 ms\n");
}

/* A wait that goes on at the end is no turn, but ends the time away. */
static void test_unfinished(void)
{
	begin(0, false);
	start();
	waited(7, 2000, 2500, 1);
	inflight(7, 3500, false);
	inflight(8, 1000, true);
	finish(5000);
	CHECK_STR(
		loops(end()),
		"      7         1       0.2  33.3%     1.00   500 ms   500 ms   500 ms   1.00 s   "
		"1.00 s   1.00 s\n"
		"      8         0       0.0      -     0.00        -        -        -        -   "
		"     -        -\n");
}

/* The time between two threads that have one number one after the other is nobody's time away. */
static void test_number_again(void)
{
	begin(0, false);
	start();
	waited(7, 2000, 2500, 1);
	waited(8, 2000, 2500, 1);
	exited(8, 2600, false);
	exited(7, 2600, true);
	waited(7, 3000, 3500, 1);
	process = 6;
	waited(8, 3000, 3500, 1);
	waited(8, 3600, 3700, 1);
	finish(5000);
	CHECK_STR(
		loops(end()),
		"      7         1       0.2      -     1.00   500 ms   500 ms   500 ms        -   "
		"     -        -\n"
		"      8         1       0.2      -     1.00   500 ms   500 ms   500 ms        -   "
		"     -        -\n"
		"      7         1       0.2      -     1.00   500 ms   500 ms   500 ms        -   "
		"     -        -\n"
		"      8         2       0.5  14.3%     1.00   101 ms   500 ms   500 ms   100 ms   "
		"100 ms   100 ms\n");
}

static void test_histograms(void)
{
	const uint64_t ns[] = {0, 1, 2, 1000, 1023, 1024, 700};
	uint64_t now = 2000 * MS;
	const char *text;

	begin(0, true);
	start();
	waited_before(7, 2000);
	for (unsigned i = 0; i < sizeof(ns) / sizeof(ns[0]); i++) {
		now += 16 + i; /* away */
		take_wait(7, EP, now, ns[i], 0, 0, false);
		now += ns[i];
	}
	take_wait(8, EP, 3000 * MS, 5000 * MS, 0, 0, false);
	take_wait(8, EP, 8000 * MS, 4000 * MS, 0, 0, false);
	take_wait(8, EP, 12000 * MS, 4294967295, 0, 0, false);
	finish(20000);
	text = strstr(end(), "\nthread ");
	CHECK_STR(
		text ? text : "",
		"\nthread 7, time in the wait:\n"
		"     nsecs               : count     distribution\n"
		"         0 -> 1          : 2        |**************************              |\n"
		"         2 -> 3          : 1        |*************                           |\n"
		"         4 -> 7          : 0        |                                        |\n"
		"         8 -> 15         : 0        |                                        |\n"
		"        16 -> 31         : 0        |                                        |\n"
		"        32 -> 63         : 0        |                                        |\n"
		"        64 -> 127        : 0        |                                        |\n"
		"       128 -> 255        : 0        |                                        |\n"
		"       256 -> 511        : 0        |                                        |\n"
		"       512 -> 1023       : 3        |****************************************|\n"
		"      1024 -> 2047       : 1        |*************                           |\n"
		"\nthread 7, time away from the wait:\n"
		"     nsecs               : count     distribution\n"
		"        16 -> 31         : 7        |****************************************|\n"
		"\nthread 8, time in the wait:\n"
		"               nsecs                         : count     distribution\n"
		"          2147483648 -> 4294967295           : 2        |********************|\n"
		"          4294967296 -> 8589934591           : 1        |**********          |\n"
		"\nthread 8, time away from the wait:\n"
		"     nsecs               : count     distribution\n"
		"         0 -> 1          : 2        |****************************************|\n");
}

/* A loop that is stuck outside of its wait, up to the end: its time away counts. */
static void test_stuck(void)
{
	begin(0, false);
	start();
	waited_before(7, 1200); /* 200 ms of it were seen */
	waited(7, 1300, 1400, 1);
	finish_alive(4400);
	CHECK_STR(
		loops(end()),
		"      7         2       0.6  91.2%     1.00   100 ms   100 ms   100 ms   101 ms   "
		"3.00 s   3.00 s\n");
}

static void named(uint32_t tid, uint64_t ms, const char *comm)
{
	struct et_comm r = {.h = header(ET_KIND_COMM, sizeof(r), ms, tid)};

	snprintf(r.comm, sizeof(r.comm), "%s", comm);
	take(&r, sizeof(r));
}

/* What a table's rows add up to in a column, and how many rows it has. */
static unsigned long column(const char *text, const char *header_word, int at, int *ret_rows)
{
	const char *line = strstr(text, header_word);
	unsigned long sum = 0;

	*ret_rows = 0;
	while (line && (line = strchr(line, '\n')) && line[1] && line[1] != '\n' &&
	       (line[1] == ' ' || line[1] == '*' || line[1] == '#')) {
		char words[3][16];

		line++;
		if (strchr(line, ':') && strchr(line, ':') < strchrnul(line, ' '))
			continue; /* "#1: thread 7 had ..." */
		CHECK(sscanf(line, "%15s %15s %15s", words[0], words[1], words[2]) == 3);
		sum += strtoul(words[at], NULL, 10);
		++*ret_rows;
	}
	return sum;
}

#define MANY 20011

/*
 * Threads that live for some waits each, of two names and of many, one after the other: their
 * figures add up, whatever of them is kept by itself.
 */
static void test_many_threads(size_t limit)
{
	unsigned long waits = 0, errors = 0;
	uint64_t now = 2000;
	const char *text;
	int rows;

	begin(0, false);
	pipeline.report.limit = limit;
	start();
	for (unsigned i = 0; i < MANY; i++) {
		uint32_t tid = 100 + i % 7001; /* numbers come again */
		unsigned n = 1 + (i % 5 == 0) + (i == 9001 || i == 13001 ? 97 : 0);
		char comm[16] = "worker";

		if (i % 3 == 0)
			snprintf(comm, sizeof(comm), "odd %u", i % 307);
		named(tid, now, comm);
		for (unsigned k = 0; k < n; k++) {
			take_wait(tid, k & 1 ? EP2 : EP, now * MS, MS / 2, k == 97 ? -EINVAL : 0, 5,
				  false);
			now++;
			errors += k == 97;
		}
		waits += n;
		exited(tid, now, false);
	}
	CHECK(pipeline.report.loops.count <= THREADS_MAX);
	CHECK(pipeline.report.waits_by_key.count <= WAITS_MAX + THREADS_MAX + NAMES_MAX);
	finish(now);
	text = end();
	CHECK(column(text, "INSTANCE     TID    WAITS", 2, &rows) == waits);
	CHECK(limit == 0 || rows <= (int)(2 * limit + NAMES_MAX));
	CHECK(column(text, "    TID     TURNS", 1, &rows) == waits);
	CHECK(limit == 0 || rows == (int)(limit + NAMES_MAX));
	CHECK(column(text, "COUNT  CALL", 2, &rows) == errors && errors == 2);
	/* The busiest are still there by themselves, with both their instances. */
	CHECK(strstr(text, "\n   2100        98 ") && strstr(text, "\n   6100        98 "));
	CHECK(strstr(text, " threads that have ended, named 'worker'\n"));
	CHECK(strstr(text, "*64: ") && strstr(text, " threads that have ended, of other names\n"));
	CHECK(!strstr(text, "rows are missing"));
}

/* More threads than there is room for, all alive: those beyond it are counted by name. */
static void test_many_alive(void)
{
	unsigned long waits = 0;
	const char *text;
	int rows;

	begin(0, true);
	start();
	for (unsigned i = 0; i < 3001; i++) {
		named(100 + i, 2000, "pool");
		for (unsigned k = 0; k < 2; k++, waits++)
			waited(100 + i, 2001 + 4 * k, 2002 + 4 * k, 1);
	}
	finish_alive(2010);
	text = end();
	CHECK(column(text, "INSTANCE     TID    WAITS", 2, &rows) == waits);
	CHECK(rows == THREADS_MAX + 1);
	CHECK(strstr(text, "\n*1: threads beyond the first 1024, named 'pool'\n"));
	CHECK(strstr(text, "\nthreads *1, time in the wait:\n"));
}

int main(void)
{
	test_many_threads(0);
	test_many_threads(3);
	test_many_alive();
	test_stuck();
	test_turns();
	test_percentiles();
	test_unfinished();
	test_number_again();
	test_histograms();
	return unit_failed;
}
