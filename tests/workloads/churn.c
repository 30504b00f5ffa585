/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * churn THREADS OPERATIONS - adds, changes, removes and closes entries of one instance as fast as
 * it can: what a scan at it may run into. Prints "churning", and when all is done "done" and the
 * instance's fdinfo as lines "FD EVENTS DATA"; then waits until stdin ends.
 *
 * OPERATIONS 0 goes on until a line comes on stdin.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SLOTS	    53
#define THREADS_MAX 8
#define LIFE_S	    60

struct worker {
	pthread_t thread;
	uint32_t seed;
	long operations;
	struct {
		int fd; /* -1: not open */
		int added;
	} slots[SLOTS];
};

static int ep;
static atomic_int stop;

static uint32_t next(struct worker *w)
{
	w->seed = w->seed * 1664525u + 1013904223u;
	return w->seed >> 8;
}

static void check(int ret, const char *what)
{
	if (!ret)
		return;
	perror(what);
	_exit(1);
}

static void act(struct worker *w)
{
	static const uint32_t masks[] = {EPOLLIN, EPOLLIN | EPOLLET, EPOLLOUT | EPOLLRDHUP, 0};
	uint32_t dice = next(w), slot = dice % SLOTS;
	struct epoll_event ev = {.events = masks[dice / SLOTS % 4], .data.u64 = next(w)};
	int *fd = &w->slots[slot].fd, *added = &w->slots[slot].added;

	if (dice % 997 == 0) /* fails, so that a trace of failed calls shows how far it is */
		epoll_ctl(ep, EPOLL_CTL_DEL, ep, NULL);
	if (*fd < 0) {
		*fd = eventfd(0, EFD_CLOEXEC);
		check(*fd < 0, "eventfd");
	} else if (!*added) {
		check(epoll_ctl(ep, EPOLL_CTL_ADD, *fd, &ev), "ADD");
		*added = 1;
	} else if (dice & 0x10000) {
		check(epoll_ctl(ep, EPOLL_CTL_MOD, *fd, &ev), "MOD");
	} else if (dice & 0x20000) {
		check(epoll_ctl(ep, EPOLL_CTL_DEL, *fd, NULL), "DEL");
		*added = 0;
	} else {
		check(close(*fd), "close");
		*fd = -1;
		*added = 0;
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (long i = 0; w->operations ? i < w->operations : !stop; i++)
		act(w);
	return NULL;
}

static void print_fdinfo(void)
{
	char path[64], line[256];
	unsigned events;
	unsigned long long data;
	FILE *f;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ep);
	f = fopen(path, "re");
	check(!f, "fdinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "tfd: %d events: %x data: %llx", &fd, &events, &data) == 3)
			printf("%d %x %llx\n", fd, events, data);
	fclose(f);
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1;
	long operations = argc > 2 ? atol(argv[2]) : 100003;
	static struct worker workers[THREADS_MAX];
	char line[64];

	alarm(LIFE_S);
	setvbuf(stdout, NULL, _IOLBF, 0);
	ep = epoll_create1(EPOLL_CLOEXEC);
	check(ep < 0 || threads > THREADS_MAX, "epoll_create1");
	for (int i = 0; i < threads; i++) {
		workers[i].seed = i + 1;
		workers[i].operations = operations;
		for (int j = 0; j < SLOTS; j++)
			workers[i].slots[j].fd = -1;
		check(pthread_create(&workers[i].thread, NULL, work, &workers[i]), "thread");
	}
	puts("churning");
	if (!operations && read(STDIN_FILENO, line, sizeof(line)) > 0)
		stop = 1;
	for (int i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	print_fdinfo();
	puts("done");
	while (read(STDIN_FILENO, line, sizeof(line)) > 0)
		;
	return 0;
}
