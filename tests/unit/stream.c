/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pipeline after the source, fed with records made by hand: no kernel, no root. What comes out
 * is compared as text; malformed records must be refused and counted.
 */
#include "stream.h"

static void test_names_over_time(void)
{
	begin(false);
	start();
	create(2 * S, EP, 3);
	ctl(2 * S, EP, EPOLL_CTL_ADD, 5, 501, 0xa);
	wait_ready_one(3 * S, EP, 0xa);
	ctl(4 * S, EP, EPOLL_CTL_MOD, 5, 501, 0xb);
	wait_ready_one(5 * S, EP, 0xb);
	close_fd(6 * S, 5, 501, true);
	ctl(7 * S, EP, EPOLL_CTL_ADD, 5, 502, 0xb);
	wait_ready_one(8 * S, EP, 0xb);
	wait_ready_one(8 * S, EP, 0xa);
	ctl(9 * S, EP, EPOLL_CTL_ADD, 9, 509, 0xb);
	wait_ready_one(10 * S, EP, 0xb);
	create(11 * S, EP, 3);
	wait_ready_one(12 * S, EP, 0xb);
	finish(13 * S, 0);
	CHECK_STR(end(), "7     00:00:02 epoll_create1(EPOLL_CLOEXEC) = 3<eventpoll#1> <0.000001>\n"
			 "7     00:00:02 epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 5<pipe:[501]>, "
			 "{events=EPOLLIN, "
			 "data=0xa}) = 0 <0.000001>\n"
			 "7     00:00:03 epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xa, "
			 "fd=5<pipe:[501]>}], 8, -1) = 1 <0.500000>\n"
			 "7     00:00:04 epoll_ctl(3<eventpoll#1>, EPOLL_CTL_MOD, 5<pipe:[501]>, "
			 "{events=EPOLLIN, "
			 "data=0xb}) = 0 <0.000001>\n"
			 "7     00:00:05 epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xb, "
			 "fd=5<pipe:[501]>}], 8, -1) = 1 <0.500000>\n"
			 "7     00:00:07 epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 5<pipe:[502]>, "
			 "{events=EPOLLIN, "
			 "data=0xb}) = 0 <0.000001>\n"
			 "7     00:00:08 epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xb, "
			 "fd=5<pipe:[502]>}], 8, -1) = 1 <0.500000>\n"
			 "7     00:00:08 epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xa, "
			 "fd=?}], 8, -1) = 1 "
			 "<0.500000>\n"
			 "7     00:00:09 epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 9<pipe:[509]>, "
			 "{events=EPOLLIN, "
			 "data=0xb}) = 0 <0.000001>\n"
			 "7     00:00:10 epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0xb, "
			 "fd=9<pipe:[509]>|5<pipe:[502]>}], 8, -1) = 1 <0.500000>\n"
			 "7     00:00:11 epoll_create1(EPOLL_CLOEXEC) = 3<eventpoll#2> <0.000001>\n"
			 "7     00:00:12 epoll_wait(3<eventpoll#2>, [{events=EPOLLIN, data=0xb, "
			 "fd=?}], 8, -1) = 1 "
			 "<0.500000>\n"
			 "+++ 0 records lost +++\n");
}

/*
 * A number that is closed while its file lives on still delivers, and keeps its name; with the same
 * data an event may be of either.
 */
static void test_closed_number(void)
{
	begin(false);
	start();
	ctl(2 * S, EP, EPOLL_CTL_ADD, 5, 501, 5);
	close_fd(3 * S, 5, 501, false);
	wait_ready_one(4 * S, EP, 5);
	ctl(5 * S, EP, EPOLL_CTL_ADD, 5, 502, 5);
	wait_ready_one(6 * S, EP, 5);
	finish(7 * S, 0);
	const char *text = end();

	CHECK(strstr(text, "fd=5<pipe:[501]>}]"));
	CHECK(strstr(text, "fd=5<pipe:[502]>|5<pipe:[501]>}]"));
}

static void target(uint64_t ns)
{
	struct et_target r = {.h = header(ET_KIND_TARGET, sizeof(r), ns), .root = 7};

	take(&r, sizeof(r));
}

static void exits(uint64_t ns)
{
	struct et_exit r = {.h = header(ET_KIND_EXIT, sizeof(r), ns)};

	r.h.flags = ET_F_LAST;
	take(&r, sizeof(r));
}

