/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What rules find in closes, forks and halts, and what they say they have not checked. */
#include "scene.h"

/* The wait is reported by the next scan. */
static void goes_to_wait(void)
{
	now.wait_ms = ++ms;
	now.switches++;
}

/* The loop registers it with that mask and waits; then that thread closes it. */
static void taken_by(uint32_t tid, uint32_t events)
{
	static struct et_ctl r;

	begin_with(0);
	scans(1);
	r = failing(EPOLL_CTL_ADD, OTHER, 0, events);
	take(&r, r.c.h.size);
	goes_to_wait();
	closed_by(tid, ++ms, OTHER, 1);
}

static void test_closed_while_waiting(void)
{
	taken_by(9, EPOLLIN);
	scans(1);
	CHECK_STR(found(), "");
	scans(1);
	CHECK_STR(found(), "closed-while-waiting warning raised;");
	CHECK(strstr(written(),
		     "thread 9 closed it 0.2 s ago, and not thread 7, which had registered "
		     "it; there was no EPOLL_CTL_DEL; thread 7 blocked in epoll_wait for "
		     "0.2 s"));
	scans(7);
	now.wait_ms = ++ms; /* it has come back */
	waited(7, ms, ms, 0);
	scans(1);
	CHECK_STR(found(), "closed-while-waiting warning raised;closed-while-waiting warning "
			   "resolved;");
	end();
	taken_by(9, EPOLLIN | EPOLLET); /* nothing can have been handed over yet */
	only_note("closed-while-waiting", 20);
	taken_by(7, EPOLLIN); /* who has registered it knows */
	quiet(20);
	taken_by(9, 0); /* nobody waits for it */
	quiet(20);
}

/* Twice the same number, the second time another thread's. */
static void test_closed_twice(void)
{
	taken_by(9, EPOLLIN);
	ctl(++ms, EPOLL_CTL_ADD, OTHER, OTHER);
	goes_to_wait();
	closed_by(9, ms += 5, OTHER, 1);
	scans(2);
	only("closed-while-waiting warning",
	     "the same thread had closed number 17 0.0 s before that: closed twice?");
}

/* A pool: the event was handed over, or the closer waits on the instance too. */
static void test_closed_in_pool(void)
{
	begin_with(0);
	scans(1);
	take_wait(9, EP, ++ms * MS, 0, 0, 0, false);
	ctl(++ms, EPOLL_CTL_ADD, OTHER, OTHER);
	goes_to_wait();
	closed_by(9, ++ms, OTHER, 1);
	exited(9, ++ms, false); /* the pool shrinks */
	quiet(20);
}

/* The report of a stream without a finding, where the file iterator is in that state. */
static const char *report(const char *iterator, unsigned flags)
{
	struct pipeline_options opt = {
		.rules = {.enabled = RULES_ALL, .stall_ns = T_MS * MS},
		.diagnosis = true,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};
	struct et_feature r;

	ms = 1000;
	CHECK(!pipeline_init(&pipeline, &opt));
	start();
	r = (struct et_feature){.h = header(ET_KIND_FEATURE, sizeof(r), ms, 7)};
	strcpy(r.name, "file iterator");
	strcpy(r.state, iterator);
	take(&r, sizeof(r));
	scan(ms, flags);
	scan(++ms, ET_SCAN_END | flags);
	finish(++ms);
	return end();
}

/* "nothing found" is not said over what was not looked for. */
static void test_not_scanned(void)
{
	const char *text = report("no: a reason", ET_SCAN_NO_ITER);

	CHECK(!strncmp(text, "nothing found in calls; the kernel's state was not scanned\n", 59));
	CHECK(strstr(text,
		     "\nfor: wait-error shared-after-fork ctl-error eintr unseen-io-uring\n"));
	CHECK(strstr(text, "\nnot checked: lost-edge (needs the file iterator)\n"));
	CHECK(strstr(text, "\nnot checked: stale-batch (needs --io)\n"));
	text = report("yes", ET_SCAN_CUT);
	CHECK(!strncmp(text, "nothing found in calls; ", 24));
	CHECK(strstr(text, "\nnot checked: lost-edge (needs a whole scan of descriptors)\n"));
	text = report("yes", 0);
	CHECK(!strncmp(text, "nothing found\n", 14));
	CHECK(strstr(text, "\nfor: lost-edge lost-eof "));
}

