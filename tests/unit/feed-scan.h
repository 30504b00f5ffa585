/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * feed-scan.h - records of scans, made by hand; see feed.h.
 */
#ifndef ET_UNIT_FEED_SCAN_H
#define ET_UNIT_FEED_SCAN_H

#include "feed.h"

#include <stdio.h>
#include <string.h>

#define FILE_OF(fd) (500 + (fd))

static inline void scan(uint64_t ms, unsigned flags)
{
	struct et_scan r = {.h = header(ET_KIND_SCAN, sizeof(r), ms, 7), .flags = flags};

	take(&r, sizeof(r));
}

static inline void instance(uint64_t ms, uint64_t ep, int fd)
{
	struct et_instance r = {
		.h = header(ET_KIND_INSTANCE, sizeof(r), ms, 7),
		.ep = ep,
		.file = ep + 1,
		.table = 9,
		.fd = fd,
		.comm = "steps",
	};

	take(&r, sizeof(r));
}

static inline void watched(uint64_t ms, uint64_t file, uint64_t unread)
{
	struct et_watched r = {
		.h = header(ET_KIND_WATCHED, sizeof(r), ms, 7),
		.unread_bytes = unread,
		.flags = ET_WATCHED_UNREAD | ET_WATCHED_NONBLOCK,
		.file = {.addr = file, .kind = ET_FILE_PIPE, .ino = file},
	};

	take(&r, sizeof(r));
}

/* An entry as a scan has found it at that time: on the file, which was met at some number. */
static inline void entry_met_in(uint64_t ms, uint64_t ep, uint64_t file, int fd, int at,
				uint64_t data, uint32_t events, unsigned flags)
{
	struct et_entry r = {
		.h = header(ET_KIND_ENTRY, sizeof(r), ms, 7),
		.ep = ep,
		.file = file,
		.table = 9,
		.data = data,
		.events = events | EPOLLERR | EPOLLHUP,
		.fd = fd,
		.at = at,
		.flags = flags,
	};

	take(&r, sizeof(r));
}

static inline void entry_met(uint64_t ms, uint64_t file, int fd, int at, uint64_t data,
			     uint32_t events, unsigned flags)
{
	entry_met_in(ms, EP, file, fd, at, data, events, flags);
}

/* The same, where the file was met at that number. */
static inline void entry_of_file(uint64_t ms, uint64_t file, int fd, uint64_t data, uint32_t events,
				 unsigned flags)
{
	entry_met(ms, file, fd, fd, data, events, flags);
}

static inline void entry(uint64_t ms, int fd, uint64_t data)
{
	watched(ms, FILE_OF(fd), 0);
	entry_of_file(ms, FILE_OF(fd), fd, data, EPOLLIN, ET_ENTRY_AT_NUMBER);
}

/* What was read from a file and written to it; with ET_F_FIRST a record by itself. */
static inline void read_and_written(uint64_t ms, uint64_t file, int fd, unsigned flags)
{
	struct et_io r = {
		.h = header(ET_KIND_IO, sizeof(r), ms, 7),
		.file = file,
		.fd = fd,
		.in = {.time_ns = ms * MS, .ret = -11, .size = 100, .tid = 7, .calls = 1},
		.out = {.time_ns = ms * MS, .ret = 7, .size = 100, .tid = 8, .calls = 3},
	};

	r.h.flags = flags;
	take(&r, sizeof(r));
}

static inline void row(uint64_t ms, int fd, uint64_t data)
{
	struct et_fdinfo r = {
		.h = header(ET_KIND_FDINFO, sizeof(r), ms, 7),
		.ep = EP,
		.data = data,
		.events = EPOLLIN | EPOLLERR | EPOLLHUP,
		.fd = fd,
		.epfd = 3,
		.flags = fd < 0 ? ET_FDINFO_END : 0,
	};

	take(&r, sizeof(r));
}

static inline void rows_end(uint64_t ms)
{
	row(ms, -1, 0);
}

static inline void closed_by(uint32_t tid, uint64_t ms, int fd, unsigned refs)
{
	struct et_close r = {
		.h = header(ET_KIND_CLOSE, sizeof(r), ms, tid),
		.file = FILE_OF(fd),
		.table = 9,
		.fd = fd,
		.refs = refs,
	};

	take(&r, sizeof(r));
}

static inline void closed(uint64_t ms, int fd, unsigned refs)
{
	closed_by(7, ms, fd, refs);
}

/* What has been found so far, as "RULE SEVERITY STATE;". */
static inline const char *found(void)
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

static inline void begin_snapshot(void)
{
	struct pipeline_options opt = {
		.filter = {.calls = CALLS_ALL},
		.snapshot = true,
		.limit = 40,
		.blocked_after_ns = 1000 * MS,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};

	process = 7;
	CHECK(!pipeline_init(&pipeline, &opt));
	start();
}

static inline void thread_in(uint32_t tid, int nr, enum et_thread_state state, unsigned flags)
{
	struct et_thread r = {
		.h = header(ET_KIND_THREAD, sizeof(r), 1002, tid), .nr = nr, .state = state};

	r.h.flags = flags;

	take(&r, sizeof(r));
}

#endif
