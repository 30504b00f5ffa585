/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-shared.h - scenes about an instance that several processes have, wrong and right.
 */
#ifndef MISUSE_SHARED_H
#define MISUSE_SHARED_H

#include "misuse-identity.h"

#include <sys/wait.h>

/* Workers have instances of their own, and close the one that they inherit. */
static inline void preforks(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (int i = 0; i < 2; i++) {
		if (fork())
			continue;
		close(ep);
		ep = instance();
		add(ep, p->mine[0], EPOLLIN | EPOLLEXCLUSIVE);
		for (;;) {
			next_event(ep, -1);
			close(accept(p->mine[0], NULL, NULL));
		}
	}
	while (wait(NULL) > 0)
		;
	park();
}

/* Two processes with one descriptor table: neither has registered anything that the other has not. */
static inline void shares_table(struct play *p)
{
	int ep = instance();
	long child;

	add(ep, p->mine[0], EPOLLIN);
	child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	must(child >= 0);
	if (child)
		await(p->turns);
	for (int i = 0; i < 7; i++)
		next_event(ep, 20);
	mod(ep, p->mine[0], EPOLLIN | EPOLLRDHUP);
	if (!child) {
		post(p->turns);
		for (;;)
			pause();
	}
	wait_forever(ep);
}

/* The child uses it first, and then its parent. */
static inline void shares(struct play *p)
{
	int ep = instance();
	pid_t child;

	add(ep, p->mine[0], EPOLLIN);
	child = fork();
	if (child)
		await(p->turns);
	for (int i = 0; i < 7; i++)
		next_event(ep, 20);
	if (!child) {
		post(p->turns);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	wait_forever(ep);
}

/* The child tidies up: what it removes is gone for its parent, too, which hangs. */
static inline void child_removes(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	next_event(ep, 20);
	if (!fork()) {
		must(epoll_ctl(ep, EPOLL_CTL_DEL, p->mine[0], NULL) == 0);
		close(ep);
		post(p->turns);
		park();
	}
	await(p->turns);
	wait_forever(ep);
}

static inline void bequeaths(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	if (!fork())
		park();
	wait_forever(ep);
}

static inline void closes_heritage(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	if (!fork()) {
		close(ep);
		park();
	}
	wait_forever(ep);
}

/* The parent makes it and ends, the child uses it. */
static inline void daemonizes(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	next_event(ep, 20);
	if (fork()) {
		rest(p, 1, 2);
		_exit(0);
	}
	rest(p, 1, 4);
	wait_forever(ep);
}

static inline void leaks_through_exec(struct play *p)
{
	int ep = epoll_create1(0);
	char ms[32];

	add(ep, p->mine[0], EPOLLIN);
	snprintf(ms, sizeof(ms), "%d", p->hold_ms);
	execl("/proc/self/exe", "misuse", "pause", ms, NULL);
	must(0);
}

static inline void never_execs(struct play *p)
{
	int ep = epoll_create1(0);

	add(ep, p->mine[0], EPOLLIN);
	wait_forever(ep);
}

/* One more, and one more, and nobody waits on them. */
static inline void hoards(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (int i = 0; i < 23; i++)
		instance();
	next_event(ep, p->hold_ms * 3 / 5);
	for (int i = 0; i < 23; i++) {
		instance();
		next_event(ep, 10);
	}
	wait_forever(ep);
}

#endif
