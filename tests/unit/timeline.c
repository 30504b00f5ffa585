/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Timelines: records made by hand go in; what happens on which track, and that it nests, is compared. */
#include "happenings.h"
#include "base/heap.h"

#include <errno.h>

static void comm(uint32_t tid, uint64_t ms, const char *name)
{
	struct et_comm r = {.h = header(ET_KIND_COMM, sizeof(r), ms, tid)};

	snprintf(r.comm, sizeof(r.comm), "%s", name);
	take(&r, sizeof(r));
}

static void polled(uint32_t tid, uint64_t ns, uint64_t duration_ns, int ret)
{
	struct et_wait r = {
		.c = {.h = header(ET_KIND_WAIT, sizeof(r), 0, tid),
		      .duration_ns = duration_ns,
		      .ep = EP,
		      .epfile = 1,
		      .ret = ret,
		      .id = ET_CALL_EPOLL_WAIT},
		.a = {.epfd = 3, .maxevents = 8, .events_ptr = 16, .timeout = 0},
		.event_size = 12,
	};

	r.c.h.time_ns = ns;
	take(&r, sizeof(r));
}

/* Waits, the turns between them, what is in these; times that touch; what goes on at the end. */
static void test_turns(void)
{
	begin_timeline();
	comm(7, 1000, "loop");
	ctl(1050, EPOLL_CTL_ADD, 11, 5);
	waited(7, 1100, 1200, 1);
	ctl(1200, EPOLL_CTL_MOD, 11, 5);
	polled(7, 1300 * MS + 1, 999, 0);
	waited(7, 1300, 1400, -EINTR); /* begins before the one before has ended */
	finish_alive(1500);
	end_timeline();
	CHECK_STR(of("7/7:"),
		  "7/7: epoll_ctl 1050..1050+1000ns (call) epfd=3 op=EPOLL_CTL_ADD fd=11 "
		  "file=pipe:[511] events=EPOLLIN data=0x5 instance=1 ret=0\n"
		  "7/7: epoll_wait 1100..1200 (blocked) epfd=3 maxevents=8 timeout_ns=-1 "
		  "instance=1 ret=1\n"
		  "7/7: begin turn 1200 (turn) ready_count=1 ready[ { fd=11 file=pipe:[511] "
		  "events=EPOLLIN data=0x5 } ]\n"
		  "7/7: epoll_ctl 1200..1200+1000ns (call) epfd=3 op=EPOLL_CTL_MOD fd=11 "
		  "file=pipe:[511] events=EPOLLIN data=0x5 instance=1 ret=0\n"
		  "7/7: end turn 1300+1ns (turn)\n"
		  "7/7: epoll_wait (poll) 1300+1ns..1300+1000ns (poll) epfd=3 maxevents=8 "
		  "timeout_ns=0 instance=1 ret=0\n"
		  "7/7: begin turn 1300+1000ns (turn) ready_count=0\n"
		  "7/7: end turn 1300+1000ns (turn)\n"
		  "7/7: epoll_wait 1300+1000ns..1400 (blocked) epfd=3 maxevents=8 timeout_ns=-1 "
		  "instance=1 ret=-1 errno=EINTR\n"
		  "7/7: begin turn 1400 (turn) ready_count=0\n"
		  "7/7: end turn 1500 (turn) unfinished\n");
	CHECK_STR(of("ready:"), "ready: ready 1200 1\nready: ready 1300+1000ns 0\n");
}

