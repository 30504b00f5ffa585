/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What rules find, and what they leave alone: looks made by hand, ten a second, with a T of 100 ms.
 * Each scene changes one thing of a picture that is a finding.
 */
#include "feed-look.h"

#include <errno.h>

#define FD     4
#define T_MS   100
#define FILE_A (FILE_OF(FD))
#define OTHER  17 /* a number that looks do not see */

/* The state of one entry, and of the one thread of the process, that the next look sees. */
struct scene {
	struct et_watched w;
	uint32_t events;
	unsigned entry_flags;
	bool waits, forever;
	uint64_t wait_ms; /* when its wait began */
	struct et_io io;  /* its reads and writes, where there were any */
	uint64_t switches;
	unsigned state; /* enum et_thread_state */
};

static struct scene now;
static uint64_t ms;
static bool as_text; /* the report, instead of machine output */

static void begin_rules(void)
{
	struct pipeline_options opt = {
		.filter = {.calls = FILTER_ALL_CALLS},
		.rules = RULES_ALL,
		.stall_ns = T_MS * MS,
		.findings = true,
		.json = !as_text,
		.diagnosis = as_text,
		.blocked_after_ns = 1000 * MS,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};
	struct et_target target;

	process = 7;
	ms = 1000;
	now = (struct scene){
		.w = {.flags = ET_WATCHED_UNREAD | ET_WATCHED_NONBLOCK | ET_WATCHED_TAKEN,
		      .taken = 1000,
		      .file = {.addr = FILE_A, .kind = ET_FILE_PIPE, .ino = 1}},
		.events = EPOLLIN | EPOLLET,
		.entry_flags = ET_ENTRY_AT_NUMBER,
		.waits = true,
		.forever = true,
		.state = ET_THREAD_BLOCKED,
	};
	CHECK(!pipeline_init(&pipeline, &opt));
	start();
	target = (struct et_target){.h = header(ET_KIND_TARGET, sizeof(target), ms, 7), .root = 7};
	take(&target, sizeof(target));
}

static void watched_now(void)
{
	now.w.h = header(ET_KIND_WATCHED, sizeof(now.w), ms, 7);
	take(&now.w, sizeof(now.w));
	now.io.h = header(ET_KIND_IO, sizeof(now.io), ms, 7);
	now.io.file = FILE_A;
	if (now.io.in.calls || now.io.out.calls)
		take(&now.io, sizeof(now.io));
	entry_met(ms, now.w.file.addr, FD, now.entry_flags & ET_ENTRY_AT_NUMBER ? FD : 9, FD,
		  now.events, now.entry_flags);
}

static void thread_now(void)
{
	struct et_thread t = {
		.h = header(ET_KIND_THREAD, sizeof(t), ms, 7),
		.switches = now.switches,
		.nr = 232,
		.state = now.state,
		.comm = "steps",
	};
	struct et_inflight w = {
		.h = header(ET_KIND_INFLIGHT, sizeof(w), now.wait_ms, 7),
		.ep = EP,
		.a = {.epfd = 3, .maxevents = 8, .timeout = -1},
		.seen_ns = ms * MS,
		.id = ET_CALL_EPOLL_WAIT,
	};

	t.h.flags = now.forever && now.state == ET_THREAD_BLOCKED ? ET_F_FOREVER : 0;
	take(&t, sizeof(t));
	if (now.waits)
		take(&w, sizeof(w));
}

/* So many looks, each T later than the one before. */
static void looks(unsigned n)
{
	while (n--) {
		ms += T_MS;
		look(ms, 0);
		instance(ms, EP, 3);
		watched_now();
		thread_now();
		look(ms, ET_LOOK_END);
		tick(ms);
	}
}

/* A wait that delivers the entry now; the thread goes back to wait. */
static void delivers(void)
{
	ms += 10;
	take_wait(7, EP, (ms - 5) * MS, 5 * MS, 1, FD, false);
	now.wait_ms = ++ms;
	now.switches++;
}

/* What has been found so far, as "RULE SEVERITY STATE;". */
static const char *found(void)
{
	static char text[1024];
	const char *at;

	CHECK(!pipeline_flush(&pipeline));
	at = written();
	text[0] = 0;
	while ((at = strstr(at, "\"rule\":\""))) {
		char rule[64], severity[16], state[16];

		CHECK(sscanf(at,
			     "\"rule\":\"%63[^\"]\",\"severity\":\"%15[^\"]\",\"state\":\"%15[^\"]"
			     "\"",
			     rule, severity, state) == 3);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s %s;", rule,
			 severity, state);
		at++;
	}
	return text;
}

static void begin_with(uint64_t unread)
{
	begin_rules();
	now.wait_ms = ms;
	now.w.unread_bytes = unread;
}

static void test_lost_edge(void)
{
	begin_with(1000);
	looks(1);
	CHECK_STR(found(), "");
	looks(1);
	CHECK_STR(found(), "lost-edge note raised;");
	looks(3);
	CHECK_STR(found(), "lost-edge note raised;");
	looks(1);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	looks(20); /* once */
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	now.w.taken = 2000;
	now.w.unread_bytes = 0;
	looks(1);
	CHECK_STR(found(),
		  "lost-edge note raised;lost-edge error raised;lost-edge error resolved;");
	CHECK(pipeline_worst(&pipeline) == SEVERITY_ERROR);
	end();
}

