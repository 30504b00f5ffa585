/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guide-ctl.h: guide.c's groups about epoll_create and epoll_ctl, and about what their flags bring.
 */
#ifndef GUIDE_CTL_H
#define GUIDE_CTL_H

#include "guide-make.h"

static inline void group_create(struct guide *g)
{
#ifdef SYS_epoll_create
	int old = do_create(g, 1, 0);

	check(g, fcntl(old, F_GETFD) == 0);
	do_create(g, 23, 0);
	do_create(g, 0, -EINVAL);
	do_create(g, -1, -EINVAL);
#endif
	int plain = do_create1(g, 0, 0);
	int cloexec = do_create1(g, EPOLL_CLOEXEC, 0);

	check(g, fcntl(plain, F_GETFD) == 0);
	check(g, fcntl(cloexec, F_GETFD) == FD_CLOEXEC);
	do_create1(g, 0x1, -EINVAL);
	do_create1(g, EPOLL_CLOEXEC | 0x40, -EINVAL);
	do_create1(g, 0x7ff, -EINVAL);
	do_create1(g, -1, -EINVAL);
	close(plain); /* the number comes back with another instance */
	check(g, do_create1(g, EPOLL_CLOEXEC, 0) == plain);
}

static inline void group_ctl(struct guide *g)
{
	int ep = do_create1(g, EPOLL_CLOEXEC, 0);
	int fd = event_fd(1);

	add(g, ep, fd, EPOLLIN | EPOLLET);
	do_ctl(g, ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT, 0, 0);
	do_wait(g, ep, 3, 0, 1);
	want_ready(g, 0, EPOLLIN | EPOLLOUT, 0);
	del(g, ep, fd);
	add(g, ep, fd, EPOLLIN);
	do_ctl_at(g, ep, EPOLL_CTL_DEL, fd, &g->mem->ctl, 0);
	add(g, ep, fd, EPOLLIN);
	do_ctl_at(g, ep, EPOLL_CTL_DEL, fd, g->nowhere, 0);
	do_wait(g, ep, 3, 0, 0);
}

/* Each flag alone, on a unix stream socket that has data and room: what comes of it? */
static inline void group_masks(struct guide *g)
{
	const uint32_t all = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM | EPOLLWRBAND;
	const struct {
		uint32_t asked, got;
	} row[] = {
		{EPOLLIN, EPOLLIN},
		{EPOLLPRI, 0},
		{EPOLLOUT, EPOLLOUT},
		{EPOLLERR, 0},
		{EPOLLHUP, 0},
		{EPOLLRDNORM, EPOLLRDNORM},
		{EPOLLRDBAND, 0},
		{EPOLLWRNORM, EPOLLWRNORM},
		{EPOLLWRBAND, EPOLLWRBAND},
		{EPOLLMSG, 0},
		{EPOLLRDHUP, 0},
		{EPOLLIN | EPOLLEXCLUSIVE, EPOLLIN},
		{EPOLLIN | EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLET, EPOLLIN},
		{EPOLLIN | EPOLLWAKEUP, EPOLLIN},
		{EPOLLIN | EPOLLONESHOT, EPOLLIN},
		{EPOLLIN | EPOLLET, EPOLLIN},
		{EPOLLRDNORM | EPOLLRDBAND | EPOLLWRNORM | EPOLLWRBAND,
		 EPOLLRDNORM | EPOLLWRNORM | EPOLLWRBAND},
		{0, 0},
		{UNKNOWN_BIT, 0},
		{EPOLLIN | UNKNOWN_BIT, EPOLLIN},
		{~(uint32_t)EPOLLEXCLUSIVE, all},
	};
	int ep = do_create1(g, 0, 0);
	int end[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, end) == 0);
	must(write(end[1], "x", 1) == 1);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		add(g, ep, end[0], row[i].asked);
		do_wait(g, ep, 3, 0, row[i].got != 0);
		if (row[i].got)
			want_ready(g, 0, row[i].got, (uint64_t)end[0]);
		del(g, ep, end[0]);
	}
}

