/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loops.h - one thread that turns a thousand times between two scans, and what it does, or does not do,
 * at each turn.
 */
#ifndef LOOPS_H
#define LOOPS_H

#include "scene.h"

#define TURNS	   1000
#define MUCH_LATER 20 /* scans */

/* What the program does at each turn. */
static struct {
	uint32_t events; /* that the wait returns, 0: none */
	int timeout;
	uint64_t cpu_ns; /* of its time between two scans */
	bool reads, writes, puts_back, calls;
	unsigned turns;
	unsigned others; /* for which each wait stands beside itself */
	bool begun;	 /* it has been scanned once */
} loop;

static inline void loops_with(uint32_t events, uint32_t mask)
{
	begin_with(0);
	now.events = mask;
	now.waits = now.forever = false;
	now.state = ET_THREAD_RUNS;
	memset(&loop, 0, sizeof(loop));
	loop.events = events;
	loop.timeout = -1;
	loop.cpu_ns = T_MS * MS;
	loop.turns = TURNS;
}

static inline void socket_is(unsigned flags)
{
	now.w.file = (struct et_file){.addr = FILE_A,
				      .kind = ET_FILE_INET,
				      .family = 2,
				      .sport = 80,
				      .dport = 4000,
				      .proto = "TCP"};
	now.w.flags = ET_WATCHED_STREAM | ET_WATCHED_UNREAD | ET_WATCHED_TAKEN |
		      ET_WATCHED_NONBLOCK | flags;
}

static inline void waits_once(uint64_t ns, int timeout)
{
	struct wait_record r = {
		.w = {.c = {.h = header(ET_KIND_WAIT, 0, 0, 7),
			    .duration_ns = 100,
			    .ep = EP,
			    .epfile = 1,
			    .ret = loop.events != 0,
			    .id = ET_CALL_EPOLL_WAIT},
		      .a = {.epfd = 3, .maxevents = 8, .events_ptr = 16, .timeout = timeout},
		      .copied = loop.events != 0,
		      .event_size = 12,
		      .others = loop.others},
	};
	uint64_t data = FD;

	r.w.c.h.time_ns = ns;
	r.w.c.h.flags = loop.others ? ET_F_SAMPLED | ET_F_NO_ENTRY : 0;
	r.w.c.h.size = loop.events ? sizeof(r) : sizeof(r.w);
	memcpy(r.events, &loop.events, 4);
	memcpy(r.events + 4, &data, 8);
	take(&r, r.w.c.h.size);
}

static inline void put_back(void)
{
	static struct et_ctl r;

	r = failing(EPOLL_CTL_DEL, FD, 0, now.events);
	r.c.h.time_ns = ms * MS;
	r.file = now.w.file;
	take(&r, r.c.h.size);
	r.op = EPOLL_CTL_ADD;
	take(&r, r.c.h.size);
}

/* Turns of the loop between scans, so many times. */
static inline void turns(unsigned n)
{
	if (!loop.begun)
		scans(1);
	loop.begun = true;
	while (n--) {
		for (unsigned i = 0; i < loop.turns; i++)
			waits_once(ms * MS + i * 1000, loop.timeout);
		now.cpu_ns += loop.cpu_ns;
		now.reads += loop.reads ? loop.turns : 0;
		now.w.taken += loop.reads;
		now.w.given += loop.writes;
		now.io.in.calls += loop.calls ? loop.turns : 0;
		if (loop.puts_back)
			put_back();
		scans(1);
	}
}

static inline void finds(const char *rule_and_severity, const char *text)
{
	turns(3);
	only(rule_and_severity, text);
}

static inline void finds_nothing(void)
{
	turns(MUCH_LATER);
	CHECK_STR(found(), "");
	end();
}

#endif