/* In the report each time is that of its evidence, whatever happened before and since. */
static void test_graver(void)
{
	const char *text;

	as_text = true;
	begin_with(0);
	looks(1);
	delivers();
	now.w.taken++;
	now.w.unread_bytes = 1000;
	looks(8);
	CHECK(!pipeline_flush(&pipeline) && strstr(written(), "lost-edge [error]"));
	delivers();
	looks(1);
	finish_alive(++ms);
	text = strstr(end(), "error lost-edge:");
	as_text = false;
	CHECK(text);
	if (!text)
		return;
	CHECK(strstr(text, "raised 01:00:01.311000, error 01:00:01.811000, thread 7\n"));
	CHECK(strstr(text, "no read for 0.6 s\n"));
	CHECK(strstr(text, "delivered 01:00:01.110000 (EPOLLIN)\n"));
}

/* Nothing at all. */
static void quiet(unsigned n)
{
	looks(n);
	CHECK_STR(found(), "");
	end();
}

/* A note, and no more. */
static void only_note(const char *rule, unsigned n)
{
	char want[64];

	looks(n);
	snprintf(want, sizeof(want), "%s note raised;", rule);
	CHECK_STR(found(), want);
	end();
}

static void test_no_lost_edge(void)
{
	begin_with(0);
	quiet(20);
	begin_with(1000); /* it will be delivered */
	now.entry_flags |= ET_ENTRY_READY;
	quiet(20);
	begin_with(1000); /* level-triggered: it is about to be */
	now.events = EPOLLIN;
	quiet(20);
	begin_with(1000); /* less than SO_RCVLOWAT */
	now.w.lowat = 1001;
	quiet(20);
	begin_with(1000); /* the layer above takes it */
	now.w.flags |= ET_WATCHED_LAYERED;
	quiet(20);
	begin_with(8); /* every write of an eventfd is an edge */
	now.w.file.kind = ET_FILE_ANON;
	quiet(20);
	begin_with(1000); /* a proxy that cannot get rid of it */
	now.w.flags |= ET_WATCHED_NOSPACE | ET_WATCHED_UNSENT;
	now.w.unsent_bytes = 1;
	quiet(20);
	begin_with(1000); /* nobody waits: the thread may be about to read */
	now.waits = false;
	quiet(20);
}

static void test_lost_edge_unproved(void)
{
	begin_with(1000); /* another thing may wake the process */
	now.forever = false;
	only_note("lost-edge", 20);
	begin_with(1000); /* a runtime that caches readiness */
	now.events = EPOLLIN | EPOLLOUT | EPOLLET;
	only_note("lost-edge", 20);
}

/* It was read once without an event: the program comes back by itself. */
static void test_late_read(void)
{
	begin_with(1000);
	looks(1);
	now.w.taken++;
	now.switches++;
	only_note("lost-edge", 20);
}

/* Nothing was taken since the event: the rest of a message is awaited, as far as one can see. */
static void test_left_whole(void)
{
	begin_with(0);
	looks(1);
	now.w.unread_bytes = 2;
	delivers();
	looks(2);
	for (int i = 0; i < 4; i++) { /* and so with the next ones */
		delivers();
		now.w.taken += 1000;
		now.w.unread_bytes = 0;
		looks(1);
		delivers();
		now.w.unread_bytes = 2;
		looks(3);
	}
	looks(20);
	CHECK(!strstr(found(), "error") && strstr(found(), "lost-edge note raised;"));
	end();
}

/* Twice old bytes were read only when a new edge came. */
static void test_rescue(void)
{
	begin_with(1000);
	now.forever = false;
	for (int i = 0; i < 2; i++) {
		looks(3);
		delivers();
		now.w.taken += 1000;
	}
	CHECK_STR(found(), "lost-edge note raised;");
	looks(3);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	end();
}

/* What was lost may have been what disproves it: the time counts anew. */
static void test_loss_holds_back(void)
{
	begin_with(1000);
	looks(1);
	lost(ms, 1);
	now.w.taken++;
	looks(1);
	CHECK_STR(found(), "");
	end();
}

/* A look that has left something out proves nothing. */
static void test_cut_look(void)
{
	begin_with(1000);
	for (int i = 0; i < 20; i++) {
		ms += T_MS;
		look(ms, 0);
		instance(ms, EP, 3);
		watched_now();
		thread_now();
		look(ms, ET_LOOK_END | ET_LOOK_CUT);
	}
	CHECK_STR(found(), "");
	end();
}

static void test_lost_eof(void)
{
	begin_with(0);
	now.w.flags |= ET_WATCHED_PEER_CLOSED;
	looks(10);
	CHECK_STR(found(), "");
	looks(1);
	CHECK_STR(found(), "lost-eof note raised;");
	end();
	begin_with(0); /* level-triggered: it is told again */
	now.w.flags |= ET_WATCHED_PEER_CLOSED;
	now.events = EPOLLIN;
	quiet(20);
}

