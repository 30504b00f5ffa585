/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What rules find in output that is held up, and in reads and writes that may block. */
#include "scene.h"

static void test_lost_write(void)
{
	begin_with(0);
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT | ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 5000;
	scans(5);
	CHECK_STR(found(), "");
	now.w.flags &= ~ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 0;
	scans(3);
	CHECK_STR(found(), "lost-write note raised;");
	end();
	begin_with(0); /* it is notified when there is room */
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT | ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 5000;
	now.events |= EPOLLOUT;
	scans(5);
	now.w.flags &= ~ET_WATCHED_NOSPACE;
	quiet(20);
	begin_with(0); /* and was written to since */
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT | ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 5000;
	scans(5);
	now.w.flags &= ~ET_WATCHED_NOSPACE;
	now.w.given++;
	quiet(20);
}

/* Bytes are owed after a short write; after EAGAIN they may have been dropped on purpose. */
static void test_lost_write_seen(void)
{
	begin_with(0);
	now.w.flags |= ET_WATCHED_UNSENT;
	wrote(7);
	scans(2);
	CHECK_STR(found(), "lost-write error raised;");
	end();
	begin_with(0);
	now.w.flags |= ET_WATCHED_UNSENT;
	wrote(-EAGAIN);
	scans(5);
	CHECK_STR(found(), "lost-write note raised;");
	scans(1);
	CHECK_STR(found(), "lost-write note raised;lost-write error raised;");
	CHECK(strstr(end(), "all threads of process 7 parked for 0.5 s: none comes back to it"));
	begin_with(0); /* a publisher that has come back to it, and dropped the next frame */
	now.w.flags |= ET_WATCHED_UNSENT | ET_WATCHED_GIVEN;
	for (int i = 0; i < 3; i++) {
		wrote(-EAGAIN);
		now.w.given++;
		scans(i ? 20 : 3);
		wrote(100);
		scans(1);
	}
	CHECK_STR(found(), "lost-write note raised;lost-write note resolved;");
	end();
	begin_with(0); /* a writer that is done says so by its mask, however short its last write */
	now.events = EPOLLIN | EPOLLOUT;
	now.w.flags |= ET_WATCHED_UNSENT;
	scans(1);
	wrote(7);
	now.events = EPOLLIN;
	ctl(++ms, EPOLL_CTL_MOD, FD, FD);
	quiet(20);
	begin_with(0); /* but not where it writes once more */
	now.events = EPOLLIN | EPOLLOUT;
	now.w.flags |= ET_WATCHED_UNSENT;
	scans(1);
	now.events = EPOLLIN;
	ctl(++ms, EPOLL_CTL_MOD, FD, FD);
	ms++;
	wrote(7);
	scans(20);
	CHECK_STR(found(), "lost-write error raised;");
	end();
	begin_with(0); /* all was written */
	now.w.flags |= ET_WATCHED_UNSENT;
	wrote(100);
	quiet(20);
}

/* Input that is left with output that was cut short is lost-write's, where that can be lost. */
static void test_output_left(void)
{
	begin_with(1000);
	now.w.flags |= ET_WATCHED_UNSENT;
	wrote(7);
	scans(20);
	CHECK_STR(found(), "lost-write error raised;");
	end();
	begin_with(1000); /* of this file nothing is lost */
	wrote(7);
	scans(20);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	end();
}

/* A level-triggered pipe that is delivered so many times, and read so often at each. */
static void blocking_level(unsigned events, unsigned reads)
{
	now.events = EPOLLIN;
	now.w.flags &= ~ET_WATCHED_NONBLOCK;
	scans(1);
	while (events--) {
		delivers();
		now.io.in = (struct et_io_side){.time_ns = ms * MS,
						.ret = 7,
						.tid = 7,
						.calls = now.io.in.calls + reads,
						.flags = ET_IO_SIDE_MAY_BLOCK};
		scans(1);
	}
}