/* The report of a scanned entry on a file of which nothing shows whether input waits. */
static const char *opaque(unsigned events, unsigned kind, unsigned flags)
{
	const char *text;

	as_text = true;
	begin_with(0);
	now.events = events;
	now.w.flags = flags;
	now.w.file.kind = kind;
	scans(3);
	finish(++ms);
	text = end();
	as_text = false;
	return text;
}

static void test_opaque(void)
{
	static const char wanted[] = "\nnot checked: input of 1 edge-triggered or one-shot entry: "
				     "what waits there is not known (4";

	CHECK(strstr(opaque(EPOLLIN | EPOLLET, ET_FILE_ANON, 0), wanted));
	CHECK(strstr(opaque(EPOLLIN | EPOLLONESHOT, ET_FILE_PATH, 0), wanted));
	CHECK(strstr(opaque(EPOLLIN | EPOLLET, ET_FILE_INET,
			    ET_WATCHED_STREAM | ET_WATCHED_UNREAD | ET_WATCHED_LAYERED),
		     wanted));
	CHECK(!strstr(
		opaque(EPOLLIN | EPOLLET, ET_FILE_INET, ET_WATCHED_STREAM | ET_WATCHED_UNREAD),
		"not checked: input"));
	CHECK(!strstr(opaque(EPOLLIN, ET_FILE_ANON, 0), "not checked: input"));
	CHECK(!strstr(opaque(EPOLLOUT | EPOLLET, ET_FILE_ANON, 0), "not checked: input"));
	CHECK(!strstr(opaque(EPOLLIN | EPOLLET, ET_FILE_PIDFD, 0), "not checked: input"));
	CHECK(!strstr(opaque(EPOLLIN | EPOLLET, ET_FILE_EPOLL, 0), "not checked: input"));
}

/* A thread that waits so often in a second, and what the report says of it. */
static const char *paced(unsigned per_second)
{
	struct pipeline_options opt = {
		.rules = {.enabled = RULES_ALL, .stall_ns = T_MS * MS},
		.diagnosis = true,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};
	uint64_t step_ns = 1000 * MS / per_second;

	CHECK(!pipeline_init(&pipeline, &opt));
	start();
	for (unsigned i = 0; i < per_second; i++)
		take_wait(7, EP, 1000 * MS + i * step_ns, 100, 0, 0, false);
	finish(2001);
	return end();
}

static void test_pace(void)
{
	CHECK(!strstr(paced(40000), "out of the ordinary"));
	CHECK(strstr(paced(62500),
		     "\nout of the ordinary: thread 7 waits 62501 times a second; 100.0 % "
		     "of its waits return no event\n"));
}

/* Runs that the kernel left out are of any process: they are no losses, but are reported. */
static void test_missed(void)
{
	struct et_lost r;

	begin_with(0);
	r = (struct et_lost){.h = header(ET_KIND_LOST, sizeof(r), ++ms, 7), .missed = 23};
	r.count[ET_KIND_CTL] = 2;
	take(&r, sizeof(r));
	finish(++ms);
	CHECK(strstr(end(), "\"lost\":2,\"missed\":23,"));
}

/*
 * A process that is stopped, or frozen with its cgroup, is not hung, whatever lies there: its time
 * begins when it goes on. Earlier findings are neither reported again nor resolved by that.
 */
