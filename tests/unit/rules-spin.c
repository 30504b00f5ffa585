/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules about programs that spin: one entry that is delivered a thousand times between two scans,
 * and what is done, or not done, about it. Each test changes one thing.
 */
#include "scene.h"

#define TURNS	   1000
#define MUCH_LATER 20 /* scans */

/* What the program does at each turn. */
static struct {
	uint32_t events; /* that the wait returns, 0: none */
	int timeout;
	uint64_t cpu_ns; /* of its time between two scans */
	bool reads, writes, puts_back, calls;
	unsigned turns;
	unsigned others; /* for which each wait stands beside itself */
	bool begun;	 /* it has been scanned once */
} loop;

static void loops_with(uint32_t events, uint32_t mask)
{
	begin_with(0);
	now.events = mask;
	now.waits = now.forever = false;
	now.state = ET_THREAD_RUNS;
	memset(&loop, 0, sizeof(loop));
	loop.events = events;
	loop.timeout = -1;
	loop.cpu_ns = T_MS * MS;
	loop.turns = TURNS;
}

static void socket_is(unsigned flags)
{
	now.w.file = (struct et_file){.addr = FILE_A,
				      .kind = ET_FILE_INET,
				      .family = 2,
				      .sport = 80,
				      .dport = 4000,
				      .proto = "TCP"};
	now.w.flags = ET_WATCHED_STREAM | ET_WATCHED_UNREAD | ET_WATCHED_TAKEN |
		      ET_WATCHED_NONBLOCK | flags;
}

static void waits_once(uint64_t ns, int timeout)
{
	struct wait_record r = {
		.w = {.c = {.h = header(ET_KIND_WAIT, 0, 0, 7),
			    .duration_ns = 100,
			    .ep = EP,
			    .epfile = 1,
			    .ret = loop.events != 0,
			    .id = ET_CALL_EPOLL_WAIT},
		      .a = {.epfd = 3, .maxevents = 8, .events_ptr = 16, .timeout = timeout},
		      .copied = loop.events != 0,
		      .event_size = 12,
		      .others = loop.others},
	};
	uint64_t data = FD;

	r.w.c.h.time_ns = ns;
	r.w.c.h.flags = loop.others ? ET_F_SAMPLED | ET_F_NO_ENTRY : 0;
	r.w.c.h.size = loop.events ? sizeof(r) : sizeof(r.w);
	memcpy(r.events, &loop.events, 4);
	memcpy(r.events + 4, &data, 8);
	take(&r, r.w.c.h.size);
}

static void put_back(void)
{
	static struct et_ctl r;

	r = failing(EPOLL_CTL_DEL, FD, 0, now.events);
	r.c.h.time_ns = ms * MS;
	r.file = now.w.file;
	take(&r, r.c.h.size);
	r.op = EPOLL_CTL_ADD;
	take(&r, r.c.h.size);
}

/* Turns of the loop between scans, so many times. */
static void turns(unsigned n)
{
	if (!loop.begun)
		scans(1);
	loop.begun = true;
	while (n--) {
		for (unsigned i = 0; i < loop.turns; i++)
			waits_once(ms * MS + i * 1000, loop.timeout);
		now.cpu_ns += loop.cpu_ns;
		now.reads += loop.reads ? loop.turns : 0;
		now.w.taken += loop.reads;
		now.w.given += loop.writes;
		now.io.in.calls += loop.calls ? loop.turns : 0;
		if (loop.puts_back)
			put_back();
		scans(1);
	}
}

static void finds(const char *rule_and_severity, const char *text)
{
	turns(3);
	only(rule_and_severity, text);
}

static void finds_nothing(void)
{
	turns(MUCH_LATER);
	CHECK_STR(found(), "");
	end();
}

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
	test_write();
	test_sampled();
	test_write_not_known();
	test_hangup();
	test_error_and_unconnected();
	test_notifier();
	test_ignored();
	test_accept();
	test_zero_timeout();
	test_short_timeout();
	test_rounding();
	test_eintr();
	return unit_failed;
}
