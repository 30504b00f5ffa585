/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-handlers.h - scenes of threads that handle what one instance reports, wrong and right.
 */
#ifndef MISUSE_HANDLERS_H
#define MISUSE_HANDLERS_H

#include "misuse-shared.h"

/* Two threads that handle what an instance reports; each is posted when to go on. */
struct handler {
	struct play *p;
	int ep, rearm;
	pthread_mutex_t turn; /* of the slow one */
};

static inline void *handles(void *arg)
{
	struct handler *h = arg;

	for (;;) {
		int fd = next_event(h->ep, -1);

		take(fd, 10);
		post(h->p->steps);
		rest(h->p, 1, 11);
		take_all(fd);
		if (h->rearm)
			mod(h->ep, fd, EPOLLIN | EPOLLONESHOT);
	}
	return NULL;
}

static inline void handle_in_two(struct play *p, uint32_t flags)
{
	struct handler h = {p, instance(), flags == EPOLLONESHOT, PTHREAD_MUTEX_INITIALIZER};

	add(h.ep, p->mine[0], EPOLLIN | flags);
	thread(handles, &h);
	thread(handles, &h);
	park();
}

static inline void handles_at_once(struct play *p)
{
	p->fd = p->mine[0];
	handle_in_two(p, 0);
}

static inline void handles_oneshot(struct play *p)
{
	handle_in_two(p, EPOLLONESHOT);
}

static inline void handles_exclusive(struct play *p)
{
	handle_in_two(p, EPOLLEXCLUSIVE);
}

/* As runtimes do, in which any thread may wait. */
static inline void handles_cached(struct play *p)
{
	handle_in_two(p, EPOLLOUT | EPOLLET);
}

/* Level-triggered input that is there before the first thread has come back. */
static inline void sends_while_handled(struct play *p)
{
	for (int i = 0; i < 3; i++) {
		give(p->peer[0], 40);
		await(p->steps);
		rest(p, 1, 4);
	}
	rest(p, 1, 4);
}

static inline void *accepts(void *arg)
{
	struct handler *h = arg;

	for (;;) {
		int fd = next_event(h->ep, -1);
		int c = accept4(fd, NULL, NULL, SOCK_NONBLOCK);

		rest(h->p, 1, 23);
		if (c >= 0)
			close(c);
	}
	return NULL;
}

static inline void accepts_in_two(struct play *p)
{
	struct handler h = {p, instance(), 0, PTHREAD_MUTEX_INITIALIZER};

	add(h.ep, p->mine[0], EPOLLIN);
	thread(accepts, &h);
	thread(accepts, &h);
	park();
}

#endif
