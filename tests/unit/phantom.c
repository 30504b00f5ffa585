/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Entries whose number is closed: whose use of an instance counts, and which of two files with one
 * data was delivered. Scans made by hand, ten a second, with a T of 100 ms.
 */
#include "feed-scan.h"

#define T_MS   100
#define FD     4
#define OLD    (FILE_OF(FD))	   /* its number is closed in process 7 */
#define NEW    (FILE_OF(FD) + 100) /* and was given to this one */
#define PARENT 7
#define CHILD  8

static uint64_t ms, wait_ms;
static bool has_successor, child_holds, child_foreign, waits;
static uint64_t child_switches; /* where it is foreign: see struct et_instance */
static struct et_watched old, new;
static unsigned old_ready, new_ready; /* ET_ENTRY_READY */
static uint32_t mask;

static void begin_scene(void)
{
	struct pipeline_options opt = {
		.filter = {.calls = CALLS_ALL},
		.rules = {.enabled = RULES_ALL, .stall_ns = T_MS * MS},
		.findings = true,
		.json = true,
		.blocked_after_ns = 1000 * MS,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};
	struct et_target target;

	process = PARENT;
	ms = 1000;
	has_successor = child_holds = child_foreign = false;
	child_switches = 0;
	waits = true;
	wait_ms = ms;
	mask = EPOLLIN;
	old_ready = new_ready = 0;
	old = (struct et_watched){.flags = ET_WATCHED_UNREAD | ET_WATCHED_NONBLOCK |
					   ET_WATCHED_TAKEN | ET_WATCHED_UNSENT,
				  .file = {.addr = OLD, .kind = ET_FILE_PIPE, .ino = 1}};
	new = old;
	new.file.addr = NEW;
	CHECK(!pipeline_init(&pipeline, &opt));
	start();
	target = (struct et_target){.h = header(ET_KIND_TARGET, sizeof(target), ms, PARENT),
				    .root = PARENT};
	take(&target, sizeof(target));
}

/* A process holds the instance as 3, by a table of its own. */
static void holds(uint32_t pid, bool foreign)
{
	struct et_instance r = {.ep = EP, .file = EP + 1, .table = 100 + pid, .fd = 3};

	process = pid;
	r.h = header(ET_KIND_INSTANCE, sizeof(r), ms, pid);
	r.flags = foreign ? ET_INSTANCE_FOREIGN : 0;
	r.switches = foreign ? child_switches : 0;
	take(&r, sizeof(r));
	process = PARENT;
}

/* A process has the file of an entry on FD at that number. */
static void meets(uint32_t pid, struct et_watched *w, int at, unsigned ready)
{
	struct et_entry r = {.ep = EP,
			     .file = w->file.addr,
			     .table = 100 + pid,
			     .data = FD,
			     .events = mask | EPOLLERR | EPOLLHUP,
			     .fd = FD,
			     .at = at,
			     .flags = ready | (at == FD ? ET_ENTRY_AT_NUMBER : 0)};

	process = pid;
	w->h = header(ET_KIND_WATCHED, sizeof(*w), ms, pid);
	take(w, sizeof(*w));
	r.h = header(ET_KIND_ENTRY, sizeof(r), ms, pid);
	take(&r, sizeof(r));
	process = PARENT;
}

/* Scans at a parent that has closed the number, and at its child, which has it still. */
static void scans(unsigned n)
{
	while (n--) {
		ms += T_MS;
		scan(ms, 0);
		holds(PARENT, false);
		if (child_holds)
			holds(CHILD, child_foreign);
		if (has_successor)
			meets(PARENT, &new, FD, new_ready);
		meets(CHILD, &old, FD, old_ready);
		meets(CHILD + 1, &old, 9,
		      old_ready); /* a file is met in each process that has it */
		if (waits)
			inflight(PARENT, wait_ms, false);
		scan(ms, ET_SCAN_END);
		tick(ms);
	}
}

static void uses(uint32_t pid)
{
	process = pid;
	ms++;
	take_wait(pid, EP, ms * MS, 0, 0, 0, false);
	process = PARENT;
}

/* The parent gets data FD, and goes back to wait. */
static void delivers(unsigned times)
{
	while (times--) {
		ms += 10;
		take_wait(PARENT, EP, (ms - 5) * MS, 5 * MS, 1, FD, false);
	}
	wait_ms = ++ms;
}

static void forks(uint32_t child)
{
	struct et_fork r = {.h = header(ET_KIND_FORK, sizeof(r), ++ms, PARENT),
			    .child_user_tgid = child};

	take(&r, sizeof(r));
}

/* What there is of phantoms, and how often. */
static bool has_found(const char *severity)
{
	char text[64];

	CHECK(!pipeline_flush(&pipeline));
	snprintf(text, sizeof(text), "\"rule\":\"phantom\",\"severity\":\"%s\"", severity);
	return strstr(written(), text);
}

static void begin_twins(void)
{
	begin_scene();
	has_successor = true;
	scans(1);
	CHECK(!has_found("warning"));
}

