/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stream.h - the pipeline of stream.c, and the records that feed it.
 */
#ifndef STREAM_H
#define STREAM_H

#include "../../bpf/wire.h"
#include "pipeline.h"
#include "unit.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#define S  1000000000ULL
#define EP 0xffff888100000000ULL

static struct pipeline pipeline;

static inline void begin(bool summary)
{
	struct pipeline_options opt = {
		.filter = {.calls = CALLS_ALL},
		.lines = !summary,
		.summary = summary,
		.time_format = TIME_OF_DAY,
		.blocked_after_ns = S,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};

	CHECK(!pipeline_init(&pipeline, &opt));
}

static inline const char *end(void)
{
	static char text[8192];
	ssize_t n;

	CHECK(!pipeline_finish(&pipeline));
	n = pread(pipeline.opt.fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = 0;
	close(pipeline.opt.fd);
	pipeline_free(&pipeline);
	return text;
}

static inline struct et_hdr header(enum et_kind kind, size_t size, uint64_t time_ns)
{
	return (struct et_hdr){.kind = kind,
			       .size = size,
			       .time_ns = time_ns,
			       .tgid = 1007,
			       .tid = 1007,
			       .user_tgid = 7,
			       .user_tid = 7};
}

static inline void take(const void *rec, size_t size)
{
	CHECK(!pipeline_take(&pipeline, rec, size));
}

static inline void start(void)
{
	struct et_start r = {.h = header(ET_KIND_START, sizeof(r), S)};

	take(&r, sizeof(r));
}

static inline void tick(uint64_t ns)
{
	struct et_tick r = {.h = header(ET_KIND_TICK, sizeof(r), ns)};

	take(&r, sizeof(r));
}

static inline void finish(uint64_t ns, uint64_t lost)
{
	struct et_lost l = {.h = header(ET_KIND_LOST, sizeof(l), ns)};
	struct et_end r = {.h = header(ET_KIND_END, sizeof(r), ns)};

	l.count[ET_KIND_WAIT] = lost;
	take(&l, sizeof(l));
	take(&r, sizeof(r));
}

static inline void create(uint64_t ns, uint64_t ep, int fd)
{
	struct et_create r = {
		.c = {.h = header(ET_KIND_CREATE, sizeof(r), ns),
		      .duration_ns = 1000,
		      .ep = ep,
		      .epfile = 1,
		      .ret = fd,
		      .id = ET_CALL_EPOLL_CREATE1},
		.arg = EPOLL_CLOEXEC,
	};

	take(&r, sizeof(r));
}

static inline void ctl_by(uint64_t ns, uint64_t ep, int op, int fd, uint64_t file, uint64_t data,
			  unsigned flags)
{
	static struct et_ctl r;
	size_t size = offsetof(struct et_ctl, name);

	r = (struct et_ctl){
		.c = {.h = header(ET_KIND_CTL, size, ns),
		      .duration_ns = 1000,
		      .ep = ep,
		      .epfile = 1,
		      .id = ET_CALL_EPOLL_CTL},
		.epfd = 3,
		.op = op,
		.fd = fd,
		.events = EPOLLIN,
		.data = data,
		.file = {.addr = file, .kind = ET_FILE_PIPE, .ino = file},
	};
	r.c.h.flags = ET_F_EVENT_READ | flags;
	take(&r, size);
}

static inline void ctl(uint64_t ns, uint64_t ep, int op, int fd, uint64_t file, uint64_t data)
{
	ctl_by(ns, ep, op, fd, file, data, 0);
}

struct small_wait {
	struct et_wait w;
	unsigned char events[24];
};

static inline struct small_wait make_wait(uint64_t ns, uint64_t ep, uint64_t data)
{
	struct small_wait r = {
		.w = {.c = {.h = header(ET_KIND_WAIT, sizeof(r), ns),
			    .duration_ns = S / 2,
			    .ep = ep,
			    .epfile = 1,
			    .ret = 1,
			    .id = ET_CALL_EPOLL_WAIT},
		      .a = {.epfd = 3, .maxevents = 8, .events_ptr = 16, .timeout = -1},
		      .copied = 1,
		      .event_size = 12},
	};
	uint32_t events = EPOLLIN;

	memcpy(r.events, &events, 4);
	memcpy(r.events + 4, &data, 8);
	return r;
}

static inline void wait_ready_one(uint64_t ns, uint64_t ep, uint64_t data)
{
	struct small_wait r = make_wait(ns, ep, data);

	take(&r, sizeof(r));
}

static inline void inflight_for(uint64_t ns, int timeout_ms, bool before)
{
	struct et_inflight r = {
		.h = header(ET_KIND_INFLIGHT, sizeof(r), ns),
		.ep = EP,
		.a = {.epfd = 3, .maxevents = 8, .timeout = timeout_ms},
		.id = ET_CALL_EPOLL_WAIT,
	};

	r.h.flags = before ? ET_F_BEGAN_BEFORE : 0;
	take(&r, sizeof(r));
}

static inline void inflight(uint64_t ns, bool before)
{
	inflight_for(ns, -1, before);
}

static inline void close_fd(uint64_t ns, int fd, uint64_t file, bool last)
{
	struct et_close r = {.h = header(ET_KIND_CLOSE, sizeof(r), ns), .file = file, .fd = fd};

	r.refs = last ? 1 : 2;
	take(&r, sizeof(r));
}

#endif
