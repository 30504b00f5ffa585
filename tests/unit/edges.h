/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * edges.h - what the rules stand on is measured again: one instance, one entry, and what it reports.
 */
#ifndef ET_UNIT_EDGES_H
#define ET_UNIT_EDGES_H

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SOON_MS 2000 /* for what must come; what must not come has come by then or never does */

static int ep;

static inline void watch(int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};

	if (ep > 0)
		close(ep);
	ep = epoll_create1(0);
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
}

static inline void rearm(int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};

	CHECK(!epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e));
}

/* What the next wait reports, 0: nothing now. */
static inline uint32_t reported(void)
{
	struct epoll_event e = {0};

	return epoll_wait(ep, &e, 1, 0) == 1 ? e.events : 0;
}

/* The same for what is under way: the network of the machine, a timer. */
static inline uint32_t reported_soon(void)
{
	struct epoll_event e = {0};

	return epoll_wait(ep, &e, 1, SOON_MS) == 1 ? e.events : 0;
}

static inline ssize_t takes(int fd, size_t most)
{
	static char data[1 << 20];

	return read(fd, data, most);
}

static inline void gives(int fd, size_t count)
{
	static const char data[1 << 16];

	CHECK(write(fd, data, count) == (ssize_t)count);
}

static inline void no_wait(int fd)
{
	CHECK(!fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK));
}

static inline void pair(int fds[2], int domain, int type)
{
	CHECK(!socketpair(domain, type, 0, fds));
	no_wait(fds[0]);
}

static inline int listens(struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	*at = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)at, len) && !listen(fd, 7));
	CHECK(!getsockname(fd, (struct sockaddr *)at, &len));
	return fd;
}

static inline int connects(const struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(!connect(fd, (const struct sockaddr *)at, sizeof(*at)));
	return fd;
}

/* Both ends of a TCP connection; the first does not block. */
static inline void pair_tcp(int fds[2])
{
	struct sockaddr_in at;
	int l = listens(&at);

	fds[1] = connects(&at);
	fds[0] = accept4(l, NULL, NULL, SOCK_NONBLOCK);
	CHECK(fds[0] >= 0);
	close(l);
}

static inline void done(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

#endif
