/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * echo-load-client.h - what the clients of echo-load.c are made of: connections, data that are
 * checked byte for byte, and the server's process.
 * Data are a function of (seed, offset), so that a lost, doubled or swapped byte shows.
 */
#ifndef ECHO_LOAD_CLIENT_H
#define ECHO_LOAD_CLIENT_H

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALARM_S	    50
#define STALL_MS    700 /* nothing for so long: the server has stopped taking or sending */
#define ANSWER_MS   20000
#define CHUNK_BYTES 262144

struct target {
	struct addrinfo *addr;
	unsigned long count; /* the first number behind HOST PORT */
	pid_t pid;	     /* the second: the server's, 0 for none */
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
	va_list args;

	fputs("echo-load: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void fill(unsigned char *buf, size_t len, uint64_t seed, uint64_t offset)
{
	size_t done = 0;

	while (done < len) {
		uint64_t at = offset + done, word = at / 8 + (seed << 40);
		size_t skip = at % 8, n = 8 - skip < len - done ? 8 - skip : len - done;

		word = (word + 1) * 0x9e3779b97f4a7c15; /* splitmix64 */
		word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
		word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
		word ^= word >> 31;
		memcpy(buf + done, (unsigned char *)&word + skip, n);
		done += n;
	}
}

static void check(const unsigned char *buf, size_t len, uint64_t seed, uint64_t offset)
{
	static unsigned char want[CHUNK_BYTES];

	fill(want, len, seed, offset);
	if (memcmp(buf, want, len))
		die("wrong data at offset %llu to %llu", (unsigned long long)offset,
		    (unsigned long long)(offset + len));
}

/* What stands behind the name in /proc/PID/stat. */
static const char *read_stat(pid_t pid, char *line, int size)
{
	char path[64];
	const char *rest = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (file && fgets(line, size, file))
		rest = strrchr(line, ')');
	if (!rest)
		die("cannot read %s", path);
	fclose(file);
	return rest + 1;
}

/* A signal takes its time; only /proc shows a process that is no parent that it has stopped. */
static void stop_server(pid_t pid)
{
	char line[1024];

	kill(pid, SIGSTOP);
	for (int ms = 0; strncmp(read_stat(pid, line, sizeof(line)), " T", 2); ms++) {
		if (ms == ANSWER_MS)
			die("the server does not stop");
		poll(NULL, 0, 1);
	}
}

static bool await(int fd, short events, int timeout_ms)
{
	struct pollfd pollfd = {.fd = fd, .events = events};

	return poll(&pollfd, 1, timeout_ms) > 0;
}

/* rcvbuf: 0 leaves it to the kernel; it must be set before connect */
static int dial(const struct target *target, int rcvbuf)
{
	int fd = socket(target->addr->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket: %s", strerror(errno));
	if (rcvbuf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	if (connect(fd, target->addr->ai_addr, target->addr->ai_addrlen) < 0)
		die("connect: %s", strerror(errno));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* One send of at most CHUNK_BYTES; returns what was taken. */
static size_t send_some(int fd, size_t len, uint64_t seed, uint64_t offset)
{
	static unsigned char buf[CHUNK_BYTES];
	ssize_t n;

	if (len > sizeof(buf))
		len = sizeof(buf);
	fill(buf, len, seed, offset);
	n = send(fd, buf, len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		die("send: %s", strerror(errno));
	return n < 0 ? 0 : (size_t)n;
}

/* One checked read; returns 0 for none now. */
static size_t read_some(int fd, uint64_t seed, uint64_t offset, bool *eof)
{
	static unsigned char buf[CHUNK_BYTES];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n < 0 && errno != EAGAIN)
		die("recv after %llu bytes: %s", (unsigned long long)offset, strerror(errno));
	if (n <= 0) {
		*eof |= n == 0;
		return 0;
	}
	check(buf, (size_t)n, seed, offset);
	return (size_t)n;
}

/* Reads until `count` bytes, end of file, or silence of timeout_ms; returns how many came. */
static uint64_t read_echo(int fd, uint64_t seed, uint64_t from, uint64_t count, int timeout_ms,
			  bool *eof)
{
	uint64_t got = 0;

	while (got < count && !*eof && await(fd, POLLIN, timeout_ms))
		got += read_some(fd, seed, from + got, eof);
	return got;
}

static void send_all(int fd, uint64_t count, uint64_t seed)
{
	for (uint64_t sent = 0; sent < count; sent += send_some(fd, count - sent, seed, sent)) {
		if (!await(fd, POLLOUT, ANSWER_MS))
			die("nothing taken after %llu bytes", (unsigned long long)sent);
	}
}

static void expect_end(int fd, uint64_t seed, uint64_t count)
{
	bool eof = false;
	uint64_t got = read_echo(fd, seed, 0, UINT64_MAX, ANSWER_MS, &eof);

	if (got != count || !eof)
		die("%llu of %llu bytes, then %s", (unsigned long long)got,
		    (unsigned long long)count, eof ? "end of file" : "nothing");
}

/* Sends count bytes and reads their echo at the same time; to_end: half-closes behind them. */
static void stream(int fd, uint64_t count, bool to_end)
{
	uint64_t sent = 0, got = 0;
	bool eof = false;

	while (!eof && (to_end || got < count)) {
		bool more = sent < count;

		if (!await(fd, (short)(POLLIN | (more ? POLLOUT : 0)), ANSWER_MS))
			die("nothing after %llu bytes sent, %llu echoed", (unsigned long long)sent,
			    (unsigned long long)got);
		if (more) {
			sent += send_some(fd, count - sent, 1, sent);
			if (sent == count && to_end)
				shutdown(fd, SHUT_WR);
		}
		got += read_some(fd, 1, got, &eof);
	}
	if (got != count)
		die("%llu of %llu bytes, then end of file", (unsigned long long)got,
		    (unsigned long long)count);
}

/* Writes and does not read until nothing more is taken; returns how much was. */
static uint64_t fill_up(int fd, const struct target *target)
{
	uint64_t sent = 0;

	while (sent < target->count && await(fd, POLLOUT, STALL_MS))
		sent += send_some(fd, target->count - sent, 3, sent);
	if (sent == target->count)
		die("all %lu bytes taken: no back-pressure", target->count);
	return sent;
}

static unsigned int port_of(int fd, int (*name)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);

	if (name(fd, (struct sockaddr *)&addr, &len) < 0 || addr.sin_family != AF_INET)
		die("this needs IPv4");
	return ntohs(addr.sin_port);
}

/* What the server's end of the connection has received and not read, from the kernel. */
static unsigned int unread_by_server(int fd)
{
	unsigned int near = port_of(fd, getsockname), far = port_of(fd, getpeername);
	unsigned int local, remote, unread;
	FILE *file = fopen("/proc/net/tcp", "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*d: %*x:%x %*x:%x %*x %*x:%x", &local, &remote, &unread) == 3 &&
		    local == far && remote == near) {
			fclose(file);
			return unread;
		}
	}
	die("connection not found in /proc/net/tcp");
}

#endif