static inline void group_data(struct guide *g)
{
	static const uint64_t value[] = {
		0, 1, 0x80000000, UINT64_C(0xfedcba9876543210), INT64_MAX, UINT64_MAX};
	int ep = do_create1(g, 0, 0);
	int fd = event_fd(1);

	add(g, ep, fd, EPOLLIN);
	for (size_t i = 0; i < sizeof(value) / sizeof(value[0]); i++) {
		do_ctl(g, ep, EPOLL_CTL_MOD, fd, EPOLLIN, value[i], 0);
		do_wait(g, ep, 3, -1, 1);
		want_ready(g, 0, EPOLLIN, value[i]);
	}
	/* The halves that a program does not set are what was there before. */
	g->mem->ctl.data.u64 = UINT64_C(0x0123456789abcdef);
	g->mem->ctl.data.fd = fd;
	do_ctl_at(g, ep, EPOLL_CTL_MOD, fd, &g->mem->ctl, 0);
	do_wait(g, ep, 3, -1, 1);
	check(g, g->mem->ready[0].data.fd == fd);
	g->mem->ctl.data.u32 = 0xdeadbeef;
	do_ctl_at(g, ep, EPOLL_CTL_MOD, fd, &g->mem->ctl, 0);
	do_wait(g, ep, 3, -1, 1);
	check(g, g->mem->ready[0].data.u32 == 0xdeadbeef);
	g->mem->ctl.data.ptr = &g->mem->timeout;
	do_ctl_at(g, ep, EPOLL_CTL_MOD, fd, &g->mem->ctl, 0);
	do_wait(g, ep, 3, -1, 1);
	check(g, g->mem->ready[0].data.ptr == &g->mem->timeout);
}

static inline void pipe_events(struct guide *g, int ep)
{
	int end[2];

	must(pipe(end) == 0);
	add(g, ep, end[0], EPOLLIN);
	do_wait(g, ep, 3, 0, 0);
	must(write(end[1], "x", 1) == 1);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLIN, (uint64_t)end[0]);
	close(end[1]);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLIN | EPOLLHUP, (uint64_t)end[0]);
	del(g, ep, end[0]);
	close(end[0]);

	must(pipe(end) == 0);
	add(g, ep, end[1], EPOLLOUT);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLOUT, (uint64_t)end[1]);
	close(end[0]);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLOUT | EPOLLERR, (uint64_t)end[1]);
	do_ctl(g, ep, EPOLL_CTL_MOD, end[1], 0, 0x17, 0); /* errors come unasked */
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLERR, 0x17);
	del(g, ep, end[1]);
}

static inline void tcp_events(struct guide *g, int ep)
{
	const struct linger reset = {.l_onoff = 1};
	struct link l = tcp();
	uint64_t data = (uint64_t)l.server;

	add(g, ep, l.server, EPOLLIN | EPOLLPRI | EPOLLRDHUP);
	must(send(l.client, "u", 1, MSG_OOB) == 1);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLPRI, data);
	must(recv(l.server, g->mem->ready, 1, MSG_OOB) == 1);
	must(send(l.client, "x", 1, 0) == 1);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLIN, data);
	must(shutdown(l.client, SHUT_WR) == 0);
	settle(l.server, POLLIN | POLLRDHUP);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLIN | EPOLLRDHUP, data);
	must(setsockopt(l.client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) == 0);
	close(l.client);
	settle(l.server, POLLERR | POLLHUP);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP, data);
	del(g, ep, l.server);
}

static inline void group_events(struct guide *g)
{
	int ep = do_create1(g, EPOLL_CLOEXEC, 0);

	pipe_events(g, ep);
	tcp_events(g, ep);
}

static inline void group_triggers(struct guide *g)
{
	int ep = do_create1(g, EPOLL_CLOEXEC, 0);
	int fd = event_fd(0);
	uint64_t data = (uint64_t)fd;

	add(g, ep, fd, EPOLLIN | EPOLLET);
	for (int i = 0; i < 23; i++) { /* an edge for each write, nothing more without one */
		must(eventfd_write(fd, 1) == 0);
		do_wait(g, ep, 3, -1, 1);
		want_ready(g, 0, EPOLLIN, data);
		do_wait(g, ep, 3, 0, 0);
	}
	do_ctl(g, ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLET, data, 0); /* is an edge too */
	do_wait(g, ep, 3, -1, 1);
	for (int i = 0; i < 7; i++) {
		do_ctl(g, ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT, data, 0);
		do_wait(g, ep, 3, -1, 1);
		do_wait(g, ep, 3, 0, 0);
	}
	do_ctl(g, ep, EPOLL_CTL_ADD, fd, EPOLLIN, data, -EEXIST); /* disarmed is not gone */
	do_ctl(g, ep, EPOLL_CTL_MOD, fd, EPOLLIN, data, 0);
	for (int i = 0; i < 23; i++) {
		do_wait(g, ep, 3, -1, 1);
		want_ready(g, 0, EPOLLIN, data);
	}
	del(g, ep, fd);
	for (int i = 0; i < 101; i++)
		do_wait(g, ep, 3, 0, 0);
}

