/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * feed-rules.h - a pipeline that asks the rules, with a T of 100 ms, what it has found, and records
 * of calls and threads; see feed-scan.h.
 */
#ifndef ET_UNIT_FEED_RULES_H
#define ET_UNIT_FEED_RULES_H

#include "feed-scan.h"

#define FD	   4
#define T_MS	   100
#define INO	   77
#define TABLE	   9
#define MUCH_LATER 20 /* scans */

/* Others say more of the same pictures. */
#define RULES_WANTED (RULES_ALL & ~(RULE_BIT(RULE_SHARED_AFTER_FORK) | RULE_BIT(RULE_CTL_ERROR)))

static uint64_t rules_wanted = RULES_WANTED;
static bool replayed; /* the records may be made up */
static uint64_t ms;
static int number; /* that calls and scans are about */

static inline void begin_rules(void)
{
	struct pipeline_options opt = {
		.filter = {.calls = CALLS_ALL},
		.rules = {.enabled = rules_wanted, .stall_ns = T_MS * MS},
		.findings = true,
		.json = true,
		.blocked_after_ns = 1000 * MS,
		.replayed = replayed,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};
	struct et_target target;

	process = 7;
	number = FD;
	ms = 1000;
	CHECK(!pipeline_init(&pipeline, &opt));
	start();
	target = (struct et_target){.h = header(ET_KIND_TARGET, sizeof(target), ms, 7), .root = 7};
	take(&target, sizeof(target));
}

static inline void ends_with(const char *want)
{
	CHECK_STR(found(), want);
	end();
}

/* An epoll_ctl of a process, on a socket with that inode. */
static inline void ctl_of(uint32_t pid, int op, uint64_t ep, uint64_t ino, uint32_t events, int ret,
			  unsigned refs)
{
	static struct et_ctl r;
	size_t size = offsetof(struct et_ctl, name);

	process = pid;
	ms++;
	r = (struct et_ctl){
		.c = {.h = header(ET_KIND_CTL, size, ms, pid),
		      .ep = ep,
		      .epfile = ep + 1,
		      .ret = ret,
		      .id = ET_CALL_EPOLL_CTL,
		      .refs = refs},
		.epfd = 3,
		.op = op,
		.fd = number,
		.events = events,
		.data = number,
		.table = TABLE,
		.file = {.addr = FILE_OF(number), .kind = ET_FILE_UNIX, .ino = ino},
	};
	r.c.h.flags = ET_F_EVENT_READ;
	take(&r, size);
	process = 7;
}

static inline void plain_ctl(int op, int ret)
{
	ctl_of(7, op, EP, INO, EPOLLIN, ret, 1);
}

static inline void thread_at(uint32_t tid, __s32 nr, bool forever, uint64_t file)
{
	struct et_thread t = {
		.h = header(ET_KIND_THREAD, sizeof(t), ms, tid),
		.nr = nr,
		.state = ET_THREAD_BLOCKED,
		.fd = FD,
		.file = {.addr = file, .kind = ET_FILE_UNIX, .ino = INO},
		.comm = "steps",
	};

	t.h.flags = (forever ? ET_F_FOREVER : 0) | (file ? ET_F_CALLFILE : 0);
	take(&t, sizeof(t));
}

static inline void wait_at(uint32_t tid, uint64_t ep, uint64_t from_ms)
{
	struct et_inflight w = {
		.h = header(ET_KIND_INFLIGHT, sizeof(w), from_ms, tid),
		.ep = ep,
		.a = {.epfd = 3, .maxevents = 8, .timeout = -1},
		.seen_ns = ms * MS,
		.id = ET_CALL_EPOLL_WAIT,
	};

	take(&w, sizeof(w));
}

#endif
