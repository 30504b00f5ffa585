/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What rules find by what scans see, and what they leave alone. */
#include "scene.h"

static void test_lost_edge(void)
{
	begin_with(1000);
	scans(1);
	CHECK_STR(found(), "");
	scans(1);
	CHECK_STR(found(), "lost-edge note raised;");
	scans(3);
	CHECK_STR(found(), "lost-edge note raised;");
	scans(1);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	scans(20); /* once */
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	CHECK_STR(marked(), "lost-edge");
	now.w.taken = 2000;
	now.w.unread_bytes = 0;
	scans(1);
	CHECK_STR(found(),
		  "lost-edge note raised;lost-edge error raised;lost-edge error resolved;");
	CHECK(pipeline_worst(&pipeline) == SEVERITY_ERROR);
	CHECK_STR(marked(), "");
	end();
}

/* In the report each time is that of its evidence, whatever happened before and since. */
static void test_graver(void)
{
	const char *text;

	as_text = true;
	begin_with(0);
	scans(1);
	delivers();
	now.w.taken++;
	now.w.unread_bytes = 1000;
	scans(8);
	CHECK(!pipeline_flush(&pipeline) && strstr(written(), "lost-edge [error]"));
	delivers();
	scans(1);
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
	scans(1);
	now.w.taken++;
	now.switches++;
	only_note("lost-edge", 20);
}

/* Nothing was taken since the event: the rest of a message is awaited, as far as one can see. */
static void test_left_whole(void)
{
	begin_with(0);
	scans(1);
	now.w.unread_bytes = 2;
	delivers();
	scans(2);
	for (int i = 0; i < 4; i++) { /* and so with the next ones */
		delivers();
		now.w.taken += 1000;
		now.w.unread_bytes = 0;
		scans(1);
		delivers();
		now.w.unread_bytes = 2;
		scans(3);
	}
	scans(20);
	CHECK(!strstr(found(), "error") && strstr(found(), "lost-edge note raised;"));
	end();
}

/* Waits that were counted only may have delivered it; and what had been taken by then is not known. */
static void test_passed_over(void)
{
	begin_with(0);
	scans(1);
	now.w.unread_bytes = 1000;
	quiet(20); /* none has delivered it */
	begin_with(0);
	scans(1);
	now.w.unread_bytes = 1000;
	now.passed = true;
	now.switches++;
	only_note("lost-edge", 20);
}

/* Twice old bytes were read only when a new edge came. */
static void test_rescue(void)
{
	begin_with(1000);
	now.forever = false;
	for (int i = 0; i < 2; i++) {
		scans(3);
		delivers();
		now.w.taken += 1000;
	}
	CHECK_STR(found(), "lost-edge note raised;");
	scans(3);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	end();
}

/* What was lost may have been what disproves it: the time counts anew. */
static void test_loss_holds_back(void)
{
	begin_with(1000);
	scans(1);
	lost(ms, 1);
	now.w.taken++;
	scans(1);
	CHECK_STR(found(), "");
	end();
}

/* A scan that has left something out proves nothing. */
static void test_cut_scan(void)
{
	begin_with(1000);
	for (int i = 0; i < 20; i++) {
		ms += T_MS;
		scan(ms, 0);
		instance(ms, EP, 3);
		watched_now();
		thread_now();
		scan(ms, ET_SCAN_END | ET_SCAN_CUT);
	}
	CHECK_STR(found(), "");
	end();
}

static void test_lost_eof(void)
{
	begin_with(0);
	now.w.flags |= ET_WATCHED_PEER_CLOSED;
	scans(10);
	CHECK_STR(found(), "");
	scans(1);
	CHECK_STR(found(), "lost-eof note raised;");
	end();
	begin_with(0); /* level-triggered: it is reported again */
	now.w.flags |= ET_WATCHED_PEER_CLOSED;
	now.events = EPOLLIN;
	quiet(20);
}

