/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guide-wait.h: guide.c's groups about epoll_wait, epoll_pwait and epoll_pwait2.
 */
#ifndef GUIDE_WAIT_H
#define GUIDE_WAIT_H

#include <limits.h>

#include "guide-make.h"

#define MAX_READY ((long)(INT_MAX / sizeof(struct epoll_event))) /* EP_MAX_EVENTS */

static inline void group_wait(struct guide *g)
{
	int ep = do_create1(g, 0, 0);
	int timer = timer_fd(23);

	add(g, ep, timer, EPOLLIN);
	do_wait(g, ep, 3, -1, 1); /* by event, while it blocks */
	want_ready(g, 0, EPOLLIN, (uint64_t)timer);
	del(g, ep, timer);
	close(timer);
	timer = timer_fd(23);
	add(g, ep, timer, EPOLLIN);
	do_wait(g, ep, 3, 10007, 1);
	do_wait(g, ep, 3, -7, 1); /* any negative number means for ever */
	do_wait(g, ep, MAX_READY, 0, 1);
	del(g, ep, timer);
	do_wait(g, ep, 3, 0, 0);
	do_wait(g, ep, 3, 11, 0);
	do_wait(g, ep, 1, 1, 0);
	do_wait_at(g, ep, g->nowhere, 3, 0, 0); /* nothing to write there */
	do_wait_at(g, ep, NULL, 3, 0, 0);
	tick(23000);
	do_wait(g, ep, 3, -1, -EINTR);
	do_wait(g, ep, 3, 10007, -EINTR);
	tick(0);
}

static inline void group_wait_errors(struct guide *g)
{
	const struct epoll_event *last = (const void *)(g->edge - sizeof(*last));
	int ep = do_create1(g, 0, 0);
	int fd = event_fd(1);

	add(g, ep, fd, EPOLLIN);
	do_wait(g, ep, 0, 11, -EINVAL);
	do_wait(g, ep, -3, 0, -EINVAL);
	do_wait_at(g, ep, g->mem->ready, MAX_READY + 1, 0, -EINVAL);
	do_wait(g, fd, 3, 0, -EINVAL);
	do_wait(g, NO_FD, 1, 1, -EBADF);
	do_wait(g, -1, 1, -1, -EBADF);
	do_wait_at(g, ep, g->nowhere, 3, 1, -EFAULT);
	do_wait_at(g, ep, NULL, 3, 1, -EFAULT);
	do_wait_at(g, ep, (const void *)(g->edge - 8), 3, 0, -EFAULT);
	do_wait_at(g, ep, (const void *)(UINTPTR_MAX << 47), 3, 0, -EFAULT);
	do_wait_at(g, ep, last, 3, 0, 1); /* room for one before the edge */
	check(g, last->data.fd == fd);
	add(g, ep, event_fd(1), EPOLLIN);
	do_wait_at(g, ep, last, 3, 0, 1); /* two are ready: one fits, which is no error */
	close(ep);
	do_wait(g, ep, 3, 0, -EBADF);
}

static inline void group_pwait(struct guide *g)
{
	const uint64_t usr1 = SIGNAL(SIGUSR1);
	const uint64_t few = SIGNAL(SIGINT) | usr1 | SIGNAL(36);
	const uint64_t glibc_full = ~(SIGNAL(32) | SIGNAL(33));
	const uint64_t edges = SIGNAL(1) | SIGNAL(31) | SIGNAL(32) | SIGNAL(33) | SIGNAL(64);
	uint64_t *set = &g->mem->sigset;
	struct epoll_event *ready = g->mem->ready;
	int ep = do_create1(g, 0, 0);
	int fd = event_fd(1);

	do_pwait(g, ep, 0, few, 0);
	do_pwait(g, ep, 0, 0, 0);
	do_pwait(g, ep, 11, edges, 0);
	do_pwait(g, ep, 0, glibc_full, 0);
	do_pwait(g, ep, 0, ~UINT64_C(0), 0);
	do_pwait(g, ep, 0, (UINT64_C(1) << 41) - 1, 0); /* the last that is shown in full */
	do_pwait(g, ep, 0, (UINT64_C(1) << 42) - 1, 0);
	do_pwait_at(g, ep, ready, 3, 0, NULL, SIGSET_SIZE, 0);
	do_pwait_at(g, ep, ready, 3, 0, NULL, 4, 0); /* no set: its size does not matter */
	*set = usr1;
	do_pwait_at(g, ep, ready, 3, 0, set, 4, -EINVAL);
	do_pwait_at(g, ep, ready, 3, 0, set, 16, -EINVAL);
	do_pwait_at(g, ep, ready, 3, 0, g->nowhere, SIGSET_SIZE, -EFAULT);
	do_pwait_at(g, ep, ready, 0, 0, set, SIGSET_SIZE, -EINVAL);
	do_pwait_at(g, NO_FD, ready, 3, 0, NULL, SIGSET_SIZE, -EBADF);
	must(raise(SIGUSR1) == 0); /* blocked by main, so it stays pending */
	do_pwait(g, ep, 13, usr1, 0);
	do_pwait(g, ep, -1, few & ~usr1, -EINTR); /* the handler has run: it is gone */
	add(g, ep, fd, EPOLLIN);
	do_pwait(g, ep, -1, few, 1);
	do_pwait_at(g, ep, g->nowhere, 3, -1, set, SIGSET_SIZE, -EFAULT);
}