/* Waits that began before, are in flight, and do not return. */
static void test_unfinished(void)
{
	begin_timeline();
	waited_before(7, 1500);
	inflight(7, 1600, false);
	inflight(8, 1000, true);
	tick(2700);
	finish_alive(5000);
	end_timeline();
	CHECK_STR(of("7/7:"),
		  "7/7: epoll_wait 1000..1500 (blocked) epfd=3 maxevents=8 timeout_ns=-1 "
		  "instance=1 ret=1 began_before_attach\n"
		  "7/7: begin turn 1500 (turn) ready_count=1 ready[ { events=EPOLLIN data=0x5 } ]\n"
		  "7/7: end turn 1600 (turn)\n"
		  "7/7: epoll_wait (unfinished) 1600..5000 (blocked) epfd=3 instance=1 "
		  "timeout_ns=-1\n");
	CHECK_STR(of("7/8:"), "7/8: epoll_wait (unfinished) 1000..5000 (blocked) epfd=3 instance=1 "
			      "timeout_ns=-1 began_before_attach\n");
}

/* The stream breaks off: it has no end, and what is open is closed where it stops. */
static void test_broken_off(void)
{
	begin_timeline();
	ctl(1050, EPOLL_CTL_ADD, 11, 5);
	inflight(8, 1100, false);
	waited(7, 1100, 1200, 1);
	tick(1700);
	end_timeline();
	CHECK_STR(of("7/8:"), "7/8: epoll_wait (unfinished) 1100..1700 (blocked) epfd=3 instance=1 "
			      "timeout_ns=-1\n");
	CHECK(strstr(of("7/7:"), "end turn 1700 (turn) unfinished\n"));
	CHECK(strstr(of("fd 11"), "end registered 1700 (entry) unfinished\n"));
	CHECK_STR(of("blocked threads:"), "blocked threads: blocked threads 1100 2\n"
					  "blocked threads: blocked threads 1200 1\n"
					  "blocked threads: blocked threads 1700 0\n");
}

static void killed(uint32_t tid, uint64_t ms, int code)
{
	struct et_exit r = {.h = header(ET_KIND_EXIT, sizeof(r), ms, tid), .code = code};

	r.h.flags = ET_F_LAST;
	take(&r, sizeof(r));
}

/* Numbers of threads and processes come again: each has its own track. */
static void test_numbers_again(void)
{
	uint64_t first;

	begin_timeline();
	comm(7, 1000, "first");
	waited(7, 1100, 1200, 1);
	waited(8, 1100, 1250, 1);
	exited(8, 1300, false);
	first = tracks[track_count - 1].id;
	waited(8, 1400, 1500, 1); /* another thread of the process */
	CHECK(tracks[track_count - 1].id != first);
	killed(7, 1600, 9);
	comm(7, 1650, "second");
	waited(7, 1700, 1800, 1);
	process = 9;
	waited(8, 1700, 1800, 1);
	killed(8, 1900, 3 << 8);
	process = 7;
	finish_alive(2000);
	end_timeline();
	CHECK_STR(of("7/8:"), "7/8: epoll_wait 1100..1250 (blocked) epfd=3 maxevents=8 "
			      "timeout_ns=-1 instance=1 ret=1\n"
			      "7/8: begin turn 1250 (turn) ready_count=1 ready[ { events=EPOLLIN "
			      "data=0x5 } ]\n"
			      "7/8: end turn 1300 (turn)\n"
			      "7/8: exited 1300 (life)\n"
			      "7/8: epoll_wait 1400..1500 (blocked) epfd=3 maxevents=8 "
			      "timeout_ns=-1 instance=1 ret=1\n"
			      "7/8: begin turn 1500 (turn) ready_count=1 ready[ { events=EPOLLIN "
			      "data=0x5 } ]\n"
			      "7/8: end turn 1600 (turn)\n");
	CHECK(strstr(of("7/7:"), "7/7: killed 1600 (life) signal=SIGKILL process_ends\n"));
	CHECK(strstr(of("7/7:"), "7/7: end turn 2000 (turn) unfinished\n"));
	CHECK(strstr(of("9/8:"), "9/8: exited 1900 (life) status=3 process_ends\n"));
}

