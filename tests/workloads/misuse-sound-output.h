/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-sound-output.h - scenes of programs whose output finds no room, and that are right.
 */
#ifndef MISUSE_SOUND_OUTPUT_H
#define MISUSE_SOUND_OUTPUT_H

#include "misuse-stalls.h"

/* What comes in on one side goes out on the other, which takes nothing. */
static inline void blocked_proxy(struct play *p)
{
	int ep = instance(), in = p->mine[0], out = p->mine[1];

	add(ep, in, EPOLLIN | EPOLLET);
	add(ep, out, EPOLLIN | EPOLLOUT | EPOLLET);
	give_all(out);
	for (;;)
		next_event(ep, -1);
}

/* The same, where another thread waits for room, on an instance of its own. */
static inline void blocked_relay(struct play *p)
{
	int ep = instance(), other = instance(), out = p->mine[1];

	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	add(other, out, EPOLLIN | EPOLLOUT | EPOLLET);
	give_all(out);
	thread(waits_on, &other);
	for (;;)
		next_event(ep, -1);
}

/* What finds no room is given up. */
static inline void gives_up_writing(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	give_all(p->mine[0]);
	must(!shutdown(p->mine[0], SHUT_WR));
	post(p->steps);
	wait_forever(ep);
}

/* It tries again each time that a timer ticks. */
static inline void retries(struct play *p)
{
	int ep = instance(), timer = new_timer(90);

	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	add(ep, timer, EPOLLIN | EPOLLET);
	give_all(p->mine[0]);
	post(p->steps);
	for (;;) {
		if (next_event(ep, -1) != timer)
			continue;
		take(timer, 8);
		give_all(p->mine[0]);
	}
}

/* It arms what is left each time: input is read, then output goes on. */
static inline void rearms_writer(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLOUT | EPOLLONESHOT);
	next_event(ep, -1);
	give_all(p->mine[0]);
	post(p->steps);
	for (;;) {
		mod(ep, p->mine[0], EPOLLIN | EPOLLOUT | EPOLLONESHOT);
		next_event(ep, -1);
		take_all(p->mine[0]);
		give_all(p->mine[0]);
	}
}

/* A publisher: what finds no room is dropped, and the next frame comes with the next news. */
static inline void drops_frames(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	for (;;) {
		take_all(next_event(ep, -1));
		give_all(p->mine[0]);
		post(p->steps);
	}
}

static inline void sends_news(struct play *p)
{
	for (int i = 0; i < 23; i++) {
		give(p->peer[1], 100);
		await(p->steps);
		nonblocking(p->peer[0]);
		take_all(p->peer[0]);
		rest(p, 1, 23);
	}
}

static inline void writes_at_edges(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLOUT | EPOLLET);
	give_all(p->mine[0]);
	post(p->steps);
	for (;;) {
		next_event(ep, -1);
		give_all(p->mine[0]);
	}
}

#endif
