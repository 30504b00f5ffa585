/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-watch.h - scenes about what is watched by nobody, or by the wrong one, and by what is no
 * instance; wrong and right.
 */
#ifndef MISUSE_WATCH_H
#define MISUSE_WATCH_H

#include "misuse-sound.h"

/* A connection is registered, had its event, and its number is another connection's then. */
static inline int uses_number_again(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->mine[0], EPOLLIN);
	next_event(ep, -1);
	take_all(p->mine[0]);
	must(dup2(p->mine[1], p->mine[0]) == p->mine[0]);
	close(p->mine[1]);
	return ep;
}

static inline void removes(int ep, int fd)
{
	must(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL) == 0);
}

static inline void deletes_late(struct play *p)
{
	int ep = uses_number_again(p);

	add(ep, p->mine[0], EPOLLIN);
	removes(ep, p->mine[0]);
	post(p->steps);
	wait_forever(ep);
}

static inline void forgets_close(struct play *p)
{
	int ep = uses_number_again(p);

	post(p->steps);
	wait_forever(ep);
}

static inline void sends_to_next(struct play *p)
{
	give(p->peer[0], 7);
	await(p->steps);
	give(p->peer[1], 300);
	rest(p, 1, 1);
}

static inline void empties(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	removes(ep, p->mine[0]);
	wait_forever(ep);
}

/* Registered in time, though late. */
static inline void registers_later(struct play *p)
{
	int ep = uses_number_again(p);

	post(p->steps);
	rest(p, 1, 13);
	add(ep, p->mine[0], EPOLLIN);
	for (;;) {
		next_event(ep, -1);
		take_all(p->mine[0]);
	}
}

static inline void modifies_then_adds(struct play *p)
{
	int ep = uses_number_again(p);
	struct epoll_event e = {.events = EPOLLIN, .data.fd = p->mine[0]};

	must(epoll_ctl(ep, EPOLL_CTL_MOD, p->mine[0], &e) < 0 && errno == ENOENT);
	add(ep, p->mine[0], EPOLLIN);
	post(p->steps);
	for (;;) {
		next_event(ep, -1);
		take_all(p->mine[0]);
	}
}

/* The number is now that of a connection which the thread reads when it wants to. */
static inline void reads_blocking(struct play *p)
{
	int ep = uses_number_again(p);

	must(!fcntl(p->mine[0], F_SETFL, fcntl(p->mine[0], F_GETFL) & ~O_NONBLOCK));
	add(ep, p->mine[2], EPOLLIN);
	post(p->steps);
	wait_forever(ep);
}

/* Reading is paused, after an event. */
static inline void removes_to_pause(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	next_event(ep, -1);
	removes(ep, p->mine[0]);
	wait_forever(ep);
}

/* Another call watches it from now on. */
static inline void goes_over_to_poll(struct play *p)
{
	struct pollfd other = {.fd = p->mine[1], .events = POLLIN};
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	removes(ep, p->mine[0]);
	post(p->turns);
	for (;;)
		poll(&other, 1, -1);
}

static inline void sends_when_told(struct play *p)
{
	await(p->turns);
	give(p->peer[0], 300);
	rest(p, 1, 1);
}

/* Others accept from it. */
static inline void leaves_listener(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[1], EPOLLIN);
	add(ep, p->mine[0], EPOLLIN);
	removes(ep, p->mine[0]);
	wait_forever(ep);
}

static inline void listener_and_unix(struct play *p)
{
	pair_listener(p, 2);
	pair_unix(p);
}

static inline void *waits_in_empty(void *fd)
{
	int ep = instance();

	add(ep, *(int *)fd, EPOLLIN);
	removes(ep, *(int *)fd);
	wait_forever(ep);
	return NULL;
}

/* A thread that waits to be given something to watch. */
static inline void keeps_spare_thread(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	thread(waits_in_empty, &p->mine[1]);
	wait_forever(ep);
}

static inline void loses_instance(struct play *p)
{
	int ep = instance();
	struct epoll_event e;

	add(ep, p->mine[0], EPOLLIN);
	must(dup2(p->mine[0], ep) == ep);
	for (;;) {
		must(epoll_wait(ep, &e, 1, -1) < 0 && errno == EINVAL);
		poll(NULL, 0, 10);
	}
}

static inline void ends_at_ebadf(struct play *p)
{
	int ep = instance();
	struct epoll_event e;

	add(ep, p->mine[0], EPOLLIN);
	close(ep);
	must(epoll_wait(ep, &e, 1, -1) < 0 && errno == EBADF);
}

/* One of two who wait for one pipe by instances of their own; the one that was made first is woken. */
struct worker {
	struct play *p;
	int ep;
	bool takes; /* little by little */
};

static inline void *shares_pipe(void *arg)
{
	struct worker *w = arg;

	next_event(w->ep, -1);
	for (;;) {
		poll(NULL, 0, 50);
		if (w->takes)
			take(w->p->mine[0], 1);
	}
	return NULL;
}

static inline void share_pipe(struct play *p, bool takes)
{
	static struct worker workers[2];

	p->fd = p->mine[0];
	for (int i = 0; i < 2; i++) {
		workers[i] = (struct worker){p, instance(), takes};
		add(workers[i].ep, p->fd, EPOLLIN | EPOLLEXCLUSIVE);
	}
	for (int i = 0; i < 2; i++)
		thread(shares_pipe, &workers[i]);
	post(p->steps);
}

static inline void is_told_when_busy(struct play *p)
{
	share_pipe(p, false);
}

static inline void takes_bit_by_bit(struct play *p)
{
	share_pipe(p, true);
}

/* Both are in their waits by then. */
static inline void sends_after_a_while(struct play *p)
{
	await(p->steps);
	rest(p, 1, 23);
	give(p->peer[0], 2000);
	rest(p, 22, 23);
}

static int stop;

static inline void *ends_when_told(void *ep)
{
	next_event(*(int *)ep, -1);
	return NULL;
}

static inline void *goes_on_when_told(void *ep)
{
	wait_forever(*(int *)ep);
	return NULL;
}

/* Three threads wait on one instance, and the notifier is written once. */
static inline void notify_once(struct play *p, void *(*body)(void *))
{
	static int ep;
	pthread_t threads[3];

	ep = instance();
	stop = eventfd(0, EFD_NONBLOCK);
	p->fd = stop;
	add(ep, stop, EPOLLIN | EPOLLET);
	for (int i = 0; i < 3; i++)
		threads[i] = thread(body, &ep);
	rest(p, 1, 23);
	must(eventfd_write(stop, 1) == 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
}

static inline void ends_one_of_three(struct play *p)
{
	notify_once(p, ends_when_told);
}

static inline void wakes_one_of_three(struct play *p)
{
	notify_once(p, goes_on_when_told);
}

/* Connections that are registered by a number or by another one, for a moment, and then done with. */
static inline void use_for_a_moment(struct play *p, bool by_dup, bool keep)
{
	int ep = instance(), fds[2], fd;

	for (int i = 0; i < 43; i++) {
		must(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
		fd = by_dup ? dup(fds[0]) : fds[0];
		add(ep, fd, EPOLLIN);
		removes(ep, fd);
		if (by_dup)
			close(fds[0]);
		if (!keep)
			close(fd);
		rest(p, 1, 43);
	}
}

static inline void leaks_numbers(struct play *p)
{
	use_for_a_moment(p, true, true);
}

static inline void closes_numbers(struct play *p)
{
	use_for_a_moment(p, true, false);
}

static inline void keeps_for_later(struct play *p)
{
	use_for_a_moment(p, false, true);
}

#endif