static void listens(uint32_t connections)
{
	now.w.file = (struct et_file){
		.addr = FILE_A, .kind = ET_FILE_INET, .family = 2, .sport = 80, .proto = "TCP"};
	now.w.flags = ET_WATCHED_LISTENS | ET_WATCHED_PENDING | ET_WATCHED_NONBLOCK |
		      ET_WATCHED_TAKEN | ET_WATCHED_STREAM;
	now.w.pending = connections;
}

static void test_lost_accept(void)
{
	begin_with(0); /* nothing was accepted after the event: a limit, maybe */
	listens(2);
	only_note("lost-accept", 20);
	begin_with(0);
	listens(3);
	looks(1);
	delivers();
	now.w.taken++; /* one of them */
	now.w.pending = 2;
	looks(2);
	CHECK_STR(found(), "lost-accept error raised;");
	CHECK(strstr(written(), "\"2 connections wait, EPOLLET, "));
	end();
	begin_with(0); /* others accept as well, when they like */
	listens(3);
	looks(1);
	delivers();
	now.w.taken++;
	now.w.pending = 2;
	looks(1);
	now.w.taken++;
	now.w.pending = 1;
	looks(3);
	CHECK(!pipeline_flush(&pipeline) && strstr(written(), "\"1 connection waits, EPOLLET, "));
	only_note("lost-accept", 20);
}

static void test_lost_write(void)
{
	begin_with(0);
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT | ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 5000;
	looks(5);
	CHECK_STR(found(), "");
	now.w.flags &= ~ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 0;
	looks(3);
	CHECK_STR(found(), "lost-write note raised;");
	end();
	begin_with(0); /* it is told when there is room */
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT | ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 5000;
	now.events |= EPOLLOUT;
	looks(5);
	now.w.flags &= ~ET_WATCHED_NOSPACE;
	quiet(20);
	begin_with(0); /* and was written to since */
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT | ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 5000;
	looks(5);
	now.w.flags &= ~ET_WATCHED_NOSPACE;
	now.w.given++;
	quiet(20);
}

/* The last write of 100 bytes, as --io saw it. */
static void wrote(int64_t ret)
{
	now.io.out = (struct et_io_side){
		.time_ns = ms * MS, .ret = ret, .size = 100, .tid = 7, .calls = 3};
}

/* Bytes are owed after a short write; after EAGAIN they may have been dropped on purpose. */
static void test_lost_write_seen(void)
{
	begin_with(0);
	now.w.flags |= ET_WATCHED_UNSENT;
	wrote(7);
	looks(2);
	CHECK_STR(found(), "lost-write error raised;");
	end();
	begin_with(0);
	now.w.flags |= ET_WATCHED_UNSENT;
	wrote(-EAGAIN);
	looks(5);
	CHECK_STR(found(), "lost-write note raised;");
	looks(1);
	CHECK_STR(found(), "lost-write note raised;lost-write error raised;");
	CHECK(strstr(end(), "all threads of process 7 parked for 0.5 s: none comes back to it"));
	begin_with(0); /* a publisher that has come back to it, and dropped the next frame */
	now.w.flags |= ET_WATCHED_UNSENT | ET_WATCHED_GIVEN;
	for (int i = 0; i < 3; i++) {
		wrote(-EAGAIN);
		now.w.given++;
		looks(i ? 20 : 3);
		wrote(100);
		looks(1);
	}
	CHECK_STR(found(), "lost-write note raised;lost-write note resolved;");
	end();
	begin_with(0); /* a writer that is done says so by its mask, however short its last write */
	now.events = EPOLLIN | EPOLLOUT;
	now.w.flags |= ET_WATCHED_UNSENT;
	looks(1);
	wrote(7);
	now.events = EPOLLIN;
	ctl(++ms, EPOLL_CTL_MOD, FD, FD);
	quiet(20);
	begin_with(0); /* but not where it writes once more */
	now.events = EPOLLIN | EPOLLOUT;
	now.w.flags |= ET_WATCHED_UNSENT;
	looks(1);
	now.events = EPOLLIN;
	ctl(++ms, EPOLL_CTL_MOD, FD, FD);
	ms++;
	wrote(7);
	looks(20);
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
	looks(20);
	CHECK_STR(found(), "lost-write error raised;");
	end();
	begin_with(1000); /* of this file nothing is lost */
	wrote(7);
	looks(20);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	end();
}

static void test_oneshot(void)
{
	begin_with(3);
	now.events = EPOLLONESHOT;
	looks(3);
	CHECK_STR(found(), "");
	looks(1);
	CHECK_STR(found(), "oneshot-not-rearmed error raised;");
	end();
	begin_with(3); /* a worker may have it */
	now.events = EPOLLONESHOT;
	now.forever = false;
	only_note("oneshot-not-rearmed", 20);
	begin_with(3); /* and writes to it */
	now.events = EPOLLONESHOT;
	now.w.flags |= ET_WATCHED_GIVEN;
	for (int i = 0; i < 20; i++, now.w.given++)
		looks(1);
	CHECK_STR(found(), "");
	end();
	begin_with(0);
	now.events = EPOLLONESHOT;
	quiet(20);
}

