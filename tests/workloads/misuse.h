/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse.h - what the scenes of misuse.c are made of. A scene has two processes: the program, which
 * uses epoll, and the world, which is its peer, holds the end state for a while and ends it.
 */
#ifndef MISUSE_H
#define MISUSE_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Shared by both processes. */
struct play {
	int hold_ms;
	int fd;	      /* that the finding is to name; -1: it is about an instance */
	int mine[8];  /* the program's descriptors */
	int peer[8];  /* the world's */
	int count;    /* of either */
	int steps[2]; /* from the program to the world */
	int go[2];    /* the program may begin */
	int turns[2]; /* from the world to the program */
	pid_t program;
	pid_t pid; /* whom the finding is about: the program, unless it says so */
};

static inline void must_(int ok, const char *what, int line)
{
	if (ok)
		return;
	fprintf(stderr, "misuse:%d: %s: %s\n", line, what, strerror(errno));
	_exit(1);
}
#define must(what) must_(!!(what), #what, __LINE__)

/* One side posts that it has got somewhere, and the other awaits it. */
static inline void post(const int pipe_[2])
{
	must(write(pipe_[1], "", 1) == 1);
}

static inline void await(const int pipe_[2])
{
	char c;

	must(read(pipe_[0], &c, 1) == 1);
}

/* The time in which nothing happens: a part of the hold. */
static inline void rest(const struct play *p, int part, int of)
{
	poll(NULL, 0, p->hold_ms * part / of);
}

static inline void nonblocking(int fd)
{
	must(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

static inline int instance(void)
{
	int ep = epoll_create1(EPOLL_CLOEXEC);

	must(ep >= 0);
	return ep;
}

static inline void add(int ep, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};

	must(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) == 0);
}

static inline void mod(int ep, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};

	must(epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e) == 0);
}

/* Waits for one event; its descriptor, -1: the time is over. */
static inline int next_event(int ep, int timeout_ms)
{
	struct epoll_event e;
	int n = epoll_wait(ep, &e, 1, timeout_ms);

	must(n >= 0);
	return n ? e.data.fd : -1;
}

/* As a program that hangs: nothing is to come, and if something does it is left alone. */
static inline void wait_forever(int ep)
{
	for (;;)
		next_event(ep, -1);
}

static inline size_t take(int fd, size_t most)
{
	static char data[1 << 16];
	ssize_t n = read(fd, data, most < sizeof(data) ? most : sizeof(data));

	return n > 0 ? (size_t)n : 0;
}

static inline void take_all(int fd)
{
	while (take(fd, 1 << 16))
		;
}

static inline void give(int fd, size_t count)
{
	static const char data[1 << 16];

	must(write(fd, data, count) == (ssize_t)count);
}

/* Writes until there is no room. */
static inline void give_all(int fd)
{
	static const char data[1 << 12];

	while (write(fd, data, sizeof(data)) > 0)
		;
	must(errno == EAGAIN);
}

/* A connection between program and world; the program's end does not block. */
static inline int pair(struct play *p, int program_end, int world_end)
{
	nonblocking(program_end);
	p->mine[p->count] = program_end;
	p->peer[p->count] = world_end;
	return p->count++;
}

static inline int pair_pipe(struct play *p)
{
	int fds[2];

	must(pipe(fds) == 0);
	return pair(p, fds[0], fds[1]);
}

static inline int pair_unix(struct play *p)
{
	int fds[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	return pair(p, fds[0], fds[1]);
}

/* A listener on loopback; *ret_at is its address. */
static inline int listener(struct sockaddr_in *ret_at)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	must(fd >= 0 && !bind(fd, (struct sockaddr *)&at, len) && !listen(fd, 23));
	must(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	*ret_at = at;
	return fd;
}

static inline int connect_to(const struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	must(fd >= 0 && !connect(fd, (const struct sockaddr *)at, sizeof(*at)));
	return fd;
}

static inline int pair_tcp(struct play *p)
{
	struct sockaddr_in at;
	int l = listener(&at), peer = connect_to(&at), mine = accept(l, NULL, NULL);

	must(mine >= 0);
	close(l);
	return pair(p, mine, peer);
}

static inline int pair_udp(struct play *p)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int mine = socket(AF_INET, SOCK_DGRAM, 0), peer = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(at);

	must(mine >= 0 && peer >= 0 && !bind(peer, (struct sockaddr *)&at, len));
	must(!getsockname(peer, (struct sockaddr *)&at, &len));
	must(!connect(mine, (struct sockaddr *)&at, len));
	return pair(p, mine, peer);
}

/* A listener that the program has, and connections that the world has made to it. */
static inline int pair_listener(struct play *p, int connections)
{
	struct sockaddr_in at;
	int l = listener(&at), i = pair(p, l, connect_to(&at));

	while (--connections)
		connect_to(&at);
	return i;
}

/* A thread of the program. */
static inline pthread_t thread(void *(*body)(void *), void *arg)
{
	pthread_t t;

	must(pthread_create(&t, NULL, body, arg) == 0);
	return t;
}

/* Parks the calling thread in a futex, without a time-out. */
static inline void park(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&lock);
	for (;;)
		pthread_cond_wait(&never, &lock);
}

#endif