static void closed(uint64_t ms, int fd, unsigned refs)
{
	struct et_close r = {.h = header(ET_KIND_CLOSE, sizeof(r), ms, 7),
			     .file = 500 + fd,
			     .fd = fd,
			     .refs = refs};

	take(&r, sizeof(r));
}

static void scan(uint64_t ms, bool end)
{
	struct et_scan r = {.h = header(ET_KIND_SCAN, sizeof(r), ms, 7),
			    .flags = end ? ET_SCAN_END : 0};

	take(&r, sizeof(r));
}

static void scan_sees(uint64_t ms, int fd, bool ready)
{
	struct et_instance i = {
		.h = header(ET_KIND_INSTANCE, sizeof(i), ms, 7), .ep = EP, .file = 1, .fd = 3};
	struct et_entry e = {
		.h = header(ET_KIND_ENTRY, sizeof(e), ms, 7),
		.ep = EP,
		.file = 500 + fd,
		.data = 5,
		.events = EPOLLIN,
		.fd = fd,
		.at = fd,
		.flags = ET_ENTRY_AT_NUMBER | (ready ? ET_ENTRY_READY : 0),
	};

	scan(ms, false);
	take(&i, sizeof(i));
	take(&e, sizeof(e));
	scan(ms, true);
}

/* An entry that was found, is seen ready, delivers, changes, goes; one that stays. */
static void test_entries(void)
{
	begin_timeline();
	comm(7, 1000, "loop");
	scan_sees(1010, 11, false);
	scan_sees(1100, 11, true);
	scan_sees(1200, 11, true);
	waited(7, 1100, 1250, 1);
	scan_sees(1300, 11, false);
	ctl(1310, EPOLL_CTL_MOD, 11, 5);
	scan_sees(1400, 11, true);
	closed(1500, 11, 1);
	ctl(1600, EPOLL_CTL_ADD, 11, 6); /* the same number, another entry */
	ctl(1700, EPOLL_CTL_DEL, 11, 6);
	ctl(1800, EPOLL_CTL_ADD, 12, 7);
	finish_alive(1900);
	end_timeline();
	CHECK_STR(of("fd 11"), "fd 11: begin registered 1010 (entry) fd=11 events=EPOLLIN data=0x5 "
			       "found\n"
			       "fd 11: ready 1100 (entry)\n"
			       "fd 11: delivered 1250 (entry) events=EPOLLIN tid=7\n"
			       "fd 11: modified 1310+1000ns (entry) fd=11 file=pipe:[511] "
			       "events=EPOLLIN data=0x5 tid=7\n"
			       "fd 11: ready 1400 (entry)\n"
			       "fd 11: removed 1500 (entry) by=close deliveries=1\n"
			       "fd 11: end registered 1500 (entry)\n"
			       "fd 11 pipe:[511]: begin registered 1600 (entry) fd=11 "
			       "file=pipe:[511] events=EPOLLIN data=0x6\n"
			       "fd 11 pipe:[511]: removed 1700+1000ns (entry) by=EPOLL_CTL_DEL "
			       "deliveries=0\n"
			       "fd 11 pipe:[511]: end registered 1700+1000ns (entry)\n");
	CHECK_STR(of("fd 12"), "fd 12 pipe:[512]: begin registered 1800 (entry) fd=12 "
			       "file=pipe:[512] events=EPOLLIN data=0x7\n"
			       "fd 12 pipe:[512]: end registered 1900 (entry) unfinished\n");
	CHECK_STR(tracks[1].name, "eventpoll#1 of 7 loop"); /* after its process */
}

