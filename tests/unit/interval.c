/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Summaries by interval: what begins anew, what stays, and when they are printed. */
#include "feed.h"

#include "model/model_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* The first interval is a tick late, the second wait of thread 7 goes on over its end. */
static void first_intervals(void)
{
	ctl(1100, EPOLL_CTL_ADD, 5, 5);
	ctl(1100, EPOLL_CTL_ADD, 6, 6);
	waited(7, 1200, 1300, 1);
	tick(1999);
	CHECK_STR(written(), "");
	tick(2050);
	waited(7, 1900, 2200, 1);
	waited(7, 2300, 2300, -EINTR);
	ctl(2300, EPOLL_CTL_DEL, 6, 0);
	ctl(2400, EPOLL_CTL_MOD, 5, 5);
	lost(2500, 3);
	tick(2900);
	tick(3100);
	tick(4000);
}

#define WAITS_HEADER                                                                               \
	"\nINSTANCE     TID    WAITS    READY  RDY/W  TMOUT POLL-0  EMPTY EINTR ERRORS  BLOCKED  " \
	"    P50      P99      MAX\n"
#define LOOPS_HEADER                                                                               \
	"\n    TID     TURNS   PER-SEC   UTIL RDY/TURN   IN-P50   IN-P99   IN-MAX AWAY-P50 "       \
	"AWAY-P99 AWAY-MAX\n"
#define ENTRIES_HEADER                                                                             \
	"\nINSTANCE    FD   ADD   MOD   DEL     READY   PER-SEC LAST-READY       EVENTS FILE\n"

static const char first_texts[] =
	"01:00:02.050000\n"
	"3 calls in 1.05 s, 0 records lost: epoll_ctl 2, epoll_wait 1\n" WAITS_HEADER
	"#1             7        1        1   1.00      0      0      0     0      0   100 ms   "
	"100 ms   100 ms   100 ms\n" LOOPS_HEADER
	"      7         1       1.0      -     1.00   100 ms   100 ms   100 ms        -        "
	"-        -\n" ENTRIES_HEADER
	"#1           5     1     0     0         1       1.0 01:00:01.300000  EPOLLIN "
	"<pipe:[505]>\n"
	"#1           6     1     0     0         0       0.0 -                EPOLLIN "
	"<pipe:[506]>\n"
	"\n"
	"01:00:03.100000\n"
	"4 calls in 1.05 s, 3 records lost: epoll_ctl 2, epoll_wait 2\n" WAITS_HEADER
	"#1             7        2        1   0.50      0      0      0     1      0   300 ms     "
	"0 ns   300 ms   300 ms\n" LOOPS_HEADER "      7         2       1.9  70.0%     0.50     0 "
	"ns   300 ms   300 ms   101 ms   600 ms   "
	"600 ms\n"
	"\nINSTANCE     TID    COUNT  CALL          ERROR\n"
	"#1             7        1  epoll_wait    EINTR (Interrupted system call)\n" ENTRIES_HEADER
	"#1           5     0     1     0         1       1.0 01:00:02.200000  EPOLLIN "
	"<pipe:[505]>\n"
	"#1           6     0     0     1         0       0.0 -                EPOLLIN "
	"<pipe:[506]> (gone)\n"
	"\n"
	"01:00:04.000000\n"
	"0 calls in 900 ms, 0 records lost\n" ENTRIES_HEADER
	"#1           5     0     0     0         0       0.0 01:00:02.200000  EPOLLIN "
	"<pipe:[505]>\n"
	"\n";

/*
 * A wait that began before an entry went still reports it, two intervals later. Ticks that lack
 * make one long interval; the end makes a short one.
 */