/* Of two files under one data the delivery was of the one that is ready. */
static void test_old_is_ready(void)
{
	begin_twins();
	delivers(3);
	old.unread_bytes = 5;
	old.arrived = 5;
	old_ready = ET_ENTRY_READY;
	scans(2);
	CHECK(has_found("error") && !has_found("warning"));
	CHECK(strstr(written(), "4<pipe:[1]> is registered with the same data now"));
	end();
	begin_twins(); /* it asks for edges: something came since the scan before */
	mask = EPOLLIN | EPOLLET;
	scans(1);
	delivers(1);
	old.unread_bytes = 5;
	old.arrived = 5;
	scans(1);
	CHECK(has_found("error"));
	end();
	begin_twins(); /* its last holder ends before the next scan: by what the last one saw */
	old.unread_bytes = 5;
	scans(2);
	CHECK(has_found("warning") && !has_found("error"));
	delivers(1);
	scans(1);
	CHECK(has_found("error"));
	end();
}

static void test_new_is_ready(void)
{
	begin_twins();
	delivers(3);
	new.unread_bytes = 5;
	new_ready = ET_ENTRY_READY;
	scans(9);
	CHECK(has_found("warning") && !has_found("error"));
	end();
	begin_twins(); /* all that came was read before the scan: nobody reads the old one */
	delivers(3);
	scans(9);
	CHECK(has_found("warning") && !has_found("error"));
	end();
	begin_twins(); /* the old one has old bytes, which an edge reported once */
	mask = EPOLLIN | EPOLLET;
	old.unread_bytes = 5;
	scans(2);
	delivers(3);
	scans(9);
	CHECK(has_found("warning") && !has_found("error"));
	end();
}

/* Both are always ready, and reported in turn. */
static void test_both_are_ready(void)
{
	begin_twins();
	old.unread_bytes = new.unread_bytes = 5;
	scans(1);
	delivers(7);
	scans(2);
	CHECK(has_found("error"));
	end();
	begin_twins(); /* one event is of one of them */
	old.unread_bytes = new.unread_bytes = 5;
	scans(1);
	delivers(1);
	scans(2);
	CHECK(!has_found("error"));
	end();
}

static void begin_family(void)
{
	begin_scene();
	child_holds = true;
	forks(CHILD);
}

/* A child that has the number and the instance, and uses neither. */
static void test_idle_child(void)
{
	begin_family();
	scans(3);
	CHECK(has_found("warning"));
	CHECK(strstr(written(), "process 8 has the file open as descriptor 4; it has the instance, "
				"too, and does not use it"));
	delivers(1);
	scans(1);
	CHECK(has_found("error"));
	end();
	begin_family(); /* it uses the instance: what it has at its number it has for that */
	uses(CHILD);
	scans(40);
	CHECK(!has_found("warning"));
	end();
	begin_family(); /* nor does the parent, since the fork */
	waits = false;
	scans(40);
	CHECK(!has_found("warning"));
	uses(PARENT);
	scans(3);
	CHECK(has_found("warning"));
	end();
	begin_family(); /* that there are more and more children is nothing to them */
	for (uint32_t i = 0; i < 9; i++) {
		scans(1);
		forks(CHILD + 2 + i);
		holds(CHILD + 2 + i, false);
	}
	CHECK(has_found("warning") && !strstr(written(), "resolved"));
	end();
	begin_family(); /* no target: it may use it unseen */
	child_foreign = true;
	scans(90);
	CHECK(!has_found("warning"));
	end();
}

/* Of who is no target it is known that it did nothing where it has not run. */
static void test_foreign_child(void)
{
	begin_scene();
	child_holds = child_foreign = true;
	child_switches = 23;
	scans(50);
	CHECK(!has_found("warning"));
	scans(3);
	CHECK(has_found("warning"));
	child_switches = 0; /* it is in a wait now */
	scans(2);
	CHECK(!has_found("error"));
	CHECK(strstr(written(),
		     "\"rule\":\"phantom\",\"severity\":\"warning\",\"state\":\"resolved\""));
	end();
	begin_scene();
	child_holds = child_foreign = true;
	for (int i = 0; i < 90; i++) { /* it runs now and then */
		child_switches = 23 + i / 30;
		scans(1);
	}
	CHECK(!has_found("warning"));
	end();
}

/* What was there before the attach may have used it before. */
static void test_old_child(void)
{
	struct et_target target;

	begin_scene();
	process = CHILD;
	target = (struct et_target){.h = header(ET_KIND_TARGET, sizeof(target), ms, CHILD),
				    .root = CHILD};
	take(&target, sizeof(target));
	process = PARENT;
	child_holds = true;
	scans(50);
	CHECK(!has_found("warning"));
	scans(3);
	CHECK(has_found("warning"));
	uses(CHILD);
	scans(2);
	CHECK(!has_found("error"));
	CHECK(strstr(written(),
		     "\"rule\":\"phantom\",\"severity\":\"warning\",\"state\":\"resolved\""));
	end();
}

int main(void)
{
	test_old_is_ready();
	test_new_is_ready();
	test_both_are_ready();
	test_idle_child();
	test_old_child();
	test_foreign_child();
	return unit_failed;
}
