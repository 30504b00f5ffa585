/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fast [worker] - polls as fast as it can until something comes on its standard input. Then it writes
 * 2 kB to a pipe that is registered with EPOLLET, reads 1 kB of it, and waits for ever; or with worker,
 * a new thread does, whose first call of epoll that is, and this one polls on, for 20 s at most.
 */
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

static int ep, idle; /* what is polled, and in which nothing is ready */

static void *wait_forever(void *arg)
{
	struct epoll_event e;

	epoll_wait(ep, &e, 1, -1);
	return arg;
}

static bool has_input(void)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};

	return poll(&input, 1, 0) != 0;
}

static void poll_thousand(void)
{
	struct epoll_event e;

	for (int i = 0; i < 1000; i++)
		if (epoll_wait(idle, &e, 1, 0))
			_exit(1);
}

int main(int argc, char **argv)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET};
	static char data[2048];
	pthread_t worker;
	int p[2];

	(void)argv;
	alarm(20);
	ep = epoll_create1(EPOLL_CLOEXEC);
	idle = argc > 1 ? epoll_create1(EPOLL_CLOEXEC) : ep;
	if (ep < 0 || idle < 0 || pipe(p) || epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e))
		return 1;
	while (!has_input())
		poll_thousand();
	if (write(p[1], data, sizeof(data)) != sizeof(data) || epoll_wait(ep, &e, 1, -1) != 1 ||
	    read(p[0], data, 1024) != 1024)
		return 1;
	if (argc == 1)
		wait_forever(NULL);
	else if (pthread_create(&worker, NULL, wait_forever, NULL))
		return 1;
	for (;;)
		poll_thousand();
}