static void test_lost_accept(void)
{
	begin_with(0); /* nothing was accepted after the event: a limit, maybe */
	listens(2);
	only_note("lost-accept", 20);
	begin_with(0);
	listens(3);
	scans(1);
	delivers();
	now.w.taken++; /* one of them */
	now.w.pending = 2;
	scans(2);
	CHECK_STR(found(), "lost-accept error raised;");
	CHECK(strstr(written(), "\"2 connections wait, EPOLLET, "));
	end();
	begin_with(0); /* others accept as well, when they like */
	listens(3);
	scans(1);
	delivers();
	now.w.taken++;
	now.w.pending = 2;
	scans(1);
	now.w.taken++;
	now.w.pending = 1;
	scans(3);
	CHECK(!pipeline_flush(&pipeline) && strstr(written(), "\"1 connection waits, EPOLLET, "));
	only_note("lost-accept", 20);
}

static void test_oneshot(void)
{
	begin_with(3);
	now.events = EPOLLONESHOT;
	scans(3);
	CHECK_STR(found(), "");
	scans(1);
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
		scans(1);
	CHECK_STR(found(), "");
	end();
	begin_with(0);
	now.events = EPOLLONESHOT;
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
	scans(3);
	delivers();
	now.w.taken++;
	scans(9);
	CHECK_STR(found(), "lost-edge note raised;lost-edge error raised;");
	end();
	begin_with(
		0); /* what was delivered was taken; what came then was given to another instance */
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	scans(1);
	delivers();
	scans(1);
	now.w.unread_bytes = 1000;
	quiet(20);
	begin_with(0); /* the same of an entry that was there before the trace */
	scans(1);
	now.w.unread_bytes = 1000;
	quiet(20);
	begin_with(1000); /* its delivery may be what was lost */
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	lost(ms, 1);
	scans(9);
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
		scan(ms, 0);
		instance(ms, EP, 3);
		take(&r, sizeof(r.w) + 9);
		entry_of_file(ms, now.w.file.addr, FD, FD, now.events, now.entry_flags);
		thread_now();
		scan(ms, ET_SCAN_END);
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
	scans(10);
	CHECK_STR(found(), "");
	scans(1);
	CHECK_STR(found(), "interest-off note raised;");
	end();
	begin_with(300); /* what it has read finds no room elsewhere */
	now.events = EPOLLRDHUP;
	now.w.flags |= ET_WATCHED_UNSENT | ET_WATCHED_NOSPACE;
	now.w.unsent_bytes = 5000;
	scans(20);
	CHECK_STR(found(), "");
	end();
}

static void test_phantom(void)
{
	begin_with(0);
	now.entry_flags = 0;
	scans(2);
	CHECK_STR(found(), "phantom warning raised;");
	delivers();
	scans(1);
	CHECK_STR(found(), "phantom warning raised;phantom error raised;");
	now.entry_flags = ET_ENTRY_AT_NUMBER;
	scans(1);
	CHECK_STR(found(), "phantom warning raised;phantom error raised;phantom error resolved;");
	end();
}

/* A scan meets a file in one process before another: until its end nothing is marked as closed. */
static void test_phantom_within_scan(void)
{
	begin_with(0);
	scans(1);
	ms += T_MS;
	scan(ms, 0);
	instance(ms, EP, 3);
	now.entry_flags = 0;
	watched_now();
	CHECK_STR(marked(), "");
	scan(ms, ET_SCAN_END);
	CHECK_STR(marked(), "phantom");
	end();
}

int main(void)
{
	test_lost_edge();
	test_graver();
	test_no_lost_edge();
	test_lost_edge_unproved();
	test_late_read();
	test_left_whole();
	test_passed_over();
	test_rescue();
	test_loss_holds_back();
	test_cut_scan();
	test_lost_eof();
	test_lost_accept();
	test_oneshot();
	test_never_delivered();
	test_timer_unread();
	test_interest_off();
	test_phantom();
	test_phantom_within_scan();
	return unit_failed;
}
