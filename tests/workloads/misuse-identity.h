/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-identity.h - scenes about what a number stands for and who has it, wrong and right.
 */
#ifndef MISUSE_IDENTITY_H
#define MISUSE_IDENTITY_H

#include "misuse-sound.h"

#include <sys/wait.h>

/* Its number is closed and its file lives on: events go on. */
static inline void reads_copy(struct play *p, int ep, int copy)
{
	p->fd = p->mine[0];
	for (;;) {
		next_event(ep, -1);
		take(copy, 1 << 16);
	}
}

static inline void keeps_copy(struct play *p)
{
	int ep = instance(), copy;

	add(ep, p->mine[0], EPOLLIN);
	copy = dup(p->mine[0]);
	close(p->mine[0]);
	reads_copy(p, ep, copy);
}

static inline void reuses_number(struct play *p)
{
	int ep = instance(), copy;

	add(ep, p->mine[0], EPOLLIN);
	copy = dup(p->mine[0]);
	must(dup2(p->mine[1], p->mine[0]) == p->mine[0]);
	reads_copy(p, ep, copy);
}

/* A child has the file, and not the instance. */
static inline void leaves_to_child(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	if (!fork()) {
		close(ep);
		for (;;) {
			rest(p, 1, 23);
			take(p->mine[0], 1 << 16);
		}
	}
	close(p->mine[0]);
	p->fd = p->mine[0];
	for (;;) {
		next_event(ep, -1);
		rest(p, 1, 11);
	}
}

/* Reads what it is told of under a number that is another file's now. */
static inline void reads_successor(struct play *p, int ep)
{
	p->fd = p->mine[0];
	must(dup2(p->mine[1], p->mine[0]) == p->mine[0]);
	add(ep, p->mine[0], EPOLLIN);
	for (;;) {
		next_event(ep, -1);
		take(p->mine[0], 1 << 16);
		rest(p, 1, 100);
	}
}

/* The number's new file is registered with the same data; a child has the old one. */
static inline void reuses_data(struct play *p, bool child_closes, bool removes)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	if (!fork()) {
		if (child_closes)
			close(ep);
		park();
	}
	if (removes)
		must(epoll_ctl(ep, EPOLL_CTL_DEL, p->mine[0], NULL) == 0);
	reads_successor(p, ep);
}

static inline void leaves_old_file(struct play *p)
{
	reuses_data(p, true, false);
}

/* The child has the instance as well, and does nothing with it. */
static inline void leaves_to_idle_child(struct play *p)
{
	reuses_data(p, false, false);
}

static inline void removes_before_reuse(struct play *p)
{
	reuses_data(p, false, true);
}

static inline void sends_on_both(struct play *p)
{
	for (int i = 0; i < 23; i++) {
		give(p->peer[0], 15);
		give(p->peer[1], 15);
		rest(p, 1, 23);
	}
}

static inline void removes_before_close(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	dup(p->mine[0]);
	must(epoll_ctl(ep, EPOLL_CTL_DEL, p->mine[0], NULL) == 0);
	close(p->mine[0]);
	wait_forever(ep);
}

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

static inline void closes_plainly(struct play *p)
{
	int ep = instance(), copy;

	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	copy = dup(p->mine[0]);
	close(p->mine[0]);
	close(copy);
	wait_forever(ep);
}

/* A batch of two: what the first one brings closes the second, whose number is used again. */
struct batch {
	int ep, fresh;
	struct epoll_event e[2];
};

static inline struct batch open_batch(struct play *p)
{
	struct batch b = {.ep = instance()};

	await(p->turns);
	add(b.ep, p->mine[0], EPOLLIN);
	add(b.ep, p->mine[1], EPOLLIN);
	must(epoll_wait(b.ep, b.e, 2, -1) == 2);
	take(p->mine[0], 100);
	close(p->mine[1]);
	b.fresh = dup(p->mine[2]); /* the lowest number that is free: the one that was closed */
	must(b.fresh == p->mine[1]);
	nonblocking(b.fresh);
	add(b.ep, b.fresh, EPOLLIN);
	return b;
}

static inline void sends_two(struct play *p)
{
	give(p->peer[0], 10);
	give(p->peer[1], 10);
	tell(p->turns);
	rest(p, 1, 1);
}

static inline void handles_stale(struct play *p)
{
	struct batch b = open_batch(p);

	p->fd = b.fresh;
	must(!take(b.fresh, 100) && errno == EAGAIN);
	wait_forever(b.ep);
}

static inline void checks_generation(struct play *p)
{
	struct batch b = open_batch(p);

	wait_forever(b.ep);
}

/* Closes what it has to close when all events of the batch have been handled. */
static inline void defers_close(struct play *p)
{
	struct epoll_event e[2];
	int ep = instance(), fresh;

	await(p->turns);
	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	must(epoll_wait(ep, e, 2, -1) == 2);
	take(p->mine[0], 100);
	take(p->mine[1], 100);
	must(epoll_wait(ep, e, 2, 0) == 0);
	close(p->mine[1]);
	fresh = dup(p->mine[2]);
	nonblocking(fresh);
	add(ep, fresh, EPOLLIN);
	wait_forever(ep);
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
		tell(p->turns);
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
		tell(p->turns);
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
		tell(p->turns);
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

/* Two threads that handle what an instance tells; each is told when to go on. */
struct handler {
	struct play *p;
	int ep, rearm;
	pthread_mutex_t turn; /* of the slow one */
};

static inline void *handles(void *arg)
{
	struct handler *h = arg;

	for (;;) {
		int fd = next_event(h->ep, -1);

		take(fd, 10);
		tell(h->p->steps);
		rest(h->p, 1, 11);
		take_all(fd);
		if (h->rearm)
			mod(h->ep, fd, EPOLLIN | EPOLLONESHOT);
	}
	return NULL;
}

static inline void handle_in_two(struct play *p, uint32_t flags)
{
	struct handler h = {p, instance(), flags == EPOLLONESHOT, PTHREAD_MUTEX_INITIALIZER};

	add(h.ep, p->mine[0], EPOLLIN | flags);
	thread(handles, &h);
	thread(handles, &h);
	park();
}

static inline void handles_at_once(struct play *p)
{
	p->fd = p->mine[0];
	handle_in_two(p, 0);
}

static inline void handles_oneshot(struct play *p)
{
	handle_in_two(p, EPOLLONESHOT);
}

static inline void handles_exclusive(struct play *p)
{
	handle_in_two(p, EPOLLEXCLUSIVE);
}

/* As runtimes do, in which any thread may wait. */
static inline void handles_cached(struct play *p)
{
	handle_in_two(p, EPOLLOUT | EPOLLET);
}

/* Level-triggered input that is there before the first thread has come back. */
static inline void sends_while_handled(struct play *p)
{
	for (int i = 0; i < 3; i++) {
		give(p->peer[0], 40);
		await(p->steps);
		rest(p, 1, 4);
	}
	rest(p, 1, 4);
}

static inline void *accepts(void *arg)
{
	struct handler *h = arg;

	for (;;) {
		int fd = next_event(h->ep, -1);
		int c = accept4(fd, NULL, NULL, SOCK_NONBLOCK);

		rest(h->p, 1, 23);
		if (c >= 0)
			close(c);
	}
	return NULL;
}

static inline void accepts_in_two(struct play *p)
{
	struct handler h = {p, instance(), 0, PTHREAD_MUTEX_INITIALIZER};

	add(h.ep, p->mine[0], EPOLLIN);
	thread(accepts, &h);
	thread(accepts, &h);
	park();
}

#endif
