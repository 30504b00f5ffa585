/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules about entries that are delivered again and again: a thousand times between two scans, and
 * what is done, or not done, about it. Each test changes one thing.
 */
#include "loops.h"

static void test_write(void)
{
	loops_with(EPOLLOUT, EPOLLIN | EPOLLOUT);
	socket_is(ET_WATCHED_GIVEN);
	finds("write-spin warning", "delivered 1000 times in 0.1 s with EPOLLOUT");
	loops_with(EPOLLOUT, EPOLLIN | EPOLLOUT); /* each time something is written */
	socket_is(ET_WATCHED_GIVEN);
	loop.writes = true;
	finds_nothing();
	loops_with(EPOLLIN | EPOLLOUT, EPOLLIN | EPOLLOUT); /* input comes, and is read */
	socket_is(ET_WATCHED_GIVEN);
	loop.reads = true;
	finds_nothing();
	loops_with(EPOLLOUT, EPOLLOUT | EPOLLET);
	socket_is(ET_WATCHED_GIVEN);
	finds_nothing();
	loops_with(EPOLLOUT, EPOLLOUT); /* it comes less often */
	socket_is(ET_WATCHED_GIVEN);
	loop.turns = 90;
	finds_nothing();
	loops_with(EPOLLOUT, EPOLLOUT); /* it costs nothing */
	socket_is(ET_WATCHED_GIVEN);
	loop.cpu_ns = T_MS * MS / 21;
	finds("write-spin note", "spent 5 % of a CPU");
}

/* Nothing shows without --io whether anything is written: it counts as not checked. */
static void test_write_not_known(void)
{
	as_text = true;
	loops_with(EPOLLOUT, EPOLLOUT);
	socket_is(0);
	turns(4);
	CHECK(!pipeline_finish(&pipeline));
	CHECK(strstr(written(), "not checked: 1 entry reported again and again"));
	as_text = false;
	end();
	loops_with(EPOLLOUT, EPOLLOUT);
	sees_io();
	socket_is(0);
	finds("write-spin warning", "nothing written meanwhile");
}

static void test_hangup(void)
{
	const uint32_t mask = EPOLLIN | EPOLLRDHUP;

	loops_with(mask, mask);
	socket_is(ET_WATCHED_PEER_CLOSED);
	finds("hangup-spin warning", "EPOLLIN|EPOLLRDHUP");
	loops_with(EPOLLIN, EPOLLIN); /* reads return 0, which takes nothing */
	socket_is(ET_WATCHED_PEER_CLOSED);
	finds("hangup-spin warning", "reads return 0");
	loops_with(EPOLLHUP | EPOLLERR, 0);
	socket_is(ET_WATCHED_PEER_CLOSED | ET_WATCHED_ERROR);
	finds("hangup-spin warning", "its mask is 0");
	loops_with(mask, mask); /* deleted and added again */
	socket_is(ET_WATCHED_PEER_CLOSED);
	loop.puts_back = true;
	finds("hangup-spin warning", "EPOLLIN|EPOLLRDHUP");
	loops_with(mask,
		   mask); /* --io says nothing of such an entry: each ADD begins its counts anew */
	sees_io();
	socket_is(0);
	now.w.flags &= ~ET_WATCHED_TAKEN;
	now.w.unread_bytes = 300;
	loop.events = EPOLLIN;
	loop.puts_back = true;
	finds_nothing();
	loops_with(mask, mask); /* half closed: the program goes on writing */
	socket_is(ET_WATCHED_PEER_CLOSED | ET_WATCHED_GIVEN);
	loop.writes = true;
	finds_nothing();
	loops_with(mask, mask); /* the rest is read */
	socket_is(ET_WATCHED_PEER_CLOSED);
	loop.reads = true;
	finds_nothing();
	loops_with(mask, mask); /* a peer that lingers for less than T */
	socket_is(ET_WATCHED_PEER_CLOSED);
	turns(1);
	loop.turns = 1;
	turns(MUCH_LATER);
	CHECK_STR(found(), "");
	end();
}

