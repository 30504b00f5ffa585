/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wide: waits that return many events.
 *
 *   wide ready N W [p]   W waits that return N eventfds each; with p by epoll_pwait
 *   wide stale N K       a wait returns N sockets; while event 0 is handled the socket of event K is
 *                        closed, and its number used again for a new one, which is registered; then
 *                        event K is handled, and a read gives EAGAIN
 *   wide edge N K        a wait returns N edge-triggered sockets, and event K is read in part only;
 *                        the next wait blocks
 *
 * Prints "waits W events N" or "stale"; ends after 60 s.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIFE_S 60

static struct epoll_event *events;
static int ep, count;

static void __attribute__((noreturn)) fail(const char *what)
{
	perror(what);
	exit(1);
}

static void add(int fd, unsigned mask)
{
	struct epoll_event e = {.events = mask, .data.fd = fd};

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e))
		fail("epoll_ctl");
}

/* A registered socket, of which so many bytes can be read. */
static int add_socket(unsigned mask, int bytes)
{
	static const char zeros[16];
	int s[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s))
		fail("socketpair");
	if (bytes && write(s[1], zeros, bytes) != bytes)
		fail("write");
	add(s[0], mask);
	return s[0];
}

static void ready(int waits, int masked)
{
	long seen = 0;

	for (int i = 0; i < count; i++)
		add(eventfd(1, 0), EPOLLIN);
	for (int i = 0; i < waits; i++)
		seen += masked ? epoll_pwait(ep, events, count, -1, NULL)
			       : epoll_wait(ep, events, count, -1);
	printf("waits %d events %ld\n", waits, seen);
}

static void stale(int k)
{
	char byte;
	int fd;

	for (int i = 0; i < count; i++)
		add_socket(EPOLLIN, 1);
	if (epoll_wait(ep, events, count, 1000) != count)
		fail("epoll_wait");
	fd = events[k].data.fd;
	close(fd);
	if (add_socket(EPOLLIN, 0) != fd)
		fail("the number was not used again");
	for (int i = 0; i < count; i++)
		if (read(events[i].data.fd, &byte, 1) < 0)
			puts("stale");
}

static void edge(int k)
{
	char bytes[16];

	for (int i = 0; i < count; i++)
		add_socket(EPOLLIN | EPOLLET, 10);
	if (epoll_wait(ep, events, count, 1000) != count)
		fail("epoll_wait");
	for (int i = 0; i < count; i++)
		if (read(events[i].data.fd, bytes, i == k ? 5 : 16) < 0)
			fail("read");
	epoll_wait(ep, events, count, -1);
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	int number = argc > 3 ? atoi(argv[3]) : 0;

	alarm(LIFE_S);
	if (argc < 4 || getrlimit(RLIMIT_NOFILE, &limit))
		return 2;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	count = atoi(argv[2]);
	events = calloc(count, sizeof(*events));
	ep = epoll_create1(0);
	if (!events || ep < 0)
		fail("epoll_create1");
	if (!strcmp(argv[1], "ready"))
		ready(number, argc > 4);
	else if (!strcmp(argv[1], "stale"))
		stale(number);
	else if (!strcmp(argv[1], "edge"))
		edge(number);
	else
		return 2;
	return 0;
}
