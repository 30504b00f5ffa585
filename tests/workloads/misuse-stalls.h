/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* misuse-stalls.h - scenes of programs that hang: nothing comes for what waits. */
#ifndef MISUSE_STALLS_H
#define MISUSE_STALLS_H

#include "misuse.h"

#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

/* The guide's mistake: half of what came is read. */
static inline void half_reader(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLET);
	next_event(ep, -1);
	take(p->fd, 1000);
	wait_forever(ep);
}

static inline void sends_2000(struct play *p)
{
	give(p->peer[0], 2000);
	rest(p, 1, 1);
}

/* A program that wakes by itself now and then, and reads so much at each event. */
static inline void fixed_reader(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLET);
	for (;;)
		if (next_event(ep, 50) >= 0)
			take(p->fd, 1000);
}

static inline void sends_more_and_more(struct play *p)
{
	give(p->peer[0], 9000);
	for (int i = 0; i < 4; i++) {
		rest(p, 1, 5);
		give(p->peer[0], 100);
	}
	rest(p, 1, 5);
}

static inline void eof_misser(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	await(p->turns);
	add(ep, p->fd, EPOLLIN | EPOLLET);
	next_event(ep, -1);
	take(p->fd, 1000);
	wait_forever(ep);
}

static inline void sends_and_closes(struct play *p)
{
	give(p->peer[0], 500);
	must(shutdown(p->peer[0], SHUT_WR) == 0);
	post(p->turns);
	rest(p, 1, 1);
}

/* A scan has seen by then that there is nothing. */
static inline void sends_late(struct play *p)
{
	await(p->steps);
	rest(p, 1, 3);
	give(p->peer[0], 2000);
	rest(p, 2, 3);
}

/* Half of a message is left where it is: how much there is was asked for. */
static inline void leaves_incomplete(struct play *p)
{
	int ep = instance(), n;

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLET);
	post(p->steps);
	next_event(ep, -1);
	must(!ioctl(p->fd, FIONREAD, &n) && n == 2000);
	wait_forever(ep);
}

/* O_NONBLOCK is taken away from what is watched already. */
static inline void takes_nonblock_away(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLET);
	must(!fcntl(p->fd, F_SETFL, fcntl(p->fd, F_GETFL) & ~O_NONBLOCK));
	next_event(ep, -1);
	take(p->fd, 300);
	wait_forever(ep);
}

static inline void accepts_one(struct play *p)
{
	int ep = instance(), c;

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLET);
	next_event(ep, -1);
	c = accept4(p->fd, NULL, NULL, SOCK_NONBLOCK);
	must(c >= 0);
	add(ep, c, EPOLLIN | EPOLLET);
	wait_forever(ep);
}

static inline void write_forgetter(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLET);
	give_all(p->fd);
	post(p->steps);
	wait_forever(ep);
}

static inline void drains_late(struct play *p)
{
	await(p->steps);
	rest(p, 1, 4);
	nonblocking(p->peer[0]);
	take_all(p->peer[0]);
	rest(p, 3, 4);
}

static inline void oneshot_forgetter(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLONESHOT);
	next_event(ep, -1);
	take_all(p->fd);
	post(p->steps);
	wait_forever(ep);
}

/* One direction's event disarms both: the program has no reader left, and forgets its writer. */
static inline void oneshot_writer(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLOUT | EPOLLONESHOT);
	next_event(ep, -1);
	give_all(p->fd);
	mod(ep, p->fd, EPOLLIN | EPOLLOUT | EPOLLONESHOT);
	post(p->steps);
	next_event(ep, -1);
	take_all(p->fd);
	wait_forever(ep);
}

static inline void sends_then_drains(struct play *p)
{
	await(p->steps);
	give(p->peer[0], 300);
	rest(p, 1, 4);
	nonblocking(p->peer[0]);
	take_all(p->peer[0]);
	rest(p, 3, 4);
}

