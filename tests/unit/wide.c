/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ready events that come in records of their own before that of their wait: which wait takes them,
 * and what is said of those that are missing.
 */
#include "feed.h"

#define UNKNOWN(n) n " ready events were not read: of which entries is not known\n"

/* Five entries, whose data are their numbers. */
static void begin_wide(void)
{
	begin(0, false);
	start();
	for (int fd = 4; fd < 9; fd++)
		ctl(1000, EPOLL_CTL_ADD, fd, fd);
}

/* The rows of entries, each by its number, as often as it was returned. */
static bool returned(const char *text, int fd, int times)
{
	char row[64];

	snprintf(row, sizeof(row), "#1       %5d     1     0     0 %9d ", fd, times);
	return strstr(text, row) != NULL;
}

static void test_taken(void)
{
	const char *text;

	begin_wide();
	more_ready(7, 1200, 3, 4);
	more_ready(7, 1200, 2, 7);
	waited(7, 1100, 1200, 5);
	waited(7, 1300, 1400, 1); /* has its event itself: that of number 5 */
	finish(2000);
	text = end();
	for (int fd = 4; fd < 9; fd++)
		CHECK(returned(text, fd, fd == 5 ? 2 : 1));
	CHECK(!strstr(text, "were not read"));
}

/* Events of a wait whose record was lost are not those of the next one. */
static void test_lost_wait(void)
{
	const char *text;

	begin_wide();
	more_ready(7, 1200, 3, 4);
	waited(7, 1210, 1300, 3);
	more_ready(7, 1400, 2, 4);
	more_ready(7, 1500, 1, 8);
	waited(7, 1410, 1500, 1); /* and no more than it has returned */
	finish(2000);
	text = end();
	CHECK(returned(text, 4, 0));
	CHECK(returned(text, 5, 1));
	CHECK(returned(text, 8, 0));
	CHECK(strstr(text, UNKNOWN("3")));
}

static void test_other_thread(void)
{
	const char *text;

	begin_wide();
	more_ready(8, 1200, 2, 4);
	more_ready(7, 1200, 3, 6);
	waited(7, 1100, 1200, 3);
	waited(8, 1100, 1200, 4);
	more_ready(9, 1250, 3, 4); /* the thread ends */
	finish(2000);
	text = end();
	for (int fd = 4; fd < 9; fd++)
		CHECK(returned(text, fd, 1));
	CHECK(strstr(text, UNKNOWN("2")));
}

/* The figures of an interval are its own. */
static void test_intervals(void)
{
	begin(500, false);
	start();
	waited(7, 1100, 1200, 3);
	tick(1600);
	CHECK(strstr(written(), UNKNOWN("3")));
	waited(7, 1700, 1800, 4);
	finish(2000);
	CHECK(strstr(end(), UNKNOWN("4")));
}

static void test_malformed(void)
{
	struct ready_record good = {.r = {.h = header(ET_KIND_READY, sizeof(good), 1200, 7),
					  .copied = 8,
					  .event_size = 12}},
			    bad;
	struct decoder d = {0};
	struct event ev;

	CHECK(!decode(&d, &good, sizeof(good), &ev) && ev.kind == EVENT_READY);
	CHECK(ev.more_ready.ready.count == 8);
	for (size_t size = 0; size < sizeof(good); size++)
		CHECK(decode(&d, &good, size, &ev));
	bad = good;
	bad.r.copied = 9;
	CHECK(decode(&d, &bad, sizeof(bad), &ev));
	bad = good;
	bad.r.event_size = 16;
	CHECK(decode(&d, &bad, sizeof(bad), &ev));
	bad.r.event_size = 0;
	CHECK(decode(&d, &bad, sizeof(bad), &ev));
	decoder_free(&d);
}

/* However many come, what is kept of them has a bound. */
static void test_flood(void)
{
	begin_wide();
	for (int i = 0; i < 20000; i++)
		more_ready(7, 1200, 8, 4);
	CHECK(tasks_find(model_tasks(pipeline.model), 7)->batch->count < 70000);
	finish(2000);
	end();
}

int main(void)
{
	test_taken();
	test_lost_wait();
	test_other_thread();
	test_intervals();
	test_malformed();
	test_flood();
	return unit_failed;
}
