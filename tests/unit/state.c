/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scans merged into the interest lists, in whatever order they and calls are reported; and
 * what snapshots print of it. Records are made by hand.
 */
#include "feed-scan.h"

/* Living entries as "FD DATA MASK STATE open-or-closed;", by number and data. */
static const char *entries(void)
{
	static char text[1024];
	size_t len = 0;

	text[0] = 0;
	for (int fd = 0; fd < 32; fd++) {
		const struct instance *i = model_interest(pipeline.model)->instances;

		for (; i; i = i->next) {
			for (const struct entry *e = i->entries; e; e = e->next) {
				if (e->fd != fd)
					continue;
				len += snprintf(text + len, sizeof(text) - len, "%d %llx %x %s%s;",
						fd, (unsigned long long)e->data, e->events,
						e->state == ENTRY_OPEN ? "open" : "closed",
						e->unheld ? " unheld" : "");
			}
		}
	}
	return text;
}

static size_t gone(void)
{
	const struct instance *i = model_interest(pipeline.model)->instances;

	return i ? i->gone_count : 0;
}

static void test_found(void)
{
	begin_snapshot();
	scan(1001, 0);
	instance(1001, EP, 3);
	entry(1002, 4, 0x4);
	entry(1002, 5, 0x5);
	row(1003, 4, 0x4);
	row(1003, 5, 0x5);
	rows_end(1003);
	scan(1004, ET_SCAN_END);
	CHECK_STR(entries(), "4 4 1 open;5 5 1 open;");
	/* A wait names them from the first event. */
	waited(7, 1005, 1006, 1);
	finish_alive(1007);
	end();
}

/* The scan sees what an ADD that is under way has added already: one entry, not two. */
static void test_add_under_way(void)
{
	begin_snapshot();
	scan(1001, 0);
	instance(1001, EP, 3);
	entry(1003, 4, 0x4);
	ctl(1002, EPOLL_CTL_ADD, 4, 0x4); /* began before it was observed, reported after */
	scan(1004, ET_SCAN_END);
	CHECK_STR(entries(), "4 4 1 open;");
	CHECK(gone() == 0);
	/* An ADD that began after it was seen: the old one has gone meanwhile. */
	ctl(1010, EPOLL_CTL_ADD, 4, 0x44);
	CHECK_STR(entries(), "4 44 1 open;");
	CHECK(gone() == 1);
	finish_alive(1011);
	end();
}

/* What a scan sees of a close or a creation that is under way is no other instance. */
static void test_instance_under_way(void)
{
	struct et_create made = {
		.c = {.h = header(ET_KIND_CREATE, sizeof(made), 1004, 7),
		      .duration_ns = 5 * MS,
		      .ep = EP,
		      .ret = 3,
		      .id = ET_CALL_EPOLL_CREATE1},
	};
	struct et_close end_of_it = {
		.h = header(ET_KIND_CLOSE, sizeof(end_of_it), 1010, 7),
		.ep = EP,
		.fd = 3,
		.refs = 1,
	};

	begin_snapshot();
	made.c.h.user_tgid = end_of_it.h.user_tgid = 7;
	scan(1001, 0);
	instance(1005, EP, 3);
	take(&made, sizeof(made));
	CHECK(model_interest(pipeline.model)->instances->number == 1);
	CHECK(!model_interest(pipeline.model)->gone_instances);
	ctl(1006, EPOLL_CTL_ADD, 4, 0x4);
	take(&end_of_it, sizeof(end_of_it));
	instance(1009, EP, 3);
	entry(1011, 4, 0x4);
	scan(1012, ET_SCAN_END);
	CHECK(!model_interest(pipeline.model)->instances);
	finish_alive(1013);
	end();
}

/* Nor is an entry whose file is about to be closed there again. */
static void test_close_under_way(void)
{
	begin_snapshot();
	ctl(1000, EPOLL_CTL_ADD, 4, 0x4);
	scan(1001, 0);
	instance(1001, EP, 3);
	closed(1002, 4, 1);
	entry(1003, 4, 0x4);
	scan(1004, ET_SCAN_END);
	CHECK_STR(entries(), "");
	CHECK(gone() == 1);
	finish_alive(1005);
	end();
}

/* Calls reported between a scan's beginning and its end have the last word. */
static void test_calls_within(void)
{
	begin_snapshot();
	ctl(1000, EPOLL_CTL_ADD, 6, 0x6);
	scan(1001, 0);
	instance(1001, EP, 3);
	entry(1002, 4, 0x4);
	entry(1002, 5, 0x5);
	ctl(1003, EPOLL_CTL_DEL, 4, 0);
	ctl(1003, EPOLL_CTL_MOD, 5, 0x55);
	ctl(1003, EPOLL_CTL_ADD, 7, 0x7);
	scan(1004, ET_SCAN_END);
	/* 6 was not seen and nothing has changed it since: gone. 7 came meanwhile. */
	CHECK_STR(entries(), "5 55 1 open;7 7 1 open;");
	finish_alive(1005);
	end();
}

