/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * feed.h - records made by hand for a pipeline that prints summaries, and the text that comes out.
 * Times are in milliseconds where nothing else is said. feed-scan.h has those of scans.
 */
#ifndef ET_UNIT_FEED_H
#define ET_UNIT_FEED_H

#include "../../bpf/wire.h"
#include "pipeline.h"
#include "event/record.h"
#include "unit.h"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#define MS  1000000ULL
#define EP  0xffff888100000000ULL
#define EP2 0xffff888100001000ULL

static struct pipeline pipeline;
static struct record_sink feed = {pipeline_take, &pipeline}; /* that takes the records */
static uint32_t process;				     /* that all threads belong to */

static inline void begin(uint64_t interval_ms, bool histograms)
{
	struct pipeline_options opt = {
		.filter = {.calls = CALLS_ALL},
		.summary = true,
		.histograms = histograms,
		.interval_ns = interval_ms * MS,
		.blocked_after_ns = 1000 * MS,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};

	process = 7;
	CHECK(!pipeline_init(&pipeline, &opt));
}

/* What was written so far. */
static inline const char *written(void)
{
	static char text[4 << 20];
	ssize_t n = pread(pipeline.opt.fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = 0;
	return text;
}

static inline const char *end(void)
{
	const char *text;

	CHECK(!pipeline_finish(&pipeline));
	text = written();
	close(pipeline.opt.fd);
	pipeline_free(&pipeline);
	return text;
}

static inline struct et_hdr header(enum et_kind kind, size_t size, uint64_t ms, uint32_t tid)
{
	return (struct et_hdr){.kind = kind,
			       .size = size,
			       .time_ns = ms * MS,
			       .tgid = 1000 + process,
			       .tid = 1000 + tid,
			       .user_tgid = process,
			       .user_tid = tid};
}

static inline void take(const void *rec, size_t size)
{
	CHECK(!feed.take(feed.ctx, rec, size));
}

/* At one second, in a time zone one hour east of Greenwich. */
static inline void start(void)
{
	struct et_start r = {.h = header(ET_KIND_START, sizeof(r), 1000, 7), .utc_offset_s = 3600};

	take(&r, sizeof(r));
}

static inline void tick_ns(uint64_t ns)
{
	struct et_tick r = {.h = header(ET_KIND_TICK, sizeof(r), 0, 7)};

	r.h.time_ns = ns;
	take(&r, sizeof(r));
}

static inline void tick(uint64_t ms)
{
	tick_ns(ms * MS);
}

static inline void lost(uint64_t ms, uint64_t count)
{
	struct et_lost r = {.h = header(ET_KIND_LOST, sizeof(r), ms, 7)};

	r.count[ET_KIND_WAIT] = count;
	take(&r, sizeof(r));
}

static inline void ctl(uint64_t ms, int op, int fd, uint64_t data)
{
	static struct et_ctl r;
	size_t size = offsetof(struct et_ctl, name);

	r = (struct et_ctl){
		.c = {.h = header(ET_KIND_CTL, size, ms, 7),
		      .duration_ns = 1000,
		      .ep = EP,
		      .epfile = 1,
		      .id = ET_CALL_EPOLL_CTL},
		.epfd = 3,
		.op = op,
		.fd = fd,
		.events = EPOLLIN,
		.data = data,
		.file = {.addr = 500 + fd, .kind = ET_FILE_PIPE, .ino = 500 + fd},
	};
	r.c.h.flags = ET_F_EVENT_READ;
	take(&r, size);
}

/* A wait of a thread that returns ret and, where that is 1, an event with data. */
struct wait_record {
	struct et_wait w;
	unsigned char events[24];
};

static inline void take_wait(uint32_t tid, uint64_t ep, uint64_t ns, uint64_t duration_ns, int ret,
			     uint64_t data, bool before)
{
	bool one = ret == 1;
	size_t size = one ? sizeof(struct wait_record) : sizeof(struct et_wait);
	struct wait_record r = {
		.w = {.c = {.h = header(ET_KIND_WAIT, size, 0, tid),
			    .duration_ns = duration_ns,
			    .ep = ep,
			    .epfile = 1,
			    .ret = ret,
			    .id = ET_CALL_EPOLL_WAIT},
		      .a = {.epfd = 3, .maxevents = 8, .events_ptr = 16, .timeout = -1},
		      .copied = one,
		      .event_size = 12},
	};
	uint32_t events = EPOLLIN;

	r.w.c.h.time_ns = ns;
	r.w.c.h.flags = before ? ET_F_BEGAN_BEFORE : 0;
	memcpy(r.events, &events, 4);
	memcpy(r.events + 4, &data, 8);
	take(&r, size);
}

/* Ready events that come before the record of the wait: count from 1 to 8, data from first on. */
struct ready_record {
	struct et_ready r;
	unsigned char events[96];
};

static inline void more_ready(uint32_t tid, uint64_t end_ms, unsigned count, uint64_t first)
{
	size_t size = sizeof(struct et_ready) + count * 12;
	struct ready_record r = {.r = {.h = header(ET_KIND_READY, size, end_ms, tid),
				       .copied = count,
				       .event_size = 12}};
	uint32_t events = EPOLLIN;

	for (unsigned i = 0; i < count; i++, first++) {
		memcpy(r.events + 12 * i, &events, 4);
		memcpy(r.events + 12 * i + 4, &first, 8);
	}
	take(&r, size);
}

/* The wait of a thread from one millisecond to another. */
static inline void waited(uint32_t tid, uint64_t from_ms, uint64_t to_ms, int ret)
{
	take_wait(tid, EP, from_ms * MS, (to_ms - from_ms) * MS, ret, 5, false);
}

static inline void waited_before(uint32_t tid, uint64_t to_ms)
{
	take_wait(tid, EP, 1000 * MS, (to_ms - 1000) * MS, 1, 5, true);
}

static inline void inflight(uint32_t tid, uint64_t ms, bool before)
{
	struct et_inflight r = {
		.h = header(ET_KIND_INFLIGHT, sizeof(r), ms, tid),
		.ep = EP,
		.a = {.epfd = 3, .maxevents = 8, .timeout = -1},
		.id = ET_CALL_EPOLL_WAIT,
	};

	r.h.flags = before ? ET_F_BEGAN_BEFORE : 0;
	take(&r, sizeof(r));
}

static inline void exited(uint32_t tid, uint64_t ms, bool last)
{
	struct et_exit r = {.h = header(ET_KIND_EXIT, sizeof(r), ms, tid)};

	r.h.flags = last ? ET_F_LAST : 0;
	take(&r, sizeof(r));
}

/* The end of the old program of a process; the thread that calls exec has the leader's number then. */
static inline void execed(uint64_t ms, const char *comm)
{
	struct et_exec r = {.h = header(ET_KIND_EXEC, sizeof(r), ms, process)};

	snprintf(r.comm, sizeof(r.comm), "%s", comm);
	take(&r, sizeof(r));
}

/* The end, while threads go on. */
static inline void finish_alive(uint64_t ms)
{
	struct et_end r = {.h = header(ET_KIND_END, sizeof(r), ms, 7)};

	lost(ms, 0);
	take(&r, sizeof(r));
}

/* The end after that of all threads, which are away from no wait then. */
static inline void finish(uint64_t ms)
{
	for (uint32_t tid = 7; tid < 16; tid++)
		exited(tid, ms, false);
	finish_alive(ms);
}

/* The table of loops in a summary, without its header. */
static inline const char *loops(const char *text)
{
	static char table[2048];
	static const char header_line[] =
		"\n    TID     TURNS   PER-SEC   UTIL RDY/TURN   IN-P50   "
		"IN-P99   IN-MAX AWAY-P50 AWAY-P99 AWAY-MAX\n";
	const char *at = strstr(text, header_line), *behind;

	CHECK(at);
	if (!at)
		return "";
	at += sizeof(header_line) - 1;
	behind = strstr(at, "\n\n");
	snprintf(table, sizeof(table), "%.*s", behind ? (int)(behind + 1 - at) : (int)strlen(at),
		 at);
	return table;
}

#endif