/* Half a message finds room, and the rest is forgotten. */
static inline void writes_short(struct play *p)
{
	static const char data[1 << 20];
	ssize_t n = sizeof(data);
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLET);
	while (n == sizeof(data))
		n = write(p->fd, data, sizeof(data));
	must(n > 0);
	post(p->steps);
	wait_forever(ep);
}

static inline void sends_again(struct play *p)
{
	give(p->peer[0], 7);
	await(p->steps);
	give(p->peer[0], 300);
	rest(p, 1, 1);
}

/* A timer that expires first after a millisecond; with a period of so many, 0: once. */
static inline int new_timer(int period_ms)
{
	struct itimerspec at = {.it_value.tv_nsec = 1000000,
				.it_interval.tv_nsec = period_ms * 1000000L};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

	must(fd >= 0 && !timerfd_settime(fd, 0, &at, NULL));
	return fd;
}

static inline void timer_forgetter(struct play *p)
{
	struct itimerspec at = {.it_value.tv_nsec = 1000000, .it_interval.tv_nsec = 7000000};
	int ep = instance();

	p->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	must(p->fd >= 0);
	add(ep, p->fd, EPOLLIN | EPOLLET);
	must(!timerfd_settime(p->fd, 0, &at, NULL));
	next_event(ep, -1);
	wait_forever(ep);
}

static inline int new_signalfd(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	must(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	must(fd >= 0);
	return fd;
}

/* Of two signals one is read. */
static inline void signal_forgetter(struct play *p)
{
	struct signalfd_siginfo info;
	int ep = instance();

	p->fd = new_signalfd();
	must(!kill(getpid(), SIGUSR1) && !kill(getpid(), SIGUSR2));
	add(ep, p->fd, EPOLLIN | EPOLLET);
	next_event(ep, -1);
	must(read(p->fd, &info, sizeof(info)) == sizeof(info));
	wait_forever(ep);
}

static inline void inotify_forgetter(struct play *p)
{
	char dir[] = "/tmp/misuse-XXXXXX";
	int ep = instance();

	p->fd = inotify_init1(IN_NONBLOCK);
	must(p->fd >= 0 && mkdtemp(dir) && inotify_add_watch(p->fd, dir, IN_ALL_EVENTS) >= 0);
	must(chmod(dir, 0700) == 0 && rmdir(dir) == 0);
	add(ep, p->fd, EPOLLIN | EPOLLET);
	next_event(ep, -1);
	wait_forever(ep);
}

/* Nothing asks for what comes. */
static inline void not_interested(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLRDHUP);
	add(ep, p->mine[1], EPOLLIN);
	wait_forever(ep);
}

static inline void blocking(int fd)
{
	must(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) == 0);
}

static inline void blocking_reader(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	blocking(p->fd);
	add(ep, p->fd, EPOLLIN | EPOLLET);
	for (;;) {
		next_event(ep, -1);
		take(p->fd, 1 << 16);
	}
}

/* A head, and what it says that follows: two reads an event. */
static inline void reads_twice(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	blocking(p->fd);
	add(ep, p->fd, EPOLLIN);
	for (;;) {
		next_event(ep, -1);
		take(p->fd, 10);
		take(p->fd, 1490);
	}
}

/* It reads until EAGAIN, which does not come. */
static inline void stuck_reader(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	blocking(p->fd);
	add(ep, p->fd, EPOLLIN | EPOLLET);
	next_event(ep, -1);
	take_all(p->fd);
}

static inline void sends_300(struct play *p)
{
	give(p->peer[0], 300);
	rest(p, 1, 1);
}

/* A thread waits; the program closes what it waits on. */
static inline void *waits_on(void *ep)
{
	for (;;) {
		struct epoll_event e;

		if (epoll_wait(*(int *)ep, &e, 1, -1) < 0)
			park();
	}
	return NULL;
}

static inline void closes_instance(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	thread(waits_on, &ep);
	rest(p, 1, 4);
	close(ep);
	park();
}

static inline void closes_last_entry(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN);
	thread(waits_on, &ep);
	rest(p, 1, 4);
	close(p->fd);
	park();
}

#endif
