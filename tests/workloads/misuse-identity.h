/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-identity.h - scenes about what a number stands for, wrong and right.
 */
#ifndef MISUSE_IDENTITY_H
#define MISUSE_IDENTITY_H

#include "misuse-sound-output.h"
#include "misuse-sound.h"

/* Its number is closed and its file lives on: events go on. */
static inline void reads_copy(struct play *p, int ep, int copy)
{
	p->fd = p->mine[0];
	for (;;) {
		next_event(ep, -1);
		take(copy, 1 << 16);
	}
}

static inline void keeps_copy(struct play *p)
{
	int ep = instance(), copy;

	add(ep, p->mine[0], EPOLLIN);
	copy = dup(p->mine[0]);
	close(p->mine[0]);
	reads_copy(p, ep, copy);
}

static inline void reuses_number(struct play *p)
{
	int ep = instance(), copy;

	add(ep, p->mine[0], EPOLLIN);
	copy = dup(p->mine[0]);
	must(dup2(p->mine[1], p->mine[0]) == p->mine[0]);
	reads_copy(p, ep, copy);
}

/* A child has the file, and not the instance. */
static inline void leaves_to_child(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	if (!fork()) {
		close(ep);
		for (;;) {
			rest(p, 1, 23);
			take(p->mine[0], 1 << 16);
		}
	}
	close(p->mine[0]);
	p->fd = p->mine[0];
	for (;;) {
		next_event(ep, -1);
		rest(p, 1, 11);
	}
}

/* Reads what is reported under a number that is another file's now. */
static inline void reads_successor(struct play *p, int ep)
{
	p->fd = p->mine[0];
	must(dup2(p->mine[1], p->mine[0]) == p->mine[0]);
	add(ep, p->mine[0], EPOLLIN);
	for (;;) {
		next_event(ep, -1);
		take(p->mine[0], 1 << 16);
		rest(p, 1, 100);
	}
}

/* The number's new file is registered with the same data; a child has the old one. */
static inline void reuses_data(struct play *p, bool child_closes, bool removes)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	if (!fork()) {
		if (child_closes)
			close(ep);
		park();
	}
	if (removes)
		must(epoll_ctl(ep, EPOLL_CTL_DEL, p->mine[0], NULL) == 0);
	reads_successor(p, ep);
}

static inline void leaves_old_file(struct play *p)
{
	reuses_data(p, true, false);
}

/* The child has the instance as well, and does nothing with it. */
static inline void leaves_to_idle_child(struct play *p)
{
	reuses_data(p, false, false);
}

static inline void removes_before_reuse(struct play *p)
{
	reuses_data(p, false, true);
}

static inline void sends_on_both(struct play *p)
{
	for (int i = 0; i < 23; i++) {
		give(p->peer[0], 15);
		give(p->peer[1], 15);
		rest(p, 1, 23);
	}
}

static inline void removes_before_close(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	dup(p->mine[0]);
	must(epoll_ctl(ep, EPOLL_CTL_DEL, p->mine[0], NULL) == 0);
	close(p->mine[0]);
	wait_forever(ep);
}

static inline void closes_plainly(struct play *p)
{
	int ep = instance(), copy;

	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	copy = dup(p->mine[0]);
	close(p->mine[0]);
	close(copy);
	wait_forever(ep);
}

/* A batch of two: what the first one brings closes the second, whose number is used again. */
struct batch {
	int ep, fresh;
	struct epoll_event e[2];
};

static inline struct batch open_batch(struct play *p)
{
	struct batch b = {.ep = instance()};

	await(p->turns);
	add(b.ep, p->mine[0], EPOLLIN);
	add(b.ep, p->mine[1], EPOLLIN);
	must(epoll_wait(b.ep, b.e, 2, -1) == 2);
	take(p->mine[0], 100);
	close(p->mine[1]);
	b.fresh = dup(p->mine[2]); /* the lowest number that is free: the one that was closed */
	must(b.fresh == p->mine[1]);
	nonblocking(b.fresh);
	add(b.ep, b.fresh, EPOLLIN);
	return b;
}

static inline void sends_two(struct play *p)
{
	give(p->peer[0], 10);
	give(p->peer[1], 10);
	post(p->turns);
	rest(p, 1, 1);
}

static inline void handles_stale(struct play *p)
{
	struct batch b = open_batch(p);

	p->fd = b.fresh;
	must(!take(b.fresh, 100) && errno == EAGAIN);
	wait_forever(b.ep);
}

static inline void checks_generation(struct play *p)
{
	struct batch b = open_batch(p);

	wait_forever(b.ep);
}

/* Closes what it has to close when all events of the batch have been handled. */
static inline void defers_close(struct play *p)
{
	struct epoll_event e[2];
	int ep = instance(), fresh;

	await(p->turns);
	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	must(epoll_wait(ep, e, 2, -1) == 2);
	take(p->mine[0], 100);
	take(p->mine[1], 100);
	must(epoll_wait(ep, e, 2, 0) == 0);
	close(p->mine[1]);
	fresh = dup(p->mine[2]);
	nonblocking(fresh);
	add(ep, fresh, EPOLLIN);
	wait_forever(ep);
}

#endif
