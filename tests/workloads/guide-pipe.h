/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guide-pipe.h: the five steps of epoll(7), edge-triggered (which hang) and level-triggered.
 */
#ifndef GUIDE_PIPE_H
#define GUIDE_PIPE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/ioctl.h>

#include "guide-make.h"

/* pipe-et's helper: does what is asked on stdin while the main thread is in its wait. */
struct helper {
	const char *status_path;
	int in, out;
	atomic_bool returned;
	sem_t start; /* the first bytes are read: what comes now is a new edge */
	sem_t leave; /* so that its end does not come between the wait's lines */
	bool asked;  /* somebody asked: no time-out */
};

static inline void say_status(const struct helper *h)
{
	int unread = -1;
	FILE *f = fopen(h->status_path, "we");

	must(f);
	must(ioctl(h->in, FIONREAD, &unread) == 0);
	fprintf(f, "unread %d, wait %s\n", unread,
		atomic_load(&h->returned) ? "returned" : "blocked");
	must(fclose(f) == 0);
}

/* '?' asks for the state, anything else or the end of file for one more byte into the pipe. */
static inline void *help(void *arg)
{
	struct helper *h = arg;
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	char c = '?';

	must(sem_wait(&h->start) == 0);
	while (c == '?') {
		h->asked = poll(&p, 1, PATIENCE_MS) == 1;
		if (!h->asked || read(STDIN_FILENO, &c, 1) != 1)
			break;
		if (c == '?' && h->status_path)
			say_status(h);
	}
	must(write(h->out, "x", 1) == 1);
	must(sem_wait(&h->leave) == 0);
	return NULL;
}

/* epoll(7)'s five steps; START is posted before the last. Returns the bytes that wait after it. */
static inline int five_steps(struct guide *g, int in, int out, uint32_t trigger, sem_t *start)
{
	char data[2048] = {0};
	int unread = -1;
	int ep = do_create1(g, EPOLL_CLOEXEC, 0);

	add(g, ep, in, EPOLLIN | trigger);
	must(write(out, data, 2048) == 2048);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLIN, (uint64_t)in);
	must(read(in, data, 1024) == 1024);
	must(!start || sem_post(start) == 0);
	do_wait(g, ep, 3, -1, 1);
	want_ready(g, 0, EPOLLIN, (uint64_t)in);
	must(ioctl(in, FIONREAD, &unread) == 0);
	return unread;
}

static inline void group_pipe_et(struct guide *g)
{
	struct helper h = {.status_path = g->status_path};
	pthread_t thread;
	int end[2];

	must(pipe(end) == 0);
	h.in = end[0];
	h.out = end[1];
	atomic_init(&h.returned, false);
	must(sem_init(&h.start, 0, 0) == 0 && sem_init(&h.leave, 0, 0) == 0);
	must(pthread_create(&thread, NULL, help, &h) == 0);
	check(g, five_steps(g, end[0], end[1], EPOLLET, &h.start) == 1025);
	atomic_store(&h.returned, true);
	must(sem_post(&h.leave) == 0);
	must(pthread_join(thread, NULL) == 0);
	check(g, h.asked);
	sem_destroy(&h.start);
	sem_destroy(&h.leave);
}

static inline void group_pipe_lt(struct guide *g)
{
	int end[2];

	must(pipe(end) == 0);
	check(g, five_steps(g, end[0], end[1], 0, NULL) == 1024);
}

#endif