/* A row read before its entry was removed, and reported after that: of the past. */
static void test_stale_row(void)
{
	begin_snapshot();
	scan(1001, 0);
	instance(1001, EP, 3);
	entry(1002, 4, 0x4);
	entry(1002, 5, 0x5);
	closed(1005, 4, 1);
	ctl(1005, EPOLL_CTL_MOD, 5, 0x55);
	ctl(1005, EPOLL_CTL_DEL, 5, 0);
	ctl(1006, EPOLL_CTL_ADD, 6, 0x6);
	row(1004, 4, 0x4);
	row(1004, 5, 0x5);
	rows_end(1004);
	scan(1007, ET_SCAN_END);
	CHECK_STR(entries(), "6 6 1 open;");
	finish_alive(1008);
	end();
}

/* A row that is read while the close that was reported is still under way: of the past. */
static void test_row_of_close(void)
{
	begin_snapshot();
	ctl(1000, EPOLL_CTL_ADD, 4, 0x4);
	scan(1001, 0);
	instance(1001, EP, 3);
	entry(1002, 4, 0x4);
	closed(1003, 4, 1);
	row(1004, 4, 0x4);
	rows_end(1004);
	scan(1005, ET_SCAN_END);
	CHECK_STR(entries(), "");
	/* Later it is there: the close was not the last one. */
	scan(1205, 0);
	instance(1205, EP, 3);
	row(1206, 4, 0x4);
	rows_end(1206);
	scan(1207, ET_SCAN_END);
	CHECK_STR(entries(), "4 4 1 closed unheld;");
	finish_alive(1208);
	end();
}

/* A row whose ADD is reported only afterwards: one entry. */
static void test_early_row(void)
{
	begin_snapshot();
	scan(1001, 0);
	instance(1001, EP, 3);
	row(1004, 4, 0x44);
	rows_end(1004);
	scan(1005, ET_SCAN_END);
	CHECK_STR(entries(), "4 44 1 closed unheld;");
	ctl(1003, EPOLL_CTL_ADD, 4, 0x4);
	ctl(1004, EPOLL_CTL_MOD, 4, 0x44);
	CHECK_STR(entries(), "4 44 1 open;");
	CHECK(gone() == 0);
	finish_alive(1006);
	end();
}

/* fdinfo alone knows what no process has open; the file shows when a call names it. */
static void test_unheld(void)
{
	begin_snapshot();
	scan(1001, 0);
	instance(1001, EP, 3);
	entry(1002, 5, 0x5);
	row(1003, 4, 0x4);
	row(1003, 5, 0x5);
	rows_end(1003);
	scan(1004, ET_SCAN_END);
	CHECK_STR(entries(), "4 4 1 closed unheld;5 5 1 open;");
	/* A later scan, without fdinfo, cannot see it either: it stays. */
	scan(1010, 0);
	instance(1010, EP, 3);
	entry(1010, 5, 0x5);
	scan(1011, ET_SCAN_END);
	CHECK_STR(entries(), "4 4 1 closed unheld;5 5 1 open;");
	/* Saved by dup2 of its file to its number, and removed. */
	ctl(1012, EPOLL_CTL_DEL, 4, 0);
	CHECK_STR(entries(), "5 5 1 open;");
	finish_alive(1013);
	end();
}

/* What a scan has cut off may be there: nothing is taken away. */
static void test_cut(void)
{
	begin_snapshot();
	ctl(1000, EPOLL_CTL_ADD, 6, 0x6);
	scan(1002, 0);
	instance(1002, EP, 3);
	scan(1003, ET_SCAN_END | ET_SCAN_CUT);
	CHECK_STR(entries(), "6 6 1 open;");
	scan(1004, 0);
	instance(1004, EP, 3);
	scan(1005, ET_SCAN_END);
	CHECK_STR(entries(), "");
	finish_alive(1006);
	end();
}

/* The mask that a program gave stays, where the kernel's is that of a disarmed entry. */
static void test_disarmed(void)
{
	begin_snapshot();
	ctl(1000, EPOLL_CTL_ADD, 4, 0x4);
	scan(1002, 0);
	instance(1002, EP, 3);
	watched(1002, FILE_OF(4), 11);
	entry_of_file(1002, FILE_OF(4), 4, 0x4, EPOLLONESHOT, ET_ENTRY_AT_NUMBER);
	thread_in(7, 232, ET_THREAD_BLOCKED, ET_F_FOREVER);
	inflight(7, 500, false);
	scan(1003, ET_SCAN_END);
	CHECK_STR(entries(), "4 4 1 open;");
	finish_alive(1004);
	CHECK(strstr(end(), "      ! oneshot-not-rearmed (one look): 11 unread, but EPOLLONESHOT "
			    "has disarmed it\n"));
}

