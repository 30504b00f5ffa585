/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scene.h - what rules see: one entry and one thread, as scans made by hand find them, ten a second,
 * with a T of 100 ms. Each test changes one thing of a picture that is a finding.
 */
#ifndef ET_UNIT_SCENE_H
#define ET_UNIT_SCENE_H

#include "feed-scan.h"
#include "report/snapshot.h"

#include <errno.h>

#define FD     4
#define T_MS   100
#define FILE_A (FILE_OF(FD))
#define OTHER  17 /* a number that scans do not see */

/* The state of one entry, and of the one thread of the process, that the next scan sees. */
struct scene {
	struct et_watched w;
	char name[16]; /* of its file, w.file.name_len bytes; follows w */
	uint32_t events;
	unsigned entry_flags;
	bool waits, forever;
	uint64_t wait_ms; /* when its wait began */
	struct et_io io;  /* its reads and writes, where there were any */
	uint64_t switches;
	unsigned state;		/* enum et_thread_state */
	uint64_t cpu_ns, reads; /* of the thread so far */
	bool nofile;		/* no descriptor is left */
	bool passed;		/* its last waits with events have no record */
};

static struct scene now;
static uint64_t ms;
static bool as_text; /* the report, instead of machine output */

static inline void begin_rules(void)
{
	struct pipeline_options opt = {
		.filter = {.calls = CALLS_ALL},
		.rules = {.enabled = RULES_ALL, .stall_ns = T_MS * MS},
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

static inline void watched_now(void)
{
	now.w.h = header(ET_KIND_WATCHED, sizeof(now.w) + now.w.file.name_len, ms, 7);
	take(&now.w, now.w.h.size);
	now.io.h = header(ET_KIND_IO, sizeof(now.io), ms, 7);
	now.io.file = FILE_A;
	if (now.io.in.calls || now.io.out.calls)
		take(&now.io, sizeof(now.io));
	entry_met(ms, now.w.file.addr, FD, now.entry_flags & ET_ENTRY_AT_NUMBER ? FD : 9, FD,
		  now.events, now.entry_flags);
}

static inline void thread_now(void)
{
	struct et_thread t = {
		.h = header(ET_KIND_THREAD, sizeof(t), ms, 7),
		.switches = now.switches,
		.cpu_ns = now.cpu_ns,
		.reads = now.reads,
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

	struct et_nofile full = {.h = header(ET_KIND_NOFILE, sizeof(full), ms, 7), .limit = 8};

	t.h.flags = now.forever && now.state == ET_THREAD_BLOCKED ? ET_F_FOREVER : 0;
	t.h.flags |= ET_F_COUNTS_IO | (now.passed ? ET_F_PASSED : 0);
	take(&t, sizeof(t));
	if (now.nofile)
		take(&full, sizeof(full));
	if (now.waits)
		take(&w, sizeof(w));
}

/* So many scans, each T later than the one before. */
static inline void scans(unsigned n)
{
	while (n--) {
		ms += T_MS;
		scan(ms, 0);
		instance(ms, EP, 3);
		watched_now();
		thread_now();
		scan(ms, ET_SCAN_END);
		tick(ms);
	}
}

/* A wait that delivers the entry now; the thread goes back to wait. */
static inline void delivers(void)
{
	ms += 10;
	take_wait(7, EP, (ms - 5) * MS, 5 * MS, 1, FD, false);
	now.wait_ms = ++ms;
	now.switches++;
}

static inline void begin_with(uint64_t unread)
{
	begin_rules();
	now.wait_ms = ms;
	now.w.unread_bytes = unread;
}

/* The rule of which a snapshot of now marks an entry; "": none. */
static inline const char *marked(void)
{
	struct snapshot s;
	const char *name = "";

	CHECK(!snapshot_make(pipeline.model, &s));
	for (size_t i = 0; i < s.instance_count; i++)
		if (s.instances[i].entry_count && s.instances[i].entries[0].mark != MARK_NONE)
			name = rule_name(s.instances[i].entries[0].rule);
	snapshot_free(&s);
	return name;
}

/* Nothing at all, and a snapshot has no mark either. */
static inline void quiet(unsigned n)
{
	scans(n);
	CHECK_STR(found(), "");
	CHECK_STR(marked(), "");
	end();
}

/* A note, and no more. */
static inline void only_note(const char *rule, unsigned n)
{
	char want[64];

	scans(n);
	snprintf(want, sizeof(want), "%s note raised;", rule);
	CHECK_STR(found(), want);
	end();
}

static inline void listens(uint32_t connections)
{
	now.w.file = (struct et_file){
		.addr = FILE_A, .kind = ET_FILE_INET, .family = 2, .sport = 80, .proto = "TCP"};
	now.w.flags = ET_WATCHED_LISTENS | ET_WATCHED_PENDING | ET_WATCHED_NONBLOCK |
		      ET_WATCHED_TAKEN | ET_WATCHED_STREAM;
	now.w.pending = connections;
}

/* The last write of 100 bytes, as --io saw it. */
static inline void wrote(int64_t ret)
{
	now.io.out = (struct et_io_side){
		.time_ns = ms * MS, .ret = ret, .size = 100, .tid = 7, .calls = 3};
}

/* A stream in which reads and writes are seen: feature io. */
static inline void sees_io(void)
{
	struct et_feature r = {.h = header(ET_KIND_FEATURE, sizeof(r), ms, 7)};

	strcpy(r.name, "reads and writes");
	strcpy(r.state, "yes");
	take(&r, sizeof(r));
}

static inline void blocked(bool is)
{
	now.w.flags &= ~ET_WATCHED_NOSPACE;
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT | (is ? ET_WATCHED_NOSPACE : 0);
	now.w.unsent_bytes = is ? 5000 : 0;
}

/* A call of epoll_ctl that fails, with that mask. */
static inline struct et_ctl failing(int op, int fd, int err, uint32_t events)
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

static inline void fails_asking(int op, int fd, int err, uint32_t events)
{
	static struct et_ctl r;

	r = failing(op, fd, err, events);
	if (err == EBADF)
		r.file = (struct et_file){0};
	take(&r, r.c.h.size);
}

static inline void fails(int op, int fd, int err)
{
	fails_asking(op, fd, err, EPOLLIN | EPOLLET);
}

/* The thread has gone on to wait. */
static inline void waits_on(unsigned n)
{
	now.wait_ms = ++ms;
	now.switches++;
	scans(n);
}

static inline void only(const char *rule_and_severity, const char *text)
{
	char want[64];

	snprintf(want, sizeof(want), "%s raised;", rule_and_severity);
	CHECK_STR(found(), want);
	CHECK(strstr(written(), text));
	end();
}

static inline void forks(uint32_t child, unsigned flags)
{
	struct et_fork r = {.h = header(ET_KIND_FORK, sizeof(r), ++ms, process),
			    .child_user_tgid = child};

	r.h.flags = flags;
	take(&r, sizeof(r));
}

static inline void used_by(uint32_t pid)
{
	process = pid;
	++ms;
	waited(pid, ms, ms, 1);
}

#endif
