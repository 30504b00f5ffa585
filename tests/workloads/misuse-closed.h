/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-closed.h - scenes about what one thread closes while another one waits for it.
 */
#ifndef MISUSE_CLOSED_H
#define MISUSE_CLOSED_H

#include "misuse-ctl.h"

/* A loop with a descriptor to wake it, as every real one has. */
struct woken_loop {
	struct play *p;
	int ep, wake;
	uint32_t flags; /* of what it watches besides */
	int at_work[2]; /* the loop says that it has registered, or handed over */
};

static inline void wake(const struct woken_loop *l)
{
	must(eventfd_write(l->wake, 1) == 0);
}

/* Registers what the number is, once more each time that it is woken. */
static inline void *watches(void *arg)
{
	struct woken_loop *l = arg;
	eventfd_t n;

	add(l->ep, l->wake, EPOLLIN);
	add(l->ep, l->p->mine[0], EPOLLIN | l->flags);
	for (;;) {
		post(l->at_work);
		if (next_event(l->ep, -1) == l->wake && !eventfd_read(l->wake, &n) &&
		    fcntl(l->p->mine[0], F_GETFD) >= 0)
			ctl(l->ep, EPOLL_CTL_ADD, l->p->mine[0]);
	}
	return NULL;
}

static inline struct woken_loop start_loop(struct play *p, uint32_t flags)
{
	struct woken_loop l = {.p = p, .ep = instance(), .flags = flags};

	l.wake = eventfd(0, EFD_NONBLOCK);
	must(l.wake >= 0 && !pipe(l.at_work));
	return l;
}

static inline void closes_under_wait(struct play *p)
{
	struct woken_loop l = start_loop(p, 0);

	p->fd = p->mine[0];
	thread(watches, &l);
	await(l.at_work);
	rest(p, 1, 11);
	close(p->fd);
	park();
}

/* The second close of the number is that of another file. */
static inline void closes_twice(struct play *p)
{
	struct woken_loop l = start_loop(p, 0);

	p->fd = p->mine[0];
	thread(watches, &l);
	await(l.at_work);
	close(p->fd);
	must(dup(p->mine[1]) == p->fd);
	close(p->mine[1]);
	wake(&l);
	await(l.at_work);
	rest(p, 1, 11);
	close(p->fd);
	park();
}

static inline void closes_and_wakes(struct play *p)
{
	struct woken_loop l = start_loop(p, 0);

	thread(watches, &l);
	await(l.at_work);
	rest(p, 1, 11);
	close(p->mine[0]);
	wake(&l);
	park();
}

/* The event is handed over, and who got it closes the file. */
static inline void hand_over(struct play *p, uint32_t flags)
{
	struct woken_loop l = start_loop(p, flags);

	thread(watches, &l);
	await(l.at_work);
	await(l.at_work);
	take_all(p->mine[0]);
	close(p->mine[0]);
	park();
}

static inline void pool_closes(struct play *p)
{
	hand_over(p, EPOLLONESHOT);
}

static inline void pool_closes_edge(struct play *p)
{
	hand_over(p, EPOLLET);
}

/* Either of two that wait on one instance closes what it is notified of. */
static inline void *closes_its_event(void *arg)
{
	struct handler *h = arg;

	for (;;) {
		int fd = next_event(h->ep, -1);

		take_all(fd);
		close(fd);
		post(h->p->steps);
	}
	return NULL;
}

static inline void loops_close(struct play *p)
{
	struct handler h = {p, instance(), 0, PTHREAD_MUTEX_INITIALIZER};

	add(h.ep, p->mine[0], EPOLLIN);
	add(h.ep, p->mine[1], EPOLLIN);
	thread(closes_its_event, &h);
	thread(closes_its_event, &h);
	park();
}

static inline void sends_to_both(struct play *p)
{
	rest(p, 1, 11);
	give(p->peer[0], 10);
	await(p->steps);
	rest(p, 10, 11);
}

#endif