static void test_error_and_unconnected(void)
{
	loops_with(EPOLLERR, EPOLLIN);
	now.w.file = (struct et_file){.addr = FILE_A,
				      .kind = ET_FILE_INET,
				      .family = 2,
				      .sport = 80,
				      .dport = 9,
				      .proto = "UDP"};
	now.w.flags = ET_WATCHED_ERROR | ET_WATCHED_NONBLOCK | ET_WATCHED_TAKEN;
	finds("error-queue-spin note", "what is written to it is not seen without --io");
	loops_with(EPOLLERR, 0);
	socket_is(ET_WATCHED_ERRORQUEUE | ET_WATCHED_GIVEN);
	finds("error-queue-spin warning", "MSG_ERRQUEUE");
	loops_with(EPOLLOUT | EPOLLHUP, EPOLLIN | EPOLLOUT);
	socket_is(ET_WATCHED_UNCONNECTED);
	finds("unconnected-spin warning", "never connected");
}

static void eventfd_is(uint32_t mask)
{
	loops_with(EPOLLIN, mask);
	now.w.file = (struct et_file){.addr = FILE_A, .kind = ET_FILE_ANON, .name_len = 10};
	now.w.flags = ET_WATCHED_UNREAD | ET_WATCHED_NONBLOCK;
	now.w.unread_bytes = 8;
	memcpy(now.name, "[eventfd]", 10);
}

static void test_notifier(void)
{
	loops_with(EPOLLIN, EPOLLIN);
	now.w.unread_bytes = 1;
	finds("notifier-undrained warning", "1 byte unread");
	loops_with(EPOLLIN, EPOLLIN);
	now.w.unread_bytes = 1;
	loop.reads = true;
	finds_nothing();
	eventfd_is(EPOLLIN);
	finds("notifier-undrained warning", "8 bytes unread");
	eventfd_is(EPOLLIN); /* it is read, and written again: the calls of the process show it */
	loop.reads = true;
	finds_nothing();
	eventfd_is(EPOLLIN | EPOLLET); /* each write is an edge */
	finds_nothing();
}

static void test_ignored(void)
{
	loops_with(EPOLLIN, EPOLLIN);
	socket_is(0);
	now.w.unread_bytes = 300;
	finds("ready-ignored warning", "300 bytes unread");
	loops_with(EPOLLIN, EPOLLIN); /* another thread reads now and then */
	socket_is(0);
	now.w.unread_bytes = 300;
	loop.reads = true;
	finds_nothing();
	loops_with(EPOLLIN, EPOLLIN);
	listens(3);
	finds("ready-ignored note", "3 connections wait");
}

static void test_accept(void)
{
	loops_with(EPOLLIN, EPOLLIN);
	listens(1);
	now.nofile = true;
	loop.turns = 21;
	finds("accept-emfile warning", "8 of 8 descriptors in use");
	loops_with(EPOLLIN, EPOLLIN); /* it backs off */
	listens(1);
	now.nofile = true;
	loop.turns = 1;
	finds_nothing();
	loops_with(EPOLLIN, EPOLLIN); /* it accepts by a spare one */
	listens(1);
	now.nofile = true;
	loop.turns = 21;
	loop.reads = true;
	finds_nothing();
	loops_with(EPOLLIN, EPOLLIN); /* there is room */
	listens(1);
	loop.turns = 21;
	finds_nothing();
	loops_with(EPOLLIN, EPOLLIN); /* of the whole system there is none, as --io sees */
	sees_io();
	listens(1);
	loop.turns = 21;
	loop.calls = true; /* each turn tries */
	now.io.in = (struct et_io_side){.time_ns = ms * MS, .ret = -ENFILE, .tid = 7, .calls = 3};
	finds("accept-emfile warning", "ENFILE");
}

int main(void)
{
	test_write();
	test_write_not_known();
	test_hangup();
	test_error_and_unconnected();
	test_notifier();
	test_ignored();
	test_accept();
	return unit_failed;
}
