/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What threads do, and how they end, in scans and in calls. Records are made by hand. */
#include "feed-scan.h"

/* What is no 64-bit call is not called by a number's name. */
static void test_i386(void)
{
	const char *text;

	begin_snapshot();
	thread_in(8, ET_NR_I386, ET_THREAD_BLOCKED, 0);
	thread_in(9, ET_NR_I386, ET_THREAD_STOPPED, 0);
	thread_in(10, -1, ET_THREAD_BLOCKED, 0);
	finish_alive(1004);
	text = end();
	CHECK(strstr(text, "  i386 call\n"));
	CHECK(strstr(text, "  stopped in i386 call\n"));
	CHECK(strstr(text, "  blocked, in no system call\n"));
}

/*
 * A thread that is not the leader runs another program while the leader waits on an instance that
 * goes with that: its close counts the reference that the wait has.
 */
static void test_exec_by_thread(void)
{
	struct et_close end_of_it = {
		.h = header(ET_KIND_CLOSE, sizeof(end_of_it), 1010, 8),
		.ep = EP,
		.fd = 3,
		.refs = 2,
	};
	struct et_inflight cut = {
		.h = header(ET_KIND_INFLIGHT, sizeof(cut), 1005, 7),
		.ep = EP,
		.a = {.epfd = 3, .maxevents = 8, .timeout = -1},
		.id = ET_CALL_EPOLL_WAIT,
	};

	begin_snapshot();
	ctl(1001, EPOLL_CTL_ADD, 4, 0x4);
	take_wait(8, EP2, 1002 * MS, MS, 0, 0, false);
	end_of_it.h.user_tgid = cut.h.user_tgid = process;
	take(&end_of_it, sizeof(end_of_it));
	CHECK(interest_find(model_interest(pipeline.model), EP));
	cut.h.flags = ET_F_CUT;
	take(&cut, sizeof(cut));
	CHECK(!interest_find(model_interest(pipeline.model), EP));
	exited(7, 1012, false);
	CHECK(tasks_find(model_tasks(pipeline.model), 8));
	execed(1013, "other");
	CHECK(!tasks_find(model_tasks(pipeline.model), 8));
	CHECK_STR(tasks_find(model_tasks(pipeline.model), 7)->comm, "other");
	finish_alive(1014);
	end();
}

/* A wait of another process, which has the instance from a fork, holds no part of what is closed. */
static void test_cut_elsewhere(void)
{
	struct et_close one = {
		.h = header(ET_KIND_CLOSE, sizeof(one), 1010, 8), .ep = EP, .fd = 3, .refs = 2};
	struct et_inflight cut = {
		.h = header(ET_KIND_INFLIGHT, sizeof(cut), 1005, 9),
		.ep = EP,
		.a = {.epfd = 3, .maxevents = 8, .timeout = -1},
		.id = ET_CALL_EPOLL_WAIT,
	};

	begin_snapshot();
	ctl(1001, EPOLL_CTL_ADD, 4, 0x4);
	take(&one, sizeof(one));
	cut.h.user_tgid = 9;
	cut.h.flags = ET_F_CUT;
	take(&cut, sizeof(cut));
	CHECK(interest_find(model_interest(pipeline.model), EP));
	finish_alive(1014);
	end();
}

/* Threads whose own ends were lost end with their process. */
static void test_ends_lost(void)
{
	begin_snapshot();
	waited(8, 1001, 1002, 1);
	waited(9, 1001, 1002, 1);
	exited(8, 1003, true);
	CHECK(!tasks_find(model_tasks(pipeline.model), 9));
	finish_alive(1014);
	end();
}

int main(void)
{
	test_i386();
	test_exec_by_thread();
	test_cut_elsewhere();
	test_ends_lost();
	return unit_failed;
}