/* An entry that goes by a close has a line, one that goes with its process has none. */
static void test_gone(void)
{
	begin(false);
	start();
	target(S);
	create(2 * S, EP, 3);
	ctl(2 * S, EP, EPOLL_CTL_ADD, 5, 501, 5);
	close_fd(3 * S, 5, 501, true);
	ctl(4 * S, EP, EPOLL_CTL_ADD, 5, 502, 5);
	ctl(4 * S, EP, EPOLL_CTL_ADD, 5, 502, 5); /* its file went unseen, and another is there */
	ctl(5 * S, EP, EPOLL_CTL_DEL, 5, 502, 5);
	ctl(6 * S, EP, EPOLL_CTL_ADD, 6, 503, 5);
	exits(7 * S);
	close_fd(7 * S, 6, 503, true);
	finish(9 * S, 0);
	const char *text = end();

	CHECK(strstr(text, "\n7     00:00:03 --- 5<pipe:[501]> closed: gone from "
			   "3<eventpoll#1> ---\n"));
	CHECK(strstr(text, "\n--- 5<pipe:[502]> gone from 3<eventpoll#1>: no call was seen ---\n"));
	CHECK(!strstr(text, "6<pipe:[503]> closed"));
}

static void test_blocked(void)
{
	begin(false);
	start();
	inflight(2 * S, false);
	tick(2 * S + S / 2);
	tick(3 * S + S / 10);
	tick(4 * S);
	wait_ready_one(2 * S, EP, 5);
	inflight(5 * S, true); /* a late scan: the thread has returned since */
	inflight(6 * S, false);
	tick(6 * S + S / 2);
	finish(7 * S, 0);
	CHECK_STR(
		end(),
		"7     00:00:02 epoll_wait(3<eventpoll#1>, <blocked 1.100 s ...>\n"
		"7     00:00:02 epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x5, fd=?}], 8, "
		"-1) = 1 <0.500000>\n"
		"7     00:00:06 epoll_wait(3<eventpoll#1>, <unfinished ...>\n"
		"+++ 0 records lost +++\n");
}

/* How long it is blocked when it is shown, scanned each tenth of a second; shown after 1 s. */
static const char *shown(int timeout_ms)
{
	static char blocked[32];
	const char *text, *at;

	begin(false);
	start();
	inflight_for(2 * S, timeout_ms, false);
	for (uint64_t ns = 2 * S; ns < 6 * S; ns += S / 10)
		tick(ns);
	finish(6 * S, 0);
	text = end();
	at = strstr(text, "<blocked ");
	snprintf(blocked, sizeof(blocked), "%.5s", at ? at + strlen("<blocked ") : "never");
	return blocked;
}

/* A loop's tick is not worth a line, unless it outlasts its time-out. */
static void test_ticks(void)
{
	CHECK_STR(shown(-1), "1.000");
	CHECK_STR(shown(500), "1.000");
	CHECK_STR(shown(950), "1.100");
	CHECK_STR(shown(1000), "1.100");
	CHECK_STR(shown(2000), "2.100");
	CHECK_STR(shown(2001), "1.000");
}

static void test_blocked_before_attach(void)
{
	struct small_wait r = make_wait(S, EP, 5);

	begin(false);
	start();
	inflight(S, true);
	tick(2 * S);
	r.w.c.h.flags = ET_F_BEGAN_BEFORE;
	take(&r, sizeof(r));
	finish(3 * S, 0);
	CHECK_STR(
		end(),
		"7     00:00:01 epoll_wait(3<eventpoll#1>, <blocked >1.000 s ...>\n"
		"7     00:00:01 epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x5, fd=?}], 8, "
		"-1) = 1 <>0.500000>\n"
		"+++ 0 records lost +++\n");
}

/* An operation of io_uring may complete while its thread is in a wait: the wait goes on. */
static void test_io_uring(void)
{
	begin(false);
	start();
	inflight(2 * S, false);
	tick(2 * S + S / 2);
	ctl_by(2 * S + S / 4, EP, EPOLL_CTL_ADD, 5, 501, 5, ET_F_IO_URING);
	inflight(2 * S, true); /* nor has the thread returned from anything */
	tick(3 * S + S / 10);
	wait_ready_one(2 * S, EP, 5);
	finish(7 * S, 0);
	CHECK_STR(end(), "7     00:00:02 epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 5<pipe:[501]>, "
			 "{events=EPOLLIN, data=0x5}) = 0 <0.000001> (io_uring)\n"
			 "7     00:00:02 epoll_wait(3<eventpoll#1>, <blocked 1.100 s ...>\n"
			 "7     00:00:02 epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x5, "
			 "fd=5<pipe:[501]>}], 8, -1) = 1 <0.500000>\n"
			 "+++ 0 records lost +++\n");
}