static void test_intervals(void)
{
	const char *text;

	begin(1000, false);
	start();
	first_intervals();
	CHECK_STR(written(), first_texts);
	take_wait(8, EP, 2250 * MS, 1950 * MS, 1, 6, false);
	tick(6500);
	waited(8, 6600, 6650, 1);
	tick(6999);
	finish(6750);
	text = end();
	CHECK(!strncmp(text, first_texts, sizeof(first_texts) - 1));
	CHECK_STR(
		text + sizeof(first_texts) - 1,
		"01:00:06.500000\n"
		"1 calls in 2.50 s, 0 records lost: epoll_wait 1\n" WAITS_HEADER
		"#1             8        1        1   1.00      0      0      0     0      0   "
		"1.95 s "
		"  1.95 s   1.95 s   1.95 s\n" LOOPS_HEADER
		"      8         1       0.4      -     1.00   1.95 s   1.95 s   1.95 s        -   "
		"   "
		"  -        -\n" ENTRIES_HEADER
		"#1           5     0     0     0         0       0.0 01:00:02.200000  EPOLLIN "
		"<pipe:[505]>\n"
		"#1           6     0     0     0         1       1.0 01:00:04.200000  EPOLLIN "
		"<pipe:[506]> (gone)\n"
		"\n"
		"01:00:06.999000\n"
		"1 calls in 499 ms, 0 records lost: epoll_wait 1\n" WAITS_HEADER
		"#1             8        1        1   1.00      0      0      0     0      0  50.0 "
		"ms "
		" 50.0 ms  50.0 ms  50.0 ms\n" LOOPS_HEADER
		"      8         1       2.0  98.0%     1.00  50.0 ms  50.0 ms  50.0 ms   2.40 s   "
		"2.40 s   2.40 s\n" ENTRIES_HEADER
		"#1           5     0     0     0         1       2.0 01:00:06.650000  EPOLLIN "
		"<pipe:[505]>\n");
}

/* Losses of all intervals count for the last line and the tool's own message. */
static void test_losses(void)
{
	begin(1000, false);
	start();
	lost(1500, 23);
	tick(2000);
	lost(2500, 5);
	finish(2600);
	CHECK(pipeline.lost == 28);
	CHECK(strstr(end(), "0 calls in 600 ms, 5 records lost\n"));
}

/* The instance goes, and with it what it watched. */
static void close_instance(uint64_t ms)
{
	struct et_close r = {.h = header(ET_KIND_CLOSE, sizeof(r), ms, 7),
			     .ep = EP,
			     .file = 503,
			     .fd = 3,
			     .refs = 1};

	take(&r, sizeof(r));
}

/* More instances than are kept once they are gone. */
static void many_instances(uint64_t ms)
{
	for (int i = 0; i < 263; i++) {
		ctl(ms, EPOLL_CTL_ADD, 6, 6);
		close_instance(ms + 1);
	}
}

/* Gone instances and entries are reported once; so are those that are only summed up. */
static void test_gone(void)
{
	const char *text;

	begin(1000, false);
	start();
	for (int i = 0; i < 2053; i++) {
		ctl(1100, EPOLL_CTL_ADD, 5, 5);
		ctl(1100, EPOLL_CTL_DEL, 5, 0);
	}
	ctl(1100, EPOLL_CTL_ADD, 6, 6);
	pipeline.opt.limit = 3;
	tick(2000);
	CHECK(strstr(written(), "gone: 2053 <pipe>: 2053 ADD, 0 MOD, 2053 DEL, 0 ready\n"));
	close_instance(2100);
	tick(3000);
	text = strstr(written(), "01:00:03");
	CHECK(text && strstr(text, "#1           6     0     0     0 ") && strstr(text, "(gone)"));
	CHECK(text && !strstr(text, "more entries") && !strstr(text, "#1           5 "));
	many_instances(3100);
	tick(4000);
	text = strstr(written(), "01:00:04.000000\n");
	CHECK(text && strstr(text, "and 253 more entries: 253 ADD, 0 MOD, 0 DEL, 0 ready\n"
				   "gone: 7 <pipe>: 7 ADD, 0 MOD, 0 DEL, 0 ready\n"));
	many_instances(4100);
	tick(5000);
	text = strstr(written(), "01:00:05.000000\n");
	CHECK(text && strstr(text, "and 253 more entries: 253 ADD, 0 MOD, 0 DEL, 0 ready\n"
				   "gone: 7 <pipe>: 7 ADD, 0 MOD, 0 DEL, 0 ready\n"));
	tick(6000);
	finish(6001);
	text = strstr(end(), "01:00:06.000000\n");
	CHECK(text && !strstr(text, "INSTANCE") && !strstr(text, "entries"));
}