static inline void group_ctl_errors(struct guide *g)
{
	const char *page_end = g->edge;
	int ep = do_create1(g, 0, 0);
	int fd = event_fd(0);
	int regular = memfd_create("guide", 0);

	must(regular >= 0);
	do_ctl(g, NO_FD, EPOLL_CTL_ADD, fd, EPOLLIN, 4, -EBADF);
	do_ctl(g, -1, EPOLL_CTL_ADD, fd, EPOLLIN, 4, -EBADF);
	do_ctl(g, ep, EPOLL_CTL_ADD, NO_FD, EPOLLIN, 4, -EBADF);
	do_ctl(g, ep, EPOLL_CTL_ADD, -5, 0, 4, -EBADF);
	do_ctl_at(g, ep, EPOLL_CTL_DEL, NO_FD, NULL, -EBADF);
	do_ctl(g, ep, EPOLL_CTL_MOD, fd, EPOLLIN, 4, -ENOENT);
	do_ctl_at(g, ep, EPOLL_CTL_DEL, fd, &g->mem->ctl, -ENOENT);
	do_ctl_at(g, ep, EPOLL_CTL_DEL, fd, NULL, -ENOENT);
	do_ctl_at(g, ep, EPOLL_CTL_ADD, fd, g->nowhere, -EFAULT);
	do_ctl_at(g, ep, EPOLL_CTL_ADD, fd, NULL, -EFAULT);
	do_ctl_at(g, ep, EPOLL_CTL_MOD, fd, (const void *)(page_end - 6), -EFAULT);
	add(g, ep, fd, EPOLLIN);
	do_ctl(g, ep, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT, 0x17, -EEXIST);
	do_ctl(g, ep, EPOLL_CTL_ADD, ep, EPOLLIN, 4, -EINVAL);
	do_ctl(g, fd, EPOLL_CTL_ADD, ep, EPOLLIN, 4, -EINVAL);
	do_ctl(g, regular, EPOLL_CTL_ADD, fd, EPOLLIN, 4, -EINVAL);
	do_ctl(g, ep, 7, fd, EPOLLIN, 4, -EINVAL);
	do_ctl(g, ep, -1, fd, EPOLLIN, 4, -EINVAL);
	do_ctl(g, ep, 0, fd, EPOLLIN, 4, -EINVAL);
	do_ctl_at(g, ep, 0, fd, NULL, -EFAULT);
	do_ctl(g, ep, EPOLL_CTL_ADD, regular, EPOLLIN, 4, -EPERM);
	do_ctl_at(g, ep, EPOLL_CTL_DEL, regular, NULL, -EPERM);
	close(fd);
	do_ctl_at(g, ep, EPOLL_CTL_DEL, fd, NULL, -EBADF);
	close(ep);
	do_ctl(g, ep, EPOLL_CTL_ADD, 0, EPOLLIN, 4, -EBADF);
}

static inline void group_exclusive(struct guide *g)
{
	const uint32_t exclusive = EPOLLIN | EPOLLEXCLUSIVE;
	int ep = do_create1(g, 0, 0);
	int inner = do_create1(g, 0, 0);
	int fd = event_fd(1);

	do_ctl(g, ep, EPOLL_CTL_ADD, fd, exclusive | EPOLLONESHOT, 4, -EINVAL);
	do_ctl(g, ep, EPOLL_CTL_ADD, fd, exclusive | EPOLLRDHUP, 4, -EINVAL);
	do_ctl(g, ep, EPOLL_CTL_ADD, fd, ~0U, 4, -EINVAL);
	do_ctl(g, ep, EPOLL_CTL_ADD, inner, exclusive, 4, -EINVAL);
	add(g, ep, fd, exclusive | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET);
	do_ctl(g, ep, EPOLL_CTL_MOD, fd, EPOLLIN, 4, -EINVAL);
	do_ctl(g, ep, EPOLL_CTL_MOD, fd, exclusive, 4, -EINVAL);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLIN | EPOLLOUT, (uint64_t)fd);
	del(g, ep, fd);
	add(g, ep, fd, EPOLLIN);
	do_ctl(g, ep, EPOLL_CTL_MOD, fd, exclusive, 4, -EINVAL);
}

static inline void group_nested(struct guide *g)
{
	int outer = do_create1(g, 0, 0);
	int inner = do_create1(g, 0, 0);
	int fd = event_fd(1);
	int chain[7];

	add(g, outer, inner, EPOLLIN);
	do_ctl(g, inner, EPOLL_CTL_ADD, outer, EPOLLIN, 4, -ELOOP);
	add(g, inner, fd, EPOLLIN);
	do_wait(g, outer, 3, -1, 1);
	want_ready(g, 0, EPOLLIN, (uint64_t)inner);
	do_wait(g, inner, 3, -1, 1);
	want_ready(g, 0, EPOLLIN, (uint64_t)fd);
	for (int i = 0; i < 7; i++) {
		chain[i] = do_create1(g, 0, 0);
		if (i) /* five deep at most (EP_MAX_NESTS): the sixth stays apart */
			do_ctl(g, chain[i], EPOLL_CTL_ADD, chain[i - 1], EPOLLIN, 4,
			       i == 5 ? -ELOOP : 0);
	}
}

#endif
