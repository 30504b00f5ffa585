/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * echo-load-share.h - what connections share: the server's time and its descriptors.
 */
#ifndef ECHO_LOAD_SHARE_H
#define ECHO_LOAD_SHARE_H

#include "echo-load-client.h"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/wait.h>

#define FAIR_BYTES  (3 << 18) /* two turns of et-echo are in order, no more */
#define FLOOD_BYTES ((size_t)4 << 20)

/* sendfile and MSG_TRUNC copy nothing here, so this side is faster than the server, which
 * therefore never finds its socket drained. The end of the pipe shows that it is under way. */
__attribute__((noreturn)) static void flood(const struct target *target, int started)
{
	int file = memfd_create("flood", MFD_CLOEXEC), fd = dial(target, 0);
	static char sink[1 << 20];
	uint64_t echoed = 0;

	alarm(ALARM_S);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (file < 0 || ftruncate(file, FLOOD_BYTES) < 0)
		die("memfd: %s", strerror(errno));
	for (;;) {
		off_t from = 0;
		ssize_t n;

		if (sendfile(fd, file, &from, FLOOD_BYTES) < 0 && errno != EAGAIN)
			die("sendfile: %s", strerror(errno));
		n = recv(fd, sink, sizeof(sink), MSG_TRUNC);
		if (n < 0 && errno != EAGAIN)
			die("recv: %s", strerror(errno));
		if (n > 0)
			echoed += (uint64_t)n;
		if (started >= 0 && echoed >= FLOOD_BYTES) {
			close(started); /* the last writer: the reader sees POLLHUP */
			started = -1;
		}
	}
}

static pid_t start_flood(const struct target *target)
{
	int started[2];
	pid_t child;

	if (pipe2(started, O_CLOEXEC) < 0)
		die("pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		die("fork: %s", strerror(errno));
	if (!child)
		flood(target, started[1]);
	close(started[1]);
	if (!await(started[0], POLLIN, ANSWER_MS))
		die("the flood is not echoed");
	close(started[0]);
	return child;
}

static void run_flood(const struct target *target)
{
	pid_t child = start_flood(target);
	int fd = dial(target, 0);

	for (uint64_t i = 0; i < target->count; i++) {
		bool eof = false;

		send_all(fd, 1009, i);
		if (read_echo(fd, i, 0, 1009, ANSWER_MS, &eof) != 1009)
			die("starved at ping-pong %llu", (unsigned long long)i);
	}
	if (waitpid(child, NULL, WNOHANG))
		die("the flood ended early");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	printf("%lu ping-pongs in the flood\n", target->count);
	close(fd);
}

/* An epoll instance keeps the order in which sockets become readable, if they are in it before. */
static int watch_both(int fd, int other)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	int epfd = epoll_create1(EPOLL_CLOEXEC);

	if (epfd < 0 || epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll: %s", strerror(errno));
	event.data.fd = other;
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, other, &event) < 0)
		die("epoll: %s", strerror(errno));
	return epfd;
}

/* The server finds megabytes in one connection and, behind that, one byte in another. The byte's
 * echo must come before the first FAIR_BYTES of the other's. */
static void run_fair(const struct target *target)
{
	int busy = dial(target, 0), other = dial(target, 0), lowat = FAIR_BYTES, epfd;
	struct epoll_event event;

	stream(busy, target->count, false); /* widens the windows */
	stream(other, 1, false);
	setsockopt(busy, SOL_SOCKET, SO_RCVLOWAT, &lowat, sizeof(lowat));
	stop_server(target->pid);
	fill_up(busy, target);
	send_some(other, 1, 1, 0);
	printf("%u unread\n", unread_by_server(busy));
	epfd = watch_both(busy, other);
	kill(target->pid, SIGCONT);
	if (epoll_wait(epfd, &event, 1, ANSWER_MS) != 1)
		die("no echo");
	if (event.data.fd != other)
		die("%d bytes of one connection came before one of the other", FAIR_BYTES);
	if (!await(busy, POLLIN, ANSWER_MS))
		die("the busy connection has no echo");
	puts("fair");
	close(epfd);
	close(busy);
	close(other);
}

static long cpu_ticks(pid_t pid)
{
	unsigned long user, sys;
	char line[1024];

	if (sscanf(read_stat(pid, line, sizeof(line)),
		   " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys) != 2)
		die("no times in /proc/%d/stat", (int)pid);
	return (long)(user + sys);
}

/* True when the server serves this connection, false when it closed it. */
static bool is_served(int fd)
{
	char byte = 'x', back = 0;

	if (send(fd, &byte, 1, MSG_NOSIGNAL) < 0)
		return false;
	if (!await(fd, POLLIN, ANSWER_MS))
		die("neither served nor closed");
	return recv(fd, &back, 1, 0) == 1 && back == byte;
}

/* Nothing may happen on these descriptors for a while, and the server not use the CPU either. */
static void expect_quiet(struct pollfd *fds, unsigned long count, pid_t pid)
{
	long ticks = cpu_ticks(pid);

	if (poll(fds, count, STALL_MS))
		die("a connection was disturbed");
	ticks = cpu_ticks(pid) - ticks;
	if (ticks > STALL_MS / 10 / 5)
		die("%ld ticks of CPU in %d ms: it spins", ticks, STALL_MS);
}

/* More connections than the server has descriptors; all must be answered, one way or the other,
 * the server then be quiet, and a place that becomes free be given to a new one. */
static void run_crowd(const struct target *target)
{
	struct pollfd *all = calloc(target->count, sizeof(*all));
	unsigned long served = 0;

	if (!all)
		die("out of memory");
	for (unsigned long i = 0; i < target->count; i++) {
		int fd = dial(target, 0);

		if (!is_served(fd))
			close(fd);
		else
			all[served++] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
	if (!served || served == target->count)
		die("%lu of %lu connections served", served, target->count);
	expect_quiet(all, served, target->pid);
	for (unsigned long i = 0; i < served; i++)
		close(all[i].fd);
	if (!is_served(dial(target, 0)))
		die("a new connection is not served after all others have gone");
	printf("%lu served, %lu turned away, then a new one served\n", served,
	       target->count - served);
	free(all);
}

/* Takes even the spare descriptor from the server for a while. Who came meanwhile must be served
 * once there are descriptors again, though no event reports that to the server. */
static void run_retry(const struct target *target)
{
	struct pollfd fd = {.events = POLLIN};
	struct rlimit none, before;

	if (prlimit(target->pid, RLIMIT_NOFILE, NULL, &before) < 0)
		die("prlimit: %s", strerror(errno));
	none = (struct rlimit){.rlim_cur = target->count, .rlim_max = before.rlim_max};
	prlimit(target->pid, RLIMIT_NOFILE, &none, NULL);
	fd.fd = dial(target, 0);
	expect_quiet(&fd, 1, target->pid);
	prlimit(target->pid, RLIMIT_NOFILE, &before, NULL);
	if (!is_served(fd.fd))
		die("turned away");
	puts("served in the end");
	close(fd.fd);
}

#endif
