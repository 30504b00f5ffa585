/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fast - polls as fast as it can until something comes on its standard input. Then it writes 2 kB to a
 * pipe that is registered with EPOLLET, reads 1 kB of it, and waits for ever.
 */
#include <poll.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

static bool has_input(void)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};

	return poll(&input, 1, 0) != 0;
}

int main(void)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET};
	int ep = epoll_create1(EPOLL_CLOEXEC), p[2];
	static char data[2048];

	if (ep < 0 || pipe(p) || epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e))
		return 1;
	while (!has_input())
		for (int i = 0; i < 1000; i++)
			if (epoll_wait(ep, &e, 1, 0))
				return 1;
	if (write(p[1], data, sizeof(data)) != sizeof(data) || epoll_wait(ep, &e, 1, -1) != 1 ||
	    read(p[0], data, 1024) != 1024)
		return 1;
	return epoll_wait(ep, &e, 1, -1);
}