static void test_halted(enum et_thread_state state)
{
	begin_with(1000);
	now.state = state;
	scans(40);
	CHECK_STR(found(), "");
	now.state = ET_THREAD_BLOCKED;
	now.switches++;
	scans(1);
	CHECK_STR(found(), "");
	scans(2);
	CHECK_STR(found(), "lost-edge note raised;");
	scans(2);
	CHECK_STR(found(), "lost-edge note raised;");
	scans(2);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	now.state = state;
	now.w.unread_bytes = 0; /* its evidence has gone, as far as one can see */
	scans(7);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	now.state = ET_THREAD_BLOCKED;
	scans(1);
	CHECK_STR(found(),
		  "lost-edge note raised;lost-edge error raised;lost-edge error resolved;");
	end();
}

/* A tracer stops a thread at each of its calls for a moment: that is another thing. */
static void test_traced(void)
{
	begin_with(1000);
	now.state = ET_THREAD_TRACED;
	scans(3);
	CHECK(!strstr(written(), "halted"));
	end();
}

/* Two processes use it in turn; the fork says that they have one descriptor table. */
static void test_one_table(void)
{
	begin_rules();
	used_by(7);
	forks(8, ET_F_ONE_TABLE);
	used_by(8);
	forks(9, ET_F_ONE_TABLE); /* the child's child */
	used_by(9);
	used_by(7);
	used_by(9);
	CHECK_STR(found(), "");
	/* A program of its own has a table of its own. */
	execed(++ms, "other");
	used_by(9);
	used_by(7);
	CHECK_STR(found(), "shared-after-fork warning raised;");
	end();

	begin_rules();
	used_by(7);
	forks(8, 0);
	used_by(8);
	used_by(7);
	CHECK_STR(found(), "shared-after-fork warning raised;");
	end();
}

/* A scan at an instance that watches nothing; who waits on it does so since wait_ms. */
static void scan_at_empty(uint64_t wait_ms)
{
	now.wait_ms = wait_ms;
	ms += T_MS;
	scan(ms, 0);
	instance(ms, EP, 3);
	thread_now();
	scan(ms, ET_SCAN_END);
}

/* Who is in a wait uses the instance, though it never returns. */
static void test_shared_in_wait(void)
{
	uint64_t wait_ms;

	begin_rules();
	used_by(7);
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	forks(8, 0);
	process = 8;
	ctl(++ms, EPOLL_CTL_DEL, FD, FD);
	process = 7;
	CHECK_STR(found(), "");
	scan_at_empty(++ms);
	CHECK_STR(found(), "shared-after-fork warning raised;");
	CHECK(strstr(written(), "process 8 removed 4<pipe:[504]> for both, 0.1 s ago"));
	end();
	begin_rules(); /* the wait began before the fork, and goes on */
	used_by(7);
	wait_ms = ++ms;
	scan_at_empty(wait_ms);
	forks(8, 0);
	scan_at_empty(wait_ms);
	CHECK_STR(found(), "");
	used_by(8);
	process = 7;
	scan_at_empty(wait_ms);
	CHECK_STR(found(), "shared-after-fork warning raised;");
	end();
	begin_rules(); /* the child uses nothing */
	used_by(7);
	forks(8, 0);
	process = 8;
	exited(8, ++ms, true);
	process = 7;
	scan_at_empty(++ms);
	scan_at_empty(ms);
	CHECK_STR(found(), "");
	end();
}

/* Nor are those two users of which a scan has seen that they have one table, whoever made it. */
static void test_one_table_seen(void)
{
	begin_rules();
	scan(++ms, 0);
	instance(++ms, EP, 3);
	process = 8;
	instance(++ms, EP, 3);
	process = 7;
	scan(++ms, ET_SCAN_END);
	used_by(7);
	used_by(8);
	used_by(7);
	CHECK_STR(found(), "");
	end();
}

int main(void)
{
	test_halted(ET_THREAD_FROZEN);
	test_halted(ET_THREAD_STOPPED);
	test_traced();
	test_one_table();
	test_one_table_seen();
	test_shared_in_wait();
	test_closed_while_waiting();
	test_closed_twice();
	test_closed_in_pool();
	test_not_scanned();
	test_opaque();
	test_missed();
	test_pace();
	return unit_failed;
}