/* An instance that no process holds any more is gone with all its entries. */
static void test_instance_gone(void)
{
	begin_snapshot();
	scan(1001, 0);
	instance(1001, EP, 3);
	entry(1002, 4, 0x4);
	scan(1003, ET_SCAN_END);
	/* Once it may have been on its way from one process to another. */
	scan(1010, 0);
	scan(1011, ET_SCAN_END);
	CHECK_STR(entries(), "4 4 1 open;");
	scan(1012, 0);
	scan(1013, ET_SCAN_END);
	CHECK_STR(entries(), "");
	CHECK(!model_interest(pipeline.model)->instances);
	finish_alive(1012);
	end();
}

/* Without the iterator: known by number until a call shows which instance that is. */
static void test_no_iterator(void)
{
	begin_snapshot();
	scan(1001, ET_SCAN_NO_ITER);
	instance(1001, 0, 3);
	{
		struct et_fdinfo r = {.h = header(ET_KIND_FDINFO, sizeof(r), 1002, 7),
				      .data = 4,
				      .events = EPOLLIN,
				      .fd = 4,
				      .epfd = 3};

		take(&r, sizeof(r));
	}
	scan(1003, ET_SCAN_END | ET_SCAN_NO_ITER);
	CHECK_STR(entries(), "4 4 1 open unheld;");
	ctl(1005, EPOLL_CTL_MOD, 4, 0x44);
	CHECK_STR(entries(), "4 44 1 open;");
	CHECK(interest_find(model_interest(pipeline.model), EP) ==
	      model_interest(pipeline.model)->instances);
	CHECK(!model_interest(pipeline.model)->instances->next);
	finish_alive(1006);
	end();
}

/* What scans could not observe is reported on stderr, once for all of them. */
static void test_notices(void)
{
	static const char want[] =
		"epolltrace: a target uses io_uring: what it does to epoll that way is not seen\n"
		"    this kernel has no tracepoints for it, or refuses the programs; see "
		"--features\n"
		"epolltrace: not all that was registered before could be read\n";
	int old = dup(STDERR_FILENO), out = memfd_create("err", MFD_CLOEXEC);
	char text[1024];
	ssize_t n;

	dup2(out, STDERR_FILENO);
	begin_snapshot();
	scan(1001, 0);
	scan(1002, ET_SCAN_END | ET_SCAN_UNSEEN);
	scan(1003, 0);
	scan(1004, ET_SCAN_END | ET_SCAN_UNSEEN | ET_SCAN_CUT);
	finish_alive(1005);
	end();
	dup2(old, STDERR_FILENO);
	close(old);
	n = pread(out, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = 0;
	close(out);
	CHECK_STR(text, want);
}

static void test_text(void)
{
	const char *text;

	begin_snapshot();
	scan(1001, 0);
	instance(1001, EP, 3);
	watched(1002, FILE_OF(4), 100000);
	entry_of_file(1002, FILE_OF(4), 4, 0x4, EPOLLIN | EPOLLET, ET_ENTRY_AT_NUMBER);
	watched(1002, FILE_OF(5), 3);
	entry_of_file(1002, FILE_OF(5), 5, 0x5, EPOLLIN, ET_ENTRY_AT_NUMBER | ET_ENTRY_READY);
	scan(1003, ET_SCAN_END);
	inflight(8, 500, false);
	finish_alive(1004);
	text = end();
	CHECK(strstr(text, "instance #1: fd 3 of 7 (steps)\n"
			   "    2 entries, 1 ready, 1 marked; 1 thread waits\n"
			   "\n"
			   "    PID     TID COMM            WAITS IN      TIMEOUT  LAST RAN\n"
			   "      7       8                 epoll_wait    none     504 ms ago\n"
			   "\n"
			   "     FD READY BLOCK  UNREAD  UNSENT EVENTS DATA FILE\n"
			   "      4 -     no        98k       - IN|ET  0x4  <pipe:[504]>\n"
			   "      ! lost-edge (one look): 98k unread, edge-triggered and not "
			   "ready: no event comes for it\n"
			   "      5 IN    no          3       - IN     0x5  <pipe:[505]>\n"));
}

int main(void)
{
	test_found();
	test_add_under_way();
	test_instance_under_way();
	test_close_under_way();
	test_calls_within();
	test_stale_row();
	test_row_of_close();
	test_early_row();
	test_unheld();
	test_cut();
	test_disarmed();
	test_instance_gone();
	test_no_iterator();
	test_notices();
	test_text();
	return unit_failed;
}
