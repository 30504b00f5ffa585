/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules about loops that turn for nothing, and about what signals and sampling leave of one. Each
 * test changes one thing.
 */
#include "loops.h"

static void test_zero_timeout(void)
{
	loops_with(0, EPOLLIN);
	loop.timeout = 0;
	loop.turns = 1100;
	finds("zero-timeout-spin warning", "1100 of 1100 waits in 0.1 s had a time-out of 0");
	loops_with(0, EPOLLIN); /* it waits half of the time */
	loop.timeout = 0;
	loop.turns = 1100;
	loop.cpu_ns = T_MS * MS * 49 / 100;
	finds_nothing();
	loops_with(0, EPOLLIN); /* events come */
	loop.timeout = 0;
	loop.turns = 1100;
	loop.events = EPOLLIN;
	loop.reads = true;
	finds_nothing();
}

/* A note where a hundred waits a second end by a few milliseconds, and nothing is done. */
static void test_short_timeout(void)
{
	loops_with(0, EPOLLIN);
	loop.timeout = 5;
	loop.turns = 120;
	loop.cpu_ns = T_MS * MS / 100;
	turns(10);
	CHECK_STR(found(), "");
	turns(1);
	only("short-timeout note", "120 of 120 waits in 0.1 s");
	loops_with(0, EPOLLIN); /* its turns do something */
	loop.timeout = 5;
	loop.turns = 120;
	loop.cpu_ns = T_MS * MS / 100;
	loop.reads = true;
	finds_nothing();
}

/* A wait that times out, and so many polls after it, each so much later than the one before. */
static void burst(unsigned polls, uint64_t apart_ns)
{
	ms++;
	waits_once(ms * MS, 5);
	for (unsigned i = 1; i <= polls; i++)
		waits_once(ms * MS + i * apart_ns, 0);
}

static void test_rounding(void)
{
	loops_with(0, EPOLLIN);
	for (unsigned i = 0; i < 3; i++) {
		scans(1);
		for (unsigned k = 0; k < 6; k++)
			burst(3, 1000);
	}
	scans(1);
	only("timeout-rounding note", "6 times in 0.1 s the thread polled 3 times or more");
	loops_with(0, EPOLLIN); /* one poll before each wait */
	for (unsigned i = 0; i < MUCH_LATER; i++) {
		scans(1);
		for (unsigned k = 0; k < 6; k++)
			burst(1, 1000);
	}
	CHECK_STR(found(), "");
	end();
}

/* A wait that a signal has interrupted, and what comes then. */
static void interrupted(void)
{
	loops_with(0, EPOLLIN);
	scans(1);
	take_wait(7, EP, ms * MS, MS, -EINTR, 0, false);
	ms++;
}

static void exits(int status)
{
	struct et_exit r = {.h = header(ET_KIND_EXIT, sizeof(r), ms, 7), .code = status};

	r.h.flags = ET_F_LAST;
	take(&r, sizeof(r));
}

static void test_eintr(void)
{
	interrupted();
	exits(1 << 8);
	only("eintr warning", "exited with 1 at once");
	interrupted();
	exits(0);
	CHECK_STR(found(), "");
	end();
	interrupted(); /* by the signal, as shells say it */
	exits(143 << 8);
	CHECK_STR(found(), "");
	end();
	interrupted(); /* later, for something else */
	ms += 11;
	exits(1 << 8);
	CHECK_STR(found(), "");
	end();
	interrupted();
	scans(12);
	only("eintr note", "it has not waited since");
	interrupted();
	now.waits = true;
	now.wait_ms = ms;
	scans(12);
	CHECK_STR(found(), "");
	end();
}

/* A thread that waits so often that not all of its waits are recorded. */
static void test_sampled(void)
{
	loops_with(EPOLLOUT, EPOLLIN | EPOLLOUT);
	socket_is(ET_WATCHED_GIVEN);
	loop.turns = 20;
	loop.others = 49;
	finds("write-spin warning", "delivered about 1000 times in 0.1 s with EPOLLOUT");
	loops_with(EPOLLOUT, EPOLLIN | EPOLLOUT); /* too few to reckon by */
	socket_is(ET_WATCHED_GIVEN);
	loop.turns = 5;
	loop.others = 199;
	finds_nothing();
	loops_with(0, EPOLLIN);
	loop.timeout = 0;
	loop.turns = 20;
	loop.others = 49;
	finds("zero-timeout-spin warning", "1000 of 1000 waits in 0.1 s had a time-out of 0");
}

int main(void)
{
	test_zero_timeout();
	test_short_timeout();
	test_rounding();
	test_eintr();
	test_sampled();
	return unit_failed;
}