/* Counts come in the order of time, though waits are reported at their ends. */
static void test_blocked(void)
{
	begin_timeline();
	waited(8, 1200, 1300, 1);
	waited(7, 1100, 1400, 1);
	polled(9, 1350 * MS, 1000, 0);
	tick(2000); /* too early for anything but what has not been reported */
	CHECK_STR(of("blocked threads:"), "");
	inflight(9, 1500, false);
	tick(2700); /* the wait in flight is reported now */
	waited(7, 1600, 2900, 1);
	tick(4300);
	waited(9, 1500, 4400, 1);
	waited(10, 1000, 4400, 1); /* so old a wait should have been reported before */
	finish_alive(4400);
	end_timeline();
	CHECK_STR(
		of("blocked threads:"),
		"blocked threads: blocked threads 1100 1\nblocked threads: blocked threads 1200 2\n"
		"blocked threads: blocked threads 1300 1\nblocked threads: blocked threads 1400 0\n"
		"blocked threads: blocked threads 1500 1\nblocked threads: blocked threads 1600 2\n"
		"blocked threads: blocked threads 1600 3\nblocked threads: blocked threads 2900 2\n"
		"blocked threads: blocked threads 4400 0\n");
}

static void test_losses(void)
{
	begin_timeline();
	waited(7, 1100, 1200, 1);
	lost(1300, 0);
	CHECK_STR(of("losses"), "");
	lost(1400, 23);
	waited(7, 1500, 1600, 1);
	lost(1700, 2);
	finish_alive(1800);
	end_timeline();
	CHECK_STR(of("losses"), "losses: records lost 1400 (loss) records=23\n"
				"losses: records lost 1700 (loss) records=2\n");
}

/* 997 changes in no order come out in the order of time. */
static void test_changes(void)
{
	struct heap c = {0};
	uint64_t last = 0, taken = 0;

	for (unsigned i = 0; i < 997; i++)
		CHECK(!heap_add(&c, (struct heap_item){.time_ns = i * 631 % 997}));
	for (; c.count; taken++) {
		struct heap_item first = heap_take(&c);

		CHECK(first.time_ns == last + (taken > 0));
		last = first.time_ns;
	}
	CHECK(taken == 997);
	heap_free(&c);
}

/* An operation of io_uring takes no time of its thread, which goes on with its turn. */
static void test_uring(void)
{
	struct et_ctl r = {
		.c = {.h = header(ET_KIND_CTL, offsetof(struct et_ctl, name), 1300, 7),
		      .duration_ns = 200 * MS,
		      .ep = EP,
		      .epfile = 1,
		      .id = ET_CALL_EPOLL_CTL},
		.epfd = 3,
		.op = EPOLL_CTL_ADD,
		.fd = 11,
		.data = 5,
		.file = {.addr = 511, .kind = ET_FILE_PIPE, .ino = 511},
	};

	r.c.h.flags = ET_F_EVENT_READ | ET_F_IO_URING;
	begin_timeline();
	waited(7, 1100, 1200, 0);
	take(&r, offsetof(struct et_ctl, name));
	waited(7, 1400, 1600, 0);
	finish_alive(1700);
	end_timeline();
	CHECK_STR(of("7/7:"),
		  "7/7: epoll_wait 1100..1200 (blocked) epfd=3 maxevents=8 timeout_ns=-1 "
		  "instance=1 ret=0\n"
		  "7/7: begin turn 1200 (turn) ready_count=0\n"
		  "7/7: epoll_ctl 1500 (io_uring) epfd=3 op=EPOLL_CTL_ADD fd=11 file=pipe:[511] "
		  "events=0 data=0x5 instance=1 ret=0 duration_ns=200000000\n"
		  "7/7: end turn 1400 (turn)\n"
		  "7/7: epoll_wait 1400..1600 (blocked) epfd=3 maxevents=8 timeout_ns=-1 "
		  "instance=1 ret=0\n"
		  "7/7: begin turn 1600 (turn) ready_count=0\n"
		  "7/7: end turn 1700 (turn) unfinished\n");
}

int main(void)
{
	test_turns();
	test_unfinished();
	test_broken_off();
	test_numbers_again();
	test_entries();
	test_blocked();
	test_losses();
	test_uring();
	test_changes();
	return unit_failed;
}
