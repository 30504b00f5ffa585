/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Clocks that are set while a trace goes on: what was before keeps its time of day, --at finds the
 * time that lines show, and the flight recorder begins with the clock of its oldest piece.
 */
#include "feed.h"

#include "base/clock.h"
#include "recording/flight.h"
#include "recording/replay.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_NS (3600 * 1000 * MS)

static void begin_with(struct pipeline_options opt)
{
	opt.filter.calls = CALLS_ALL;
	opt.time_format = TIME_OF_DAY_MICRO;
	opt.blocked_after_ns = 1000 * MS;
	opt.fd = memfd_create("out", MFD_CLOEXEC);
	process = 7;
	CHECK(!pipeline_init(&pipeline, &opt));
}

/* From then on the clock is ahead by so much, in a time zone so many hours east. */
static void set_clock(uint64_t ms, int64_t ahead_ns, int zone_h)
{
	struct et_clock r = {.h = header(ET_KIND_CLOCK, sizeof(r), ms, 7),
			     .realtime_offset_ns = ahead_ns,
			     .utc_offset_s = zone_h * 3600};

	take(&r, sizeof(r));
}

/* How often it stands in the text. */
static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void test_lines(void)
{
	const char *text;

	begin_with((struct pipeline_options){.lines = true});
	start();
	waited(7, 1500, 1600, 0);
	set_clock(2000, 2 * HOUR_NS, 1);
	waited(7, 1700, 2100, 0); /* it began before the step */
	waited(7, 2200, 2300, 0);
	set_clock(3000, HOUR_NS, 1); /* back by an hour */
	waited(7, 3100, 3200, 0);
	set_clock(4000, 0, 2); /* and daylight saving time */
	waited(7, 4100, 4200, 0);
	text = end();
	CHECK(count(text, " 01:00:01.500000 "));
	CHECK(count(text, " 01:00:01.700000 "));
	CHECK(count(text, " 03:00:02.200000 "));
	CHECK(count(text, " 02:00:03.100000 "));
	CHECK(count(text, " 02:00:04.100000 "));
}

static void test_json(void)
{
	const char *text;

	begin_with((struct pipeline_options){.lines = true, .json = true});
	start();
	waited(7, 1500, 1600, 0);
	set_clock(2000, 2 * HOUR_NS, 1);
	waited(7, 2200, 2300, 0);
	text = end();
	CHECK(count(text, "\"time_ns\":1500000000,"));
	CHECK(count(text, "\"time_ns\":7202200000000,"));
}

/* More of them than are kept: the last ones hold. */
static void test_many(void)
{
	begin_with((struct pipeline_options){.lines = true});
	start();
	for (unsigned i = 0; i < 5 * CLOCKS_STEPS_MAX + 3; i++)
		set_clock(2000 + i, i * HOUR_NS, 0);
	waited(7, 9000, 9001, 0);
	/* 322 hours are 13 days and 10 hours. */
	CHECK(count(end(), " 10:00:09.000000 "));
}

/* The state at a time of day: which waits had returned? */
static unsigned returned_at(uint64_t of_day_ns, int64_t step_ns)
{
	const char *text;
	unsigned n;

	begin_with((struct pipeline_options){
		.snapshot = true, .json = true, .has_at_time = true, .at_time = {true, of_day_ns}});
	start();
	ctl(1500, EPOLL_CTL_ADD, 5, 5);
	ctl(2500, EPOLL_CTL_ADD, 6, 6);
	tick(3000);
	set_clock(3000, step_ns, 1);
	ctl(3500, EPOLL_CTL_ADD, 8, 8);
	ctl(4500, EPOLL_CTL_ADD, 9, 9);
	tick(5000);
	finish_alive(6000);
	text = end();
	n = count(text, "\"data\":\"0x");
	return n;
}

static void test_at(void)
{
	uint64_t one_h = HOUR_NS;

	CHECK(returned_at(one_h + 2000 * MS, 0) == 1);
	CHECK(returned_at(one_h + 4000 * MS, 0) == 3);
	/* Set ahead by an hour at 3 s: 2:00:04 is there, 1:00:04 is not, and is when it was set. */
	CHECK(returned_at(one_h + 2000 * MS, HOUR_NS) == 1);
	CHECK(returned_at(2 * one_h + 4000 * MS, HOUR_NS) == 3);
	CHECK(returned_at(one_h + 4000 * MS, HOUR_NS) == 2);
	/* Set back by 1 s: 1:00:02.8 is there twice, and is the first one; 1:00:03.2 is 4.2 s. */
	CHECK(returned_at(one_h + 2800 * MS, -1000 * (int64_t)MS) == 2);
	CHECK(returned_at(one_h + 3200 * MS, -1000 * (int64_t)MS) == 3);
	CHECK(returned_at(one_h + 3700 * MS, -1000 * (int64_t)MS) == 4);
}

static void test_steps(void)
{
	struct clock_offsets a = {5, 7, 3600}, b = a;

	b.realtime_ns += 900000;
	b.boottime_ns -= 900000;
	CHECK(!clock_has_stepped(&a, &b)); /* slewed, or read with a delay */
	b.realtime_ns = a.realtime_ns - (int64_t)MS;
	CHECK(clock_has_stepped(&a, &b));
	b = a;
	b.boottime_ns += 40000 * MS; /* suspended */
	CHECK(clock_has_stepped(&a, &b));
	b = a;
	b.utc_offset_s = 7200;
	CHECK(clock_has_stepped(&a, &b));
}

static void scan_at(uint64_t ms, uint32_t flags)
{
	struct et_scan r = {.h = header(ET_KIND_SCAN, sizeof(r), ms, 7), .flags = flags};

	take(&r, sizeof(r));
}

/* A ring that has let its first piece go, in which the clock was set, begins with that clock. */
static void test_flight(void)
{
	char path[] = "/tmp/epolltrace-clocks.XXXXXX";
	struct flight_options opt = {.path = path, .span_ns = 1000 * MS, .memory_bytes = 1 << 20};
	struct flight_written w;
	struct flight *flight;
	struct failure f = {0};
	const char *text;
	int fd = mkstemp(path);

	CHECK(fd >= 0 && !close(fd));
	CHECK(!flight_open(&opt, &flight, &f));
	feed = (struct record_sink){flight_take, flight};
	process = 7;
	start();
	scan_at(1100, 0);
	scan_at(1101, ET_SCAN_END);
	set_clock(1500, 2 * HOUR_NS, 1);
	for (uint64_t ms = 2000; ms <= 6000; ms += 1000) {
		scan_at(ms, 0);
		scan_at(ms + 1, ET_SCAN_END);
		waited(7, ms + 200, ms + 300, 0);
	}
	CHECK(!flight_write(flight, &w, &f));
	flight_close(flight);
	begin_with((struct pipeline_options){.lines = true});
	feed = (struct record_sink){pipeline_take, &pipeline};
	CHECK(!replay_file(path, &feed, &f));
	text = end();
	CHECK(count(text, " 03:00:06.200000 ") && !count(text, " 03:00:02.200000 "));
	unlink(path);
}

int main(void)
{
	test_lines();
	test_json();
	test_many();
	test_at();
	test_steps();
	test_flight();
	return unit_failed;
}
