/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * waitloop N [ENTRIES] - N times epoll_wait(…, 0) with one event ready, as fast as it goes. Prints
 * the nanoseconds that a call took, in a second line those of it that were CPU time, and in a third
 * what a call took in the median of 1009 pieces of the loop: others who now and then take the CPU do not
 * show in it. With ENTRIES as many descriptors are watched, one of them ready.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

static double now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static int watch(int ep, int ready)
{
	int fd = eventfd(ready, EFD_NONBLOCK | EFD_CLOEXEC);
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

	return fd < 0 ? -1 : epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

#define PIECES 1009

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The nanoseconds a call took, or a negative number if one did not find its event. */
static double wait_times(int ep, long n)
{
	double start = now_ns(CLOCK_MONOTONIC);
	struct epoll_event ev;

	for (long i = 0; i < n; i++)
		if (epoll_wait(ep, &ev, 1, 0) != 1)
			return -1;
	return (now_ns(CLOCK_MONOTONIC) - start) / n;
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 1000003;
	long entries = argc > 2 ? atol(argv[2]) : 1;
	int ep = epoll_create1(EPOLL_CLOEXEC);
	double start, cpu, took[PIECES];
	long pieces = n < PIECES ? n : PIECES;

	for (long i = 0; i < entries; i++)
		if (watch(ep, i == 0))
			return 1;
	start = now_ns(CLOCK_MONOTONIC);
	cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (long i = 0; i < pieces; i++)
		if ((took[i] = wait_times(ep, n / pieces + (i < n % pieces))) < 0)
			return 1;
	cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	start = now_ns(CLOCK_MONOTONIC) - start;
	qsort(took, pieces, sizeof(took[0]), compare);
	printf("%.1f\n%.1f\n%.1f\n", start / n, cpu / n, took[pieces / 2]);
	return 0;
}