static void test_blocking_level(void)
{
	begin_with(0); /* it cannot be known */
	blocking_level(5, 0);
	CHECK_STR(found(), "blocking-fd note raised;");
	end();
	begin_with(0); /* varnish, pdns */
	sees_io();
	blocking_level(23, 1);
	CHECK_STR(found(), "");
	end();
	begin_with(0);
	sees_io();
	blocking_level(1, 2); /* one of them may have been of an event before the trace */
	CHECK_STR(found(), "");
	blocking_level(1, 2);
	CHECK_STR(found(), "blocking-fd note raised;");
	end();
	begin_with(0); /* a write may block */
	sees_io();
	wrote(7);
	now.io.out.flags = ET_IO_SIDE_MAY_BLOCK;
	blocking_level(1, 1);
	CHECK_STR(found(), "blocking-fd note raised;");
	end();
	begin_with(0); /* edge-triggered, and read until it is empty */
	sees_io();
	now.w.flags &= ~ET_WATCHED_NONBLOCK;
	scans(1);
	delivers();
	scans(1);
	CHECK_STR(found(), "blocking-fd warning raised;");
	end();
}

static void accepts_blocking(uint32_t tid)
{
	delivers();
	now.io.in = (struct et_io_side){.time_ns = ms * MS,
					.ret = 5,
					.tid = tid,
					.other_tid = now.io.in.tid,
					.calls = now.io.in.calls + 1,
					.flags = ET_IO_SIDE_MAY_BLOCK};
	scans(1);
}

/* php-fpm: the master watches the listener by EPOLLET, and its workers accept. */
static void test_blocking_workers(void)
{
	begin_with(0);
	sees_io();
	forks(8, 0);
	listens(0);
	now.w.flags &= ~ET_WATCHED_NONBLOCK;
	scans(1);
	accepts_blocking(8);
	accepts_blocking(8);
	CHECK_STR(found(), "blocking-fd note raised;");
	accepts_blocking(7);
	accepts_blocking(8);
	CHECK_STR(found(), "blocking-fd note raised;blocking-fd warning raised;");
	end();
}

/* The program thinks that it is notified of what the entry asked for before it was disarmed. */
static void test_oneshot_output(void)
{
	begin_with(0);
	now.events = EPOLLIN | EPOLLOUT | EPOLLONESHOT;
	blocked(true);
	scans(1);
	now.events = EPOLLONESHOT;
	scans(3);
	CHECK_STR(found(), "");
	blocked(false);
	scans(1);
	CHECK_STR(found(), "oneshot-not-rearmed error raised;");
	CHECK(strstr(written(), "EPOLLOUT was asked for, and is disarmed by EPOLLONESHOT"));
	end();
	begin_with(1); /* with input, and with --io */
	now.events = EPOLLIN | EPOLLOUT | EPOLLONESHOT;
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	scans(1);
	delivers();
	now.events = EPOLLONESHOT;
	blocked(false);
	wrote(-EAGAIN);
	scans(20);
	CHECK_STR(found(), "oneshot-not-rearmed note raised;oneshot-not-rearmed error raised;");
	CHECK(strstr(written(), "EPOLLOUT was asked for, and is disarmed as well"));
	end();
	begin_with(0); /* it asked for input alone */
	now.events = EPOLLIN | EPOLLONESHOT;
	scans(1);
	now.events = EPOLLONESHOT;
	blocked(false);
	wrote(7);
	scans(20);
	CHECK_STR(found(), "lost-write error raised;");
	end();
	begin_with(0); /* disarmed before the attach: what it asked for is not known */
	now.events = EPOLLONESHOT;
	blocked(false);
	wrote(7);
	quiet(20);
}

int main(void)
{
	test_lost_write();
	test_lost_write_seen();
	test_output_left();
	test_oneshot_output();
	test_blocking_level();
	test_blocking_workers();
	return unit_failed;
}