/* A call that the kernel has not done registers nothing, takes no time and ends no turn. */
static void test_skipped(void)
{
	struct small_wait r = make_wait(5 * S, EP, 5);
	const char *text;

	r.w.c.h.flags = ET_F_NO_ENTRY | ET_F_SKIPPED;
	r.w.c.duration_ns = 0;
	r.w.copied = 0;
	begin(false);
	start();
	ctl_by(2 * S, EP, EPOLL_CTL_ADD, 5, 501, 5, ET_F_NO_ENTRY | ET_F_SKIPPED);
	wait_ready_one(3 * S, EP, 5);
	take(&r, sizeof(r));
	r.w.c.h.flags = ET_F_NO_ENTRY;
	take(&r, sizeof(r));
	finish(7 * S, 0);
	CHECK_STR(end(), "7     00:00:02 epoll_ctl(3<eventpoll#1>, EPOLL_CTL_ADD, 5<pipe:[501]>, "
			 "{events=EPOLLIN, data=0x5}) = 0 <0.000001> (skipped)\n"
			 "7     00:00:03 epoll_wait(3<eventpoll#1>, [{events=EPOLLIN, data=0x5, "
			 "fd=?}], 8, -1) = 1 <0.500000>\n"
			 "7     00:00:05 epoll_wait(3<eventpoll#1>, 0x10, 8, -1) = 1 <0.000000> "
			 "(skipped)\n"
			 "7     00:00:05 epoll_wait(3<eventpoll#1>, 0x10, 8, -1) = 1 <0.000000> "
			 "(entry not seen)\n"
			 "+++ 0 records lost +++\n");
	begin(true);
	start();
	wait_ready_one(2 * S, EP, 5);
	r.w.c.h.flags = ET_F_NO_ENTRY | ET_F_SKIPPED;
	take(&r, sizeof(r));
	wait_ready_one(7 * S + S / 2, EP, 5);
	finish(8 * S, 0);
	text = end();
	/* Twice half a second in the wait, and between them five away. */
	CHECK(strstr(text, "3        2   0.67      0      0      0     0      0   1.00 s"));
	CHECK(strstr(text, "  83.3%     0.67   500 ms   500 ms   500 ms "));
	CHECK(strstr(text, "   5.00 s   5.00 s\n"));
}

static void test_lost(void)
{
	begin(true);
	start();
	wait_ready_one(2 * S, EP, 5);
	finish(3 * S, 23);
	CHECK(strstr(end(), "1 calls in 2.00 s, 23 records lost: epoll_wait 1\n"));
}

/* Every record cut at every length, and every byte of it flipped: refused or decoded, no crash. */
static void test_hostile(void)
{
	struct small_wait good = make_wait(2 * S, EP, 5), bad;
	struct decoder d = {0};
	struct event ev;

	CHECK(!decode(&d, &good, sizeof(good), &ev) && ev.kind == EVENT_WAIT);
	for (size_t size = 0; size < sizeof(good); size++)
		CHECK(decode(&d, &good, size, &ev));
	for (size_t i = 0; i < sizeof(good) * 8; i++) {
		bad = good;
		((unsigned char *)&bad)[i / 8] ^= 1 << i % 8;
		decode(&d, &bad, sizeof(bad), &ev);
	}
	bad = good;
	bad.w.copied = 3; /* more than the record holds, and than was returned */
	CHECK(decode(&d, &bad, sizeof(bad), &ev));
	bad.w.c.ret = 3;
	CHECK(decode(&d, &bad, sizeof(bad), &ev));
	bad = good;
	bad.w.event_size = 1;
	CHECK(decode(&d, &bad, sizeof(bad), &ev));
	bad = good;
	bad.w.c.id = ET_CALL_EPOLL_CTL;
	CHECK(decode(&d, &bad, sizeof(bad), &ev));
	decoder_free(&d);
}

int main(void)
{
	test_names_over_time();
	test_closed_number();
	test_gone();
	test_blocked();
	test_ticks();
	test_blocked_before_attach();
	test_io_uring();
	test_skipped();
	test_lost();
	test_hostile();
	return unit_failed;
}