/* A stream in which reads and writes are seen: feature io. */
static void sees_io(void)
{
	struct et_feature r = {.h = header(ET_KIND_FEATURE, sizeof(r), ms, 7)};

	strcpy(r.name, "reads and writes");
	strcpy(r.state, "yes");
	take(&r, sizeof(r));
}

/* A level-triggered pipe that is delivered so many times, and read so often at each. */
static void blocking_level(unsigned events, unsigned reads)
{
	now.events = EPOLLIN;
	now.w.flags &= ~ET_WATCHED_NONBLOCK;
	looks(1);
	while (events--) {
		delivers();
		now.io.in = (struct et_io_side){.time_ns = ms * MS,
						.ret = 7,
						.tid = 7,
						.calls = now.io.in.calls + reads,
						.flags = ET_IO_SIDE_MAY_BLOCK};
		looks(1);
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
	looks(1);
	delivers();
	looks(1);
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
	looks(1);
}

static void forks(uint32_t child, unsigned flags);

/* php-fpm: the master watches the listener by EPOLLET, and its workers accept. */
static void test_blocking_workers(void)
{
	begin_with(0);
	sees_io();
	forks(8, 0);
	listens(0);
	now.w.flags &= ~ET_WATCHED_NONBLOCK;
	looks(1);
	accepts_blocking(8);
	accepts_blocking(8);
	CHECK_STR(found(), "blocking-fd note raised;");
	accepts_blocking(7);
	accepts_blocking(8);
	CHECK_STR(found(), "blocking-fd note raised;blocking-fd warning raised;");
	end();
}

static void blocked(bool is)
{
	now.w.flags &= ~ET_WATCHED_NOSPACE;
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT | (is ? ET_WATCHED_NOSPACE : 0);
	now.w.unsent_bytes = is ? 5000 : 0;
}

/* What an entry asked for before it was disarmed is what the program thinks it is told. */
static void test_oneshot_output(void)
{
	begin_with(0);
	now.events = EPOLLIN | EPOLLOUT | EPOLLONESHOT;
	blocked(true);
	looks(1);
	now.events = EPOLLONESHOT;
	looks(3);
	CHECK_STR(found(), "");
	blocked(false);
	looks(1);
	CHECK_STR(found(), "oneshot-not-rearmed error raised;");
	CHECK(strstr(written(), "EPOLLOUT was asked for, and is disarmed by EPOLLONESHOT"));
	end();
	begin_with(1); /* with input, and with --io */
	now.events = EPOLLIN | EPOLLOUT | EPOLLONESHOT;
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	looks(1);
	delivers();
	now.events = EPOLLONESHOT;
	blocked(false);
	wrote(-EAGAIN);
	looks(20);
	CHECK_STR(found(), "oneshot-not-rearmed note raised;oneshot-not-rearmed error raised;");
	CHECK(strstr(written(), "EPOLLOUT was asked for, and is disarmed as well"));
	end();
	begin_with(0); /* it asked for input alone */
	now.events = EPOLLIN | EPOLLONESHOT;
	looks(1);
	now.events = EPOLLONESHOT;
	blocked(false);
	wrote(7);
	looks(20);
	CHECK_STR(found(), "lost-write error raised;");
	end();
	begin_with(0); /* disarmed before the attach: what it asked for is not known */
	now.events = EPOLLONESHOT;
	blocked(false);
	wrote(7);
	quiet(20);
}

/* What was added in the trace and not delivered since is nobody's fault here: EPOLLEXCLUSIVE. */
static void test_never_delivered(void)
{
	begin_with(1000);
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	quiet(20);
	begin_with(2);
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	listens(2);
	quiet(20);
	begin_with(0);
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	now.w.flags |= ET_WATCHED_PEER_CLOSED;
	quiet(20);
	begin_with(1000);
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	looks(3);
	delivers();
	now.w.taken++;
	looks(9);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	end();
	begin_with(
		0); /* what was delivered was taken; what came then was given to another instance */
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	looks(1);
	delivers();
	looks(1);
	now.w.unread_bytes = 1000;
	quiet(20);
	begin_with(0); /* the same of an entry that was there before the trace */
	looks(1);
	now.w.unread_bytes = 1000;
	quiet(20);
	begin_with(1000); /* its delivery may be what was lost */
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	lost(ms, 1);
	looks(9);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	end();
}

static void timer(uint64_t period_ms)
{
	static struct {
		struct et_watched w;
		char name[16];
	} r;

	r.w = now.w;
	r.w.h = header(ET_KIND_WATCHED, sizeof(r.w) + 9, ms, 7);
	r.w.flags = ET_WATCHED_PENDING | ET_WATCHED_TAKEN;
	r.w.pending = 1;
	r.w.period_ns = period_ms * MS;
	r.w.file.kind = ET_FILE_ANON;
	r.w.file.name_len = 9;
	memcpy(r.name, "[timerfd]", 9);
	for (int i = 0; i < 20; i++) {
		ms += T_MS;
		r.w.h.time_ns = ms * MS;
		look(ms, 0);
		instance(ms, EP, 3);
		take(&r, sizeof(r.w) + 9);
		entry_of_file(ms, now.w.file.addr, FD, FD, now.events, now.entry_flags);
		thread_now();
		look(ms, ET_LOOK_END);
	}
}

static void test_timer_unread(void)
{
	begin_with(0);
	timer(7);
	CHECK_STR(found(), "timer-unread error raised;");
	end();
	begin_with(0); /* it expires once */
	timer(0);
	CHECK_STR(found(), "");
	end();
	begin_with(0); /* two periods have not gone by */
	timer(1100);
	CHECK_STR(found(), "");
	end();
}

static void test_interest_off(void)
{
	begin_with(300);
	now.events = EPOLLRDHUP;
	looks(10);
	CHECK_STR(found(), "");
	looks(1);
	CHECK_STR(found(), "interest-off note raised;");
	end();
	begin_with(300); /* what it has read finds no room elsewhere */
	now.events = EPOLLRDHUP;
	now.w.flags |= ET_WATCHED_UNSENT | ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 5000;
	looks(20);
	CHECK_STR(found(), "");
	end();
}

static void test_phantom(void)
{
	begin_with(0);
	now.entry_flags = 0;
	looks(2);
	CHECK_STR(found(), "phantom warning raised;");
	delivers();
	looks(1);
	CHECK_STR(found(), "phantom warning raised;phantom error raised;");
	now.entry_flags = ET_ENTRY_AT_NUMBER;
	looks(1);
	CHECK_STR(found(), "phantom warning raised;phantom error raised;phantom error resolved;");
	end();
}

/* A call of epoll_ctl that fails, with that mask. */
static struct et_ctl failing(int op, int fd, int err, uint32_t events)
{
	struct et_ctl r = {
		.c = {.h = header(ET_KIND_CTL, offsetof(struct et_ctl, name), ++ms, 7),
		      .ep = EP,
		      .epfile = 1,
		      .ret = -err,
		      .id = ET_CALL_EPOLL_CTL},
		.table = 9,
		.epfd = 3,
		.op = op,
		.fd = fd,
		.events = events,
		.data = fd,
		.file = {.addr = 500 + fd, .kind = ET_FILE_PIPE},
	};

	r.c.h.flags = ET_F_EVENT_READ;
	return r;
}

static void fails_asking(int op, int fd, int err, uint32_t events)
{
	static struct et_ctl r;

	r = failing(op, fd, err, events);
	if (err == EBADF)
		r.file = (struct et_file){0};
	take(&r, r.c.h.size);
}

static void fails(int op, int fd, int err)
{
	fails_asking(op, fd, err, EPOLLIN | EPOLLET);
}

static void test_ctl_error(void)
{
	begin_with(0);
	fails(EPOLL_CTL_ADD, FD, EEXIST);
	ctl(++ms, EPOLL_CTL_MOD, FD, FD);
	fails(EPOLL_CTL_ADD, FD, EEXIST);
	CHECK_STR(found(), "");
	fails(EPOLL_CTL_ADD, FD, EEXIST);
	CHECK_STR(found(), "ctl-error warning raised;");
	fails(EPOLL_CTL_ADD, FD, EEXIST); /* counted */
	fails(EPOLL_CTL_MOD, FD, ENOENT); /* an ADD may answer it */
	fails(EPOLL_CTL_DEL, 17, ENOENT); /* blindly */
	CHECK_STR(found(), "ctl-error warning raised;");
	fails(EPOLL_CTL_ADD, FD, ENOSPC);
	CHECK_STR(found(), "ctl-error warning raised;ctl-error error raised;");
	end();
}

/* The thread has gone on to wait. */
static void waits_on(unsigned n)
{
	now.wait_ms = ++ms;
	now.switches++;
	looks(n);
}

static void only(const char *rule_and_severity, const char *text)
{
	char want[64];

	snprintf(want, sizeof(want), "%s raised;", rule_and_severity);
	CHECK_STR(found(), want);
	CHECK(strstr(written(), text));
	end();
}

/* EEXIST once: of interest where the entry has another mask, and nothing changes it. */
static void test_eexist(void)
{
	static struct et_ctl r;

	begin_with(0);
	looks(1);
	fails(EPOLL_CTL_ADD, FD, EEXIST);
	waits_on(20);
	CHECK_STR(found(), "");
	end();
	begin_with(0);
	looks(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	now.waits = false; /* it may be about to answer */
	looks(3);
	CHECK_STR(found(), "");
	now.waits = true;
	waits_on(2);
	only("ctl-error warning",
	     "asked for EPOLLIN|EPOLLOUT|EPOLLET, and the entry keeps EPOLLIN|EPOLLET; no "
	     "EPOLL_CTL_MOD has answered it for 0.");
	begin_with(0);
	looks(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	ctl(++ms, EPOLL_CTL_MOD, FD, FD);
	waits_on(1);
	quiet(20);
	begin_with(0); /* other data is as good as another mask */
	looks(1);
	r = failing(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLET);
	r.data = 17;
	take(&r, r.c.h.size);
	waits_on(2);
	only("ctl-error warning",
	     "and the entry keeps EPOLLIN|EPOLLET, as it was registered and with "
	     "the data of then");
	r.data = 1ULL << 32 | FD; /* libev's next count of its uses of FD: asked again and again */
	begin_with(0);
	looks(1);
	for (int i = 0; i < 3; i++) {
		r.c.h.time_ns = ++ms * MS;
		take(&r, r.c.h.size);
		waits_on(2);
	}
	quiet(20);
	begin_with(0); /* but with another mask */
	looks(1);
	r.c.h.time_ns = ++ms * MS;
	r.events = EPOLLIN | EPOLLOUT | EPOLLET;
	take(&r, r.c.h.size);
	waits_on(2);
	only("ctl-error warning", "asked for EPOLLIN|EPOLLOUT|EPOLLET, and the entry keeps");
	begin_with(0); /* what it is about has gone */
	looks(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	closed(++ms, FD, 1);
	waits_on(1);
	quiet(20);
	begin_with(0); /* an answer may be among what was lost */
	looks(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	lost(++ms, 1);
	waits_on(1);
	quiet(20);
}

static void test_mod_enoent(void)
{
	struct et_close r;

	begin_with(0);
	looks(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	CHECK_STR(found(), "");
	waits_on(2);
	only("ctl-error warning", "no EPOLL_CTL_ADD has answered that for 0.1 s; descriptor 4 was "
				  "<pipe:[1]> until thread 7 closed it, 0.0 s before");
	begin_with(0); /* its file is closed later, at another number, by another thread */
	looks(1);
	closed(++ms, FD, 2);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	r = (struct et_close){.h = header(ET_KIND_CLOSE, sizeof(r), ++ms, 7),
			      .file = FILE_A,
			      .table = 1,
			      .fd = OTHER,
			      .refs = 1};
	r.h.tid = r.h.user_tid = 9;
	take(&r, sizeof(r));
	waits_on(2);
	only("ctl-error warning", "<pipe:[1]> until thread 7 closed it, 0.0 s before");
	begin_with(0);
	looks(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	waits_on(1);
	quiet(20);
	begin_with(0); /* the file is given up */
	looks(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	closed(++ms, FD, 1);
	waits_on(1);
	quiet(20);
	begin_with(0); /* but not where a child closes what it has inherited */
	looks(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	r = (struct et_close){
		.h = header(ET_KIND_CLOSE, sizeof(r), ++ms, 8),
		.file = FILE_A,
		.table = 10,
		.fd = FD,
		.refs = 2,
	};
	take(&r, sizeof(r));
	waits_on(2);
	only("ctl-error warning", "no EPOLL_CTL_ADD has answered that");
	begin_with(0); /* but after a long wait */
	looks(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	ms += T_MS;
	take_wait(7, EP, (ms - 90) * MS, 80 * MS, 0, 0, false);
	closed(++ms, FD, 1);
	only("ctl-error warning", "no EPOLL_CTL_ADD has answered that for 0.1 s");
}

static void test_ebadf(void)
{
	static struct et_ctl r;

	begin_with(0);
	looks(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, EBADF);
	only("ctl-error warning",
	     "EPOLL_CTL_MOD = -1 EBADF (Bad file descriptor); descriptor 4 was "
	     "<pipe:[1]> until thread 7 closed it, 0.0 s before");
	begin_with(0);
	looks(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_DEL, FD, EBADF);
	only("ctl-error note", "\"advice\":\"EPOLL_CTL_DEL before close(), not after it\"");
	begin_with(0);
	fails(EPOLL_CTL_ADD, OTHER, EBADF);
	only("ctl-error warning", "what descriptor 17 was, and who closed it, was not seen");
	begin_with(0);
	r = failing(EPOLL_CTL_ADD, FD, EBADF, EPOLLIN);
	r.c.ep = r.c.epfile = 0;
	take(&r, r.c.h.size);
	only("ctl-error warning", "descriptor 3, which is to be the instance, is not open");
}

/* A DEL that finds nothing is of interest only where the entry is there, of another file. */
static void test_del_enoent(void)
{
	static struct et_ctl r;

	begin_with(0);
	looks(1);
	ctl(++ms, EPOLL_CTL_DEL, FD, FD);
	fails(EPOLL_CTL_DEL, FD, ENOENT);
	CHECK_STR(found(), "");
	end();
	begin_with(0);
	looks(1);
	closed(++ms, FD, 2);
	now.entry_flags = 0; /* it is open elsewhere */
	looks(1);
	r = failing(EPOLL_CTL_DEL, FD, ENOENT, 0);
	r.file.addr++;
	take(&r, r.c.h.size);
	only("ctl-error note",
	     "the entry of that number is of a file that it is not any more, and stays: "
	     "process 7 has the file open as descriptor 9");
}

/* Why a call gave EINVAL. */
static void einval(struct et_ctl call, const char *text)
{
	static struct et_ctl r;

	r = call;
	take(&r, r.c.h.size);
	only("ctl-error error", text);
}

static void begin_exclusive(uint32_t events)
{
	begin_with(0);
	now.events |= events;
	looks(1);
}

static void test_einval(void)
{
	struct et_ctl r;

	begin_exclusive(EPOLLEXCLUSIVE);
	einval(failing(EPOLL_CTL_MOD, FD, EINVAL, EPOLLIN),
	       "the entry has EPOLLEXCLUSIVE: such an entry cannot be changed");
	begin_exclusive(0);
	einval(failing(EPOLL_CTL_MOD, FD, EINVAL, EPOLLIN | EPOLLEXCLUSIVE),
	       "EPOLLEXCLUSIVE can be asked for by EPOLL_CTL_ADD only");
	begin_exclusive(0);
	einval(failing(EPOLL_CTL_ADD, 17, EINVAL,
		       EPOLLIN | EPOLLRDHUP | EPOLLONESHOT | EPOLLEXCLUSIVE),
	       "EPOLLRDHUP|EPOLLONESHOT with EPOLLEXCLUSIVE");
	begin_exclusive(0);
	r = failing(EPOLL_CTL_ADD, 17, EINVAL, EPOLLIN | EPOLLEXCLUSIVE);
	r.file.ep = EP + 4096;
	einval(r, "EPOLLEXCLUSIVE of an epoll instance");
	begin_exclusive(0);
	r = failing(EPOLL_CTL_ADD, 3, EINVAL, EPOLLIN);
	r.file.ep = EP;
	einval(r, "descriptor 3 is the instance itself");
	begin_exclusive(0);
	r = failing(EPOLL_CTL_ADD, FD, EINVAL, EPOLLIN);
	r.c.ep = 0;
	einval(r, "descriptor 3 is no epoll instance");
	begin_exclusive(0);
	einval(failing(17, FD, EINVAL, EPOLLIN), "there is no operation 17");
}

/* ADD of /dev/null, and what it asked for is waited for. */
static void adds_device(void)
{
	static struct {
		struct et_ctl r;
		char name[16];
	} at;

	at.r = failing(EPOLL_CTL_ADD, 0, EPERM, EPOLLIN);
	at.r.file.kind = ET_FILE_PATH;
	at.r.file.name_len = 9;
	at.r.c.h.size += 9;
	memcpy((char *)&at + offsetof(struct et_ctl, name), "null\0dev", 9);
	take(&at, at.r.c.h.size);
}

static void test_eperm(void)
{
	begin_with(0);
	now.forever = false; /* other threads work */
	adds_device();
	waits_on(20);
	only("ctl-error note", "/dev/null");
	begin_with(0);
	adds_device();
	waits_on(20);
	CHECK_STR(found(), "ctl-error note raised;ctl-error warning raised;");
	CHECK(strstr(written(), "this file cannot be polled, and thread 7 has been in a wait for "
				"0."));
	end();
}

/* Output is owed, and EPOLLOUT was asked for by a call that failed: that call is named. */
static void test_lost_write_asked(void)
{
	begin_with(0);
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT;
	looks(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	waits_on(9);
	CHECK_STR(found(), "ctl-error warning raised;lost-write note raised;");
	CHECK(strstr(written(), "EPOLL_CTL_ADD for EPOLLOUT gave EEXIST (File exists) 0."));
	CHECK(strstr(written(),
		     "\"advice\":\"ask for EPOLLOUT by EPOLL_CTL_MOD: EPOLL_CTL_ADD changes "
		     "nothing\""));
	end();
	begin_with(0); /* what gave EAGAIN was not dropped: the program has asked for room */
	now.w.flags |= ET_WATCHED_UNSENT;
	wrote(-EAGAIN);
	looks(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	waits_on(4);
	CHECK(strstr(found(), "lost-write error raised;"));
	end();
}

/* The wait is told by the next look. */
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
	looks(1);
	r = failing(EPOLL_CTL_ADD, OTHER, 0, events);
	take(&r, r.c.h.size);
	goes_to_wait();
	closed_by(tid, ++ms, OTHER, 1);
}

static void test_closed_while_waiting(void)
{
	taken_by(9, EPOLLIN);
	looks(1);
	CHECK_STR(found(), "");
	looks(1);
	CHECK_STR(found(), "closed-while-waiting warning raised;");
	CHECK(strstr(written(),
		     "thread 9 closed it 0.2 s ago, and not thread 7, which had registered "
		     "it; there was no EPOLL_CTL_DEL; thread 7 blocked in epoll_wait for "
		     "0.2 s"));
	looks(7);
	now.wait_ms = ++ms; /* it has come back */
	waited(7, ms, ms, 0);
	looks(1);
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
	looks(2);
	only("closed-while-waiting warning",
	     "the same thread had closed number 17 0.0 s before that: closed twice?");
}

/* A pool: the event was handed over, or the closer waits on the instance too. */
static void test_closed_in_pool(void)
{
	begin_with(0);
	looks(1);
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
		.rules = RULES_ALL,
		.stall_ns = T_MS * MS,
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
	look(ms, flags);
	look(++ms, ET_LOOK_END | flags);
	finish(++ms);
	return end();
}

/* "nothing found" is not said over what was not looked for. */
static void test_not_scanned(void)
{
	const char *text = report("no: a reason", ET_LOOK_NO_ITER);

	CHECK(!strncmp(text, "nothing found in calls; the kernel's state was not scanned\n", 59));
	CHECK(strstr(text, "\nfor: wait-error shared-after-fork ctl-error\n"));
	CHECK(strstr(text, "\nnot checked: lost-edge (needs the file iterator)\n"));
	CHECK(strstr(text, "\nnot checked: stale-batch (needs --io)\n"));
	text = report("yes", ET_LOOK_CUT);
	CHECK(!strncmp(text, "nothing found in calls; ", 24));
	CHECK(strstr(text, "\nnot checked: lost-edge (needs a whole scan of descriptors)\n"));
	text = report("yes", 0);
	CHECK(!strncmp(text, "nothing found\n", 14));
	CHECK(strstr(text, "\nfor: lost-edge lost-eof "));
}

/* A thread that waits so often in a second, and what the report says of it. */
static const char *paced(unsigned per_second)
{
	struct pipeline_options opt = {
		.rules = RULES_ALL,
		.stall_ns = T_MS * MS,
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

/* Runs that the kernel left out are of any process: they are no losses, but are told. */
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
 * begins when it goes on. What was found before is neither told again nor resolved by that.
 */
static void test_halted(enum et_thread_state state)
{
	begin_with(1000);
	now.state = state;
	looks(40);
	CHECK_STR(found(), "");
	now.state = ET_THREAD_BLOCKED;
	now.switches++;
	looks(1);
	CHECK_STR(found(), "");
	looks(2);
	CHECK_STR(found(), "lost-edge note raised;");
	looks(2);
	CHECK_STR(found(), "lost-edge note raised;");
	looks(2);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	now.state = state;
	now.w.unread_bytes = 0; /* its evidence has gone, as far as one can see */
	looks(7);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	now.state = ET_THREAD_BLOCKED;
	looks(1);
	CHECK_STR(found(),
		  "lost-edge note raised;lost-edge error raised;lost-edge error resolved;");
	end();
}

/* A tracer stops a thread at each of its calls for a moment: that is another thing. */
static void test_traced(void)
{
	begin_with(1000);
	now.state = ET_THREAD_TRACED;
	looks(3);
	CHECK(!strstr(written(), "halted"));
	end();
}

static void forks(uint32_t child, unsigned flags)
{
	struct et_fork r = {.h = header(ET_KIND_FORK, sizeof(r), ++ms, process),
			    .child_user_tgid = child};

	r.h.flags = flags;
	take(&r, sizeof(r));
}

static void used_by(uint32_t pid)
{
	process = pid;
	++ms;
	waited(pid, ms, ms, 1);
}

/* Two processes use it in turn; which have one descriptor table is told by the fork. */
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
	execed(9, ++ms, "other");
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

/* A look at an instance that watches nothing; who waits on it does so since wait_ms. */
static void look_at_empty(uint64_t wait_ms)
{
	now.wait_ms = wait_ms;
	ms += T_MS;
	look(ms, 0);
	instance(ms, EP, 3);
	thread_now();
	look(ms, ET_LOOK_END);
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
	look_at_empty(++ms);
	CHECK_STR(found(), "shared-after-fork warning raised;");
	CHECK(strstr(written(), "process 8 removed 4<pipe:[504]> for both, 0.1 s ago"));
	end();
	begin_rules(); /* the wait began before the fork, and goes on */
	used_by(7);
	wait_ms = ++ms;
	look_at_empty(wait_ms);
	forks(8, 0);
	look_at_empty(wait_ms);
	CHECK_STR(found(), "");
	used_by(8);
	process = 7;
	look_at_empty(wait_ms);
	CHECK_STR(found(), "shared-after-fork warning raised;");
	end();
	begin_rules(); /* the child uses nothing */
	used_by(7);
	forks(8, 0);
	process = 8;
	exited(8, ++ms, true);
	process = 7;
	look_at_empty(++ms);
	look_at_empty(ms);
	CHECK_STR(found(), "");
	end();
}

/* Nor are those two users of which a look has seen that they have one table, whoever made it. */
static void test_one_table_seen(void)
{
	begin_rules();
	look(++ms, 0);
	instance(++ms, EP, 3);
	process = 8;
	instance(++ms, EP, 3);
	process = 7;
	look(++ms, ET_LOOK_END);
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
	test_lost_edge();
	test_graver();
	test_no_lost_edge();
	test_lost_edge_unproved();
	test_late_read();
	test_left_whole();
	test_rescue();
	test_loss_holds_back();
	test_cut_look();
	test_lost_eof();
	test_lost_accept();
	test_lost_write();
	test_lost_write_seen();
	test_output_left();
	test_oneshot();
	test_oneshot_output();
	test_blocking_level();
	test_blocking_workers();
	test_never_delivered();
	test_timer_unread();
	test_interest_off();
	test_phantom();
	test_ctl_error();
	test_eexist();
	test_mod_enoent();
	test_ebadf();
	test_del_enoent();
	test_einval();
	test_eperm();
	test_lost_write_asked();
	test_closed_while_waiting();
	test_closed_twice();
	test_closed_in_pool();
	test_not_scanned();
	test_missed();
	test_pace();
	return unit_failed;
}
