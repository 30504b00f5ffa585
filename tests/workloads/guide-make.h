/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guide-make.h: what the groups of guide.c watch, and what makes it ready.
 */
#ifndef GUIDE_MAKE_H
#define GUIDE_MAKE_H

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>

#include "guide-calls.h"
#include "guide-names.h"

#define PATIENCE_MS 20000 /* for what others do; only a failure takes so long */
#define UNKNOWN_BIT 0x1000U
#define NO_FD	    999

/* A timer that goes off again and again: one tick before the wait began does no harm. */
static inline void tick(time_t usec)
{
	const struct itimerval every = {{0, usec}, {0, usec}};

	must(setitimer(ITIMER_REAL, &every, NULL) == 0);
}

static inline int event_fd(unsigned int value)
{
	int fd = eventfd(value, EFD_NONBLOCK);

	must(fd >= 0);
	return fd;
}

static inline int timer_fd(long ms)
{
	const struct itimerspec once = {.it_value = {.tv_nsec = ms * 1000000}};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

	must(fd >= 0);
	must(timerfd_settime(fd, 0, &once, NULL) == 0);
	return fd;
}

/* An address of the loop-back device: FAMILY's own, or IPv4 as IPv6 has it. */
static inline socklen_t loopback(union address *a, int family, bool mapped)
{
	memset(a, 0, sizeof(*a));
	a->any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		a->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(a->v4);
	}
	a->v6.sin6_addr = in6addr_loopback;
	if (mapped)
		must(inet_pton(AF_INET6, "::ffff:127.0.0.1", &a->v6.sin6_addr) == 1);
	return sizeof(a->v6);
}

struct link {
	int listener;
	int client;
	int server;
};

static inline struct link link_up(const union address *at, socklen_t len)
{
	union address a = *at;
	struct link l;

	l.listener = socket(at->any.sa_family, SOCK_STREAM, 0);
	must(l.listener >= 0);
	must(bind(l.listener, &a.any, len) == 0);
	must(listen(l.listener, 3) == 0);
	if (at->any.sa_family != AF_UNIX)
		must(getsockname(l.listener, &a.any, &len) == 0);
	l.client = socket(at->any.sa_family, SOCK_STREAM, 0);
	must(l.client >= 0);
	must(connect(l.client, &a.any, len) == 0);
	l.server = accept(l.listener, NULL, NULL);
	must(l.server >= 0);
	return l;
}

static inline struct link tcp(void)
{
	union address a;
	socklen_t len = loopback(&a, AF_INET, false);

	return link_up(&a, len);
}

/* Until the kernel has carried what was sent to FD: no epoll call, so no line. */
static inline void settle(int fd, short events)
{
	for (int round = 0; round < 1000; round++) {
		struct pollfd p = {.fd = fd, .events = events};

		must(poll(&p, 1, PATIENCE_MS) == 1);
		if ((p.revents & events) == events)
			return;
		poll(NULL, 0, 1);
	}
	fprintf(stderr, "guide: %#x never came\n", (unsigned int)events);
	exit(1);
}

#endif