static inline void group_pwait2(struct guide *g)
{
	uint64_t *set = &g->mem->sigset;
	int ep = do_create1(g, 0, 0);
	int fd = event_fd(1);

	*set = SIGNAL(SIGUSR1) | SIGNAL(SIGTERM);
	if (do_pwait2(g, ep, 0, 1500, NULL, 0) == -ENOSYS) {
		g->skip = true;
		return;
	}
	do_pwait2(g, ep, 0, 0, NULL, 0);
	do_pwait2(g, ep, 0, 11000007, set, 0);
	do_pwait2(g, ep, 0, -1, NULL, -EINVAL);
	do_pwait2(g, ep, 0, 1000000000, set, -EINVAL);
	do_pwait2(g, ep, -1, 0, NULL, -EINVAL);
	do_pwait2_at(g, ep, g->nowhere, set, SIGSET_SIZE, -EFAULT);
	do_pwait2_at(g, ep, NULL, g->nowhere, SIGSET_SIZE, -EFAULT);
	do_pwait2_at(g, ep, NULL, set, 4, -EINVAL);
	do_pwait2_at(g, NO_FD, NULL, NULL, SIGSET_SIZE, -EBADF);
	tick(23000);
	do_pwait2_at(g, ep, NULL, NULL, SIGSET_SIZE, -EINTR);
	do_pwait2_at(g, ep, NULL, set, SIGSET_SIZE, -EINTR);
	do_pwait2(g, ep, 10007, 0, set, -EINTR);
	tick(0);
	add(g, ep, fd, EPOLLIN);
	do_pwait2_at(g, ep, NULL, NULL, SIGSET_SIZE, 1);
	want_ready(g, 0, EPOLLIN, (uint64_t)fd);
	do_pwait2_at(g, ep, NULL, set, SIGSET_SIZE, 1);
	do_pwait2(g, ep, 0, 999999999, set, 1);
	do_pwait2(g, ep, LONG_MAX, 0, NULL, 1);
}

/* Five ready, room for two: level-triggered entries are served in turn. */
static inline void group_batch(struct guide *g)
{
	int ep = do_create1(g, 0, 0);
	unsigned int seen[5] = {0};

	for (uint64_t i = 0; i < 5; i++)
		do_ctl(g, ep, EPOLL_CTL_ADD, event_fd(1), EPOLLIN, i, 0);
	for (int i = 0; i < 5; i++) {
		do_wait(g, ep, 2, -1, 2);
		seen[g->mem->ready[0].data.u64 % 5]++;
		seen[g->mem->ready[1].data.u64 % 5]++;
	}
	for (int i = 0; i < 5; i++)
		check(g, seen[i] == 2);
	do_wait(g, ep, 20, -1, 5);
}

/* More at once than the 32 which strace shows without -v. */
static inline void group_many(struct guide *g)
{
	int ep = do_create1(g, 0, 0);

	for (uint64_t i = 0; i < 53; i++)
		do_ctl(g, ep, EPOLL_CTL_ADD, event_fd(1), EPOLLIN | EPOLLOUT, i * 0x10001, 0);
	do_wait(g, ep, 101, 0, 53);
	for (int i = 0; i < 53; i++)
		want_ready(g, i, EPOLLIN | EPOLLOUT, (uint64_t)i * 0x10001);
	do_wait(g, ep, 47, 0, 47);
}

/* The kernel looks at the lower halves of registers only: so must who prints them. */
static inline void group_width(struct guide *g)
{
	const long junk = (long)(UINT64_C(0x7) << 32);
	int ep = do_create1(g, junk, 0);
	int fd = event_fd(1);

#ifdef SYS_epoll_create
	do_create(g, junk | 5, 0);
#endif
	g->mem->ctl.events = EPOLLIN;
	g->mem->ctl.data.u64 = 0x17;
	do_ctl_at(g, junk | ep, junk | EPOLL_CTL_ADD, junk | fd, &g->mem->ctl, 0);
	do_wait_at(g, junk | ep, g->mem->ready, junk | 3, junk, 1);
	want_ready(g, 0, EPOLLIN, 0x17);
	do_ctl_at(g, junk | ep, junk | EPOLL_CTL_DEL, junk | fd, NULL, 0);
	do_wait_at(g, junk | ep, g->mem->ready, junk | 3, junk, 0);
}

#endif
