/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * many MODE N - a process with many entries, to be scanned. Prints "entries N pid PID" when it
 * has them, then waits until stdin ends.
 *
 *   files    N eventfds, each an entry
 *   numbers  N entries from fewer descriptors: one file on all numbers, then another one on the same
 *            numbers, where each earlier file lives on in one descriptor
 *   forks    N entries of one instance: six children add their own to the instance they inherited
 *   idle     N descriptors, one of them watched
 *   loop     as files, one of them ready, and one epoll_wait(…, 0) after another until stdin ends:
 *            prints for each line that comes on stdin the longest that one has taken since, in us
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST	 16    /* numbers from here on are this program's to give */
#define NUMBERS	 19000 /* that mode numbers uses at once */
#define CHILDREN 6
#define LIFE_S	 120

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void add(int ep, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = fd};

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		die("epoll_ctl");
}

static int new_file(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	if (fd < 0)
		die("eventfd");
	return fd;
}

static void add_files(int ep, long n)
{
	for (long i = 0; i < n; i++)
		add(ep, new_file());
}

static void add_numbers(int ep, long n)
{
	for (long done = 0; done < n;) {
		int file = new_file(); /* stays open: the entries of its round live on */

		for (int i = 0; i < NUMBERS && done < n; i++, done++) {
			if (dup2(file, FIRST + 100 + i) < 0)
				die("dup2");
			add(ep, FIRST + 100 + i);
		}
	}
}

static void child(int ep, long n, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	add_files(ep, n);
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void add_forks(int ep, long n)
{
	int ready[2];
	char byte;

	if (pipe(ready))
		die("pipe");
	for (int i = 0; i < CHILDREN; i++) {
		long share = n / CHILDREN + (i < n % CHILDREN);
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid)
			child(ep, share, ready[1]);
	}
	for (int i = 0; i < CHILDREN; i++)
		if (read(ready[0], &byte, 1) != 1)
			die("read");
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

/* A line on stdin ends a measurement; its end ends all. */
static bool next_line(double *longest)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	char line[64];

	if (poll(&p, 1, 0) <= 0)
		return true;
	if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
		return false;
	printf("longest %.0f\n", *longest);
	fflush(stdout);
	*longest = 0;
	return true;
}

static void wait_loop(int ep)
{
	struct epoll_event ev;
	double longest = 0;
	int ready = eventfd(1, 0);

	add(ep, ready);
	for (long i = 0;; i++) {
		double start, took;

		if (i % 64 == 0 && !next_line(&longest))
			return;
		start = now_us();
		if (epoll_wait(ep, &ev, 1, 0) != 1)
			die("epoll_wait");
		took = now_us() - start;
		if (took > longest)
			longest = took;
	}
}

static void wait_end(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "files";
	long n = argc > 2 ? atol(argv[2]) : 1000;
	struct rlimit limit;
	int ep;

	alarm(LIFE_S);
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (ep < 0)
		die("epoll_create1");
	if (!strcmp(mode, "numbers"))
		add_numbers(ep, n);
	else if (!strcmp(mode, "forks"))
		add_forks(ep, n);
	else if (!strcmp(mode, "idle"))
		for (long i = 0; i < n; i++)
			new_file();
	else
		add_files(ep, n);
	printf("entries %ld pid %d\n", n, getpid());
	fflush(stdout);
	if (!strcmp(mode, "loop"))
		wait_loop(ep);
	else
		wait_end();
	return 0;
}