/* A thread that has ended is kept for the interval that it ended in, and not for ever. */
static void test_ended_threads(void)
{
	begin(1000, false);
	start();
	waited(7, 1100, 1200, 1);
	waited(9, 1100, 1200, 1);
	waited(8, 1100, 1200, 1);
	exited(8, 1300, false);
	CHECK(pipeline.report.loops.count == 3);
	tick(2000);
	CHECK(pipeline.report.loops.count == 2);
	waited(9, 1900, 2100, 1);
	waited(10, 2000, 2100, 1);
	waited(7, 2000, 2200, 1);
	finish(3000);
	CHECK_STR(
		loops(strstr(end(), "01:00:03")),
		"      7         1       1.0  80.0%     1.00   200 ms   200 ms   200 ms   800 ms   "
		"800 ms   800 ms\n"
		"      9         1       1.0  77.8%     1.00   200 ms   200 ms   200 ms   700 ms   "
		"700 ms   700 ms\n"
		"     10         1       1.0      -     1.00   100 ms   100 ms   100 ms        -   "
		"     -        -\n");
}

/* How long the source may rest before a tick is wanted. */
static void test_due(void)
{
	begin(0, false);
	start();
	CHECK(pipeline_due_ms(&pipeline) == INT_MAX);
	finish(1001);
	end();
	begin(250, false);
	start();
	CHECK(pipeline_due_ms(&pipeline) == 250);
	tick(1101);
	CHECK(pipeline_due_ms(&pipeline) == 149);
	tick_ns(1249 * MS + 1);
	CHECK(pipeline_due_ms(&pipeline) == 1);
	waited(7, 1251, 1252, 1); /* a record is no tick */
	CHECK(pipeline_due_ms(&pipeline) == 0);
	CHECK_STR(written(), "");
	tick(1260);
	CHECK(strstr(written(), "1 calls in 260 ms,"));
	CHECK(pipeline_due_ms(&pipeline) == 240);
	finish(1300);
	end();
}

/* What is chosen for a table of some rows is what the table of all begins with. */
static void test_limit(void)
{
	struct entry_row *all, *some;
	struct families gone;
	long count;

	begin(0, false);
	start();
	for (int fd = 0; fd < 101; fd++)
		ctl(1100, EPOLL_CTL_ADD, fd, fd);
	for (unsigned i = 0; i < 307; i++)
		take_wait(7, EP, 1200 * MS, MS, 1, i * i % 89, false);
	for (int fd = 0; fd < 101; fd += 3)
		ctl(1300, EPOLL_CTL_ADD, fd, fd);
	count = summary_entries(&pipeline.report, pipeline.model, 0, SIZE_MAX, &all, &gone);
	CHECK(count == 135);
	for (long limit = 1; limit < count + 2; limit++) {
		CHECK(summary_entries(&pipeline.report, pipeline.model, limit, SIZE_MAX, &some,
				      &gone) == count);
		for (long i = 0; i < limit && i < count; i++)
			CHECK(some[i].entry == all[i].entry);
		free(some);
	}
	free(all);
	finish(2000);
	end();
}

/* A recording may have any number of ticks: more work than all events are worth is not done. */
static void test_made_up_ticks(void)
{
	begin(1000, false);
	pipeline.opt.replayed = true;
	start();
	for (int fd = 0; fd < 1000; fd++)
		ctl(1100, EPOLL_CTL_ADD, fd, fd);
	pipeline.model->bounds.steps_left = 10000;
	for (uint64_t i = 0; i < 1000; i++)
		tick(2000 + i * 1000);
	CHECK(model_incomplete(pipeline.model));
	CHECK(pipeline.model->bounds.steps_left < 3000);
	finish(2000000);
	CHECK(strstr(end(), "0 calls in "));
}

int main(void)
{
	test_intervals();
	test_losses();
	test_gone();
	test_ended_threads();
	test_due();
	test_limit();
	test_made_up_ticks();
	return unit_failed;
}
