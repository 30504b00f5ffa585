/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-ctl.h - scenes about calls of epoll_ctl that fail, and what answers them.
 */
#ifndef MISUSE_CTL_H
#define MISUSE_CTL_H

#include "misuse-handlers.h"

static inline int ctl(int ep, int op, int fd)
{
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(ep, op, fd, &e) ? errno : 0;
}

static inline void adds_again(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN);
	for (int i = 0; i < 3; i++)
		must(ctl(ep, EPOLL_CTL_ADD, p->fd) == EEXIST);
	wait_forever(ep);
}

static inline void adds_and_modifies(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (int i = 0; i < 23; i++) {
		must(ctl(ep, EPOLL_CTL_ADD, p->mine[0]) == EEXIST);
		must(ctl(ep, EPOLL_CTL_MOD, p->mine[0]) == 0);
	}
	wait_forever(ep);
}

static inline void polls_file(struct play *p)
{
	int ep = instance();

	p->fd = open("/etc/passwd", O_RDONLY);
	must(ctl(ep, EPOLL_CTL_ADD, p->fd) == EPERM);
	add(ep, p->mine[0], EPOLLIN);
	wait_forever(ep);
}

/* As libev: a file that cannot be polled is always ready, so no wait blocks. */
static inline void knows_files(struct play *p)
{
	int ep = instance(), fd = open("/etc/passwd", O_RDONLY);

	must(ctl(ep, EPOLL_CTL_ADD, fd) == EPERM);
	add(ep, p->mine[0], EPOLLIN);
	for (int i = 0; i < 23; i++) {
		next_event(ep, 0);
		take(fd, 10);
		rest(p, 1, 50);
	}
	close(fd);
	park();
}

static inline void adds_itself(struct play *p)
{
	int ep = instance();

	p->fd = ep;
	add(ep, p->mine[0], EPOLLIN);
	must(ctl(ep, EPOLL_CTL_ADD, ep) == EINVAL);
	wait_forever(ep);
}

static inline void watches_in_circles(struct play *p)
{
	int a = instance(), b = instance();

	(void)p;
	add(a, b, EPOLLIN);
	p->fd = a;
	must(ctl(b, EPOLL_CTL_ADD, a) == ELOOP);
	wait_forever(a);
}

static inline void registers_twice(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	p->fd = dup(p->mine[0]);
	add(ep, p->fd, EPOLLIN);
	wait_forever(ep);
}

static inline void registers_in_and_out(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	add(ep, dup(p->mine[0]), EPOLLOUT | EPOLLET);
	for (;;)
		next_event(ep, -1);
}

/* 0, or why it failed. */
static inline int ctl_mask(int ep, int op, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};

	return epoll_ctl(ep, op, fd, &e) ? errno : 0;
}

/* More is asked for by an ADD, once. */
static inline void adds_for_more(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN);
	must(ctl_mask(ep, EPOLL_CTL_ADD, p->fd, EPOLLIN | EPOLLPRI) == EEXIST);
	wait_forever(ep);
}

static inline void modifies_for_more(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	must(ctl_mask(ep, EPOLL_CTL_ADD, p->mine[0], EPOLLIN | EPOLLPRI) == EEXIST);
	must(ctl_mask(ep, EPOLL_CTL_MOD, p->mine[0], EPOLLIN | EPOLLPRI) == 0);
	wait_forever(ep);
}

/* Another file has the number, and the program thinks that this is the one that it has added. */
static inline int replaces_file(struct play *p)
{
	int ep = instance();

	add(ep, eventfd(0, EFD_NONBLOCK), EPOLLIN);
	add(ep, p->mine[0], EPOLLIN);
	must(dup2(p->mine[1], p->mine[0]) == p->mine[0]);
	must(ctl(ep, EPOLL_CTL_MOD, p->mine[0]) == ENOENT);
	return ep;
}

static inline void modifies_unknown(struct play *p)
{
	p->fd = p->mine[0];
	wait_forever(replaces_file(p));
}

static inline void modifies_or_adds(struct play *p)
{
	int ep = replaces_file(p);

	must(ctl(ep, EPOLL_CTL_ADD, p->mine[0]) == 0);
	wait_forever(ep);
}

/* What cannot be watched is given up. */
static inline void modifies_or_closes(struct play *p)
{
	int ep = replaces_file(p);

	close(p->mine[0]);
	add(ep, p->mine[1], EPOLLIN);
	wait_forever(ep);
}

static inline void polls_or_closes(struct play *p)
{
	int ep = instance(), fd = open("/etc/passwd", O_RDONLY);

	must(ctl(ep, EPOLL_CTL_ADD, fd) == EPERM);
	add(ep, p->mine[0], EPOLLIN);
	close(fd);
	wait_forever(ep);
}

static inline void modifies_closed(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	close(p->mine[0]);
	must(ctl(ep, EPOLL_CTL_MOD, p->mine[0]) == EBADF);
	wait_forever(ep);
}

static inline void removes_closed(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	close(p->mine[0]);
	must(ctl(ep, EPOLL_CTL_DEL, p->mine[0]) == EBADF);
	wait_forever(ep);
}

/* As libraries that remove whatever they close, be it registered or not. */
static inline void removes_blindly(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	must(ctl(ep, EPOLL_CTL_DEL, p->mine[1]) == ENOENT);
	must(ctl(ep, EPOLL_CTL_DEL, p->mine[0]) == 0);
	must(ctl(ep, EPOLL_CTL_DEL, p->mine[0]) == ENOENT);
	add(ep, p->mine[1], EPOLLIN);
	wait_forever(ep);
}

static inline void modifies_exclusive(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->mine[0], EPOLLIN | EPOLLEXCLUSIVE);
	must(ctl(ep, EPOLL_CTL_MOD, p->mine[0]) == EINVAL);
	wait_forever(ep);
}

static inline void polls_device(struct play *p)
{
	int ep = instance();

	p->fd = open("/dev/null", O_RDONLY);
	must(ctl(ep, EPOLL_CTL_ADD, p->fd) == EPERM);
	add(ep, p->mine[0], EPOLLIN);
	wait_forever(ep);
}

#endif
