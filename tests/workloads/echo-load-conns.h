/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * echo-load-conns.h - one connection, or many alike: data, ends of file, back-pressure, resets, and
 * the end of the server meanwhile.
 */
#ifndef ECHO_LOAD_CONNS_H
#define ECHO_LOAD_CONNS_H

#include "echo-load-client.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

static void run_conns(const struct target *target)
{
	int *fds = calloc(target->count, sizeof(*fds));

	if (!fds)
		die("out of memory");
	for (unsigned long i = 0; i < target->count; i++)
		fds[i] = dial(target, 0);
	for (unsigned long i = 0; i < target->count; i++)
		send_all(fds[i], 101 + i % 1009, i);
	for (unsigned long i = 0; i < target->count; i++) {
		uint64_t want = 101 + i % 1009;
		bool eof = false;
		uint64_t got = read_echo(fds[i], i, 0, want, ANSWER_MS, &eof);

		if (got != want)
			die("connection %lu: %llu of %llu bytes", i, (unsigned long long)got,
			    (unsigned long long)want);
	}
	printf("%lu connections echoed\n", target->count);
	for (unsigned long i = 0; i < target->count; i++)
		close(fds[i]);
	free(fds);
}

static void run_stream(const struct target *target)
{
	int fd = dial(target, 0);

	stream(fd, target->count, true);
	printf("%lu bytes echoed\n", target->count);
	close(fd);
}

/* With a PID the server is stopped meanwhile: it finds data and FIN in one event. */
static void run_halfclose(const struct target *target)
{
	int fd;

	if (target->pid)
		stop_server(target->pid);
	fd = dial(target, 0);
	send_all(fd, target->count, 2);
	shutdown(fd, SHUT_WR);
	if (target->pid)
		kill(target->pid, SIGCONT);
	expect_end(fd, 2, target->count);
	printf("%lu bytes echoed after the half-close\n", target->count);
	close(fd);
}

static void run_slow(const struct target *target)
{
	int fd = dial(target, 65536);
	uint64_t taken = fill_up(fd, target);

	printf("%llu bytes taken\n", (unsigned long long)taken);
	shutdown(fd, SHUT_WR);
	expect_end(fd, 3, taken);
	printf("%llu bytes echoed\n", (unsigned long long)taken);
	close(fd);
}

/* A server that drains throws away what still comes in: then all is acknowledged. */
static void await_discard(int fd)
{
	int unacked = 1;

	for (int ms = 0; ms < ANSWER_MS && unacked > 0; ms++) {
		ioctl(fd, SIOCOUTQ, &unacked);
		poll(NULL, 0, 1);
	}
	if (unacked > 0)
		die("%d bytes are not taken by a server that drains", unacked);
}

/* As slow, then ends the server: all it had read must come, then end of file. */
static void run_drain(const struct target *target)
{
	int fd = dial(target, 65536), unacked = 0;
	uint64_t taken = fill_up(fd, target), queued;

	ioctl(fd, SIOCOUTQ, &unacked);
	queued = taken - (uint64_t)unacked - unread_by_server(fd);
	kill(target->pid, SIGTERM);
	await_discard(fd);
	expect_end(fd, 3, queued);
	printf("%llu bytes drained\n", (unsigned long long)queued);
	close(fd);
}

/* Never reads; waits for the end of the server, of which no FIN arrives: there is no window. */
static void run_stuck(const struct target *target)
{
	int fd = dial(target, 65536), pidfd = (int)syscall(SYS_pidfd_open, target->pid, 0);

	fill_up(fd, target);
	kill(target->pid, SIGTERM);
	if (pidfd < 0 || !await(pidfd, POLLIN, ANSWER_MS))
		die("the server waits for ever");
	puts("given up");
	close(pidfd);
	close(fd);
}

static void run_reset(const struct target *target)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};

	for (unsigned long i = 0; i < target->count; i++) {
		int fd = dial(target, 0);

		send_some(fd, 101, i, 0);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(fd);
	}
	printf("%lu connections reset\n", target->count);
}

/* Resets while an echo is queued in the server. */
static void run_reset_queued(const struct target *target)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};
	int fd = dial(target, 65536);

	fill_up(fd, target);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
	puts("reset with a queue");
}

/* Goes away while the server is stopped. The first echo meets a closed socket, a later one the reset
 * that it brought about; as the FIN was there before, that is SIGPIPE for who does not forbid it. */
static void run_gone(const struct target *target)
{
	int fd = dial(target, 0);

	stream(fd, target->count, false); /* widens the window: all of the rest must fit */
	stop_server(target->pid);
	send_all(fd, 300007, 4);
	close(fd);
	kill(target->pid, SIGCONT);
	puts("gone");
}

/* The server is asked to end while an echo lies unread here, and input in its own socket. */
static void run_unread(const struct target *target)
{
	int fd = dial(target, 0);

	send_all(fd, target->count, 8);
	if (!await(fd, POLLIN, ANSWER_MS))
		die("no echo");
	stop_server(target->pid);
	send_some(fd, 1009, 8, target->count);
	kill(target->pid, SIGTERM);
	kill(target->pid, SIGCONT);
	expect_end(fd, 8, target->count);
	printf("%lu bytes, then end of file\n", target->count);
	close(fd);
}

/* The client of --break lost-edge: prints what came at once, and what after one byte more. */
static void run_half(const struct target *target)
{
	int fd = dial(target, 0);
	uint64_t first, rest;
	bool eof = false;

	send_all(fd, target->count, 6);
	first = read_echo(fd, 6, 0, target->count, STALL_MS, &eof);
	send_some(fd, 1, 6, target->count);
	rest = read_echo(fd, 6, first, target->count + 1 - first, STALL_MS, &eof);
	printf("%llu of %lu bytes, %llu more after another byte\n", (unsigned long long)first,
	       target->count, (unsigned long long)rest);
	close(fd);
}

/* The client of --break stale-batch: one batch has events for two connections and then for a third,
 * which replaces the oldest. The other two must be served. */
static void run_replace(const struct target *target)
{
	int oldest = dial(target, 0), other = dial(target, 0), latest;
	bool eof = false;

	stream(oldest, 1, false);
	stream(other, 1, false);
	stop_server(target->pid);
	send_all(oldest, target->count, 9);
	send_all(other, target->count, 9);
	latest = dial(target, 0);
	kill(target->pid, SIGCONT);
	if (read_echo(other, 9, 0, target->count, ANSWER_MS, &eof) != target->count)
		die("one who was not replaced is not served");
	stream(latest, target->count, false);
	printf("%lu bytes echoed, twice\n", target->count);
	close(oldest);
	close(other);
	close(latest);
}

/* An urgent byte in the midst ends a read early, with data behind it. */
static void run_urgent(const struct target *target)
{
	unsigned char byte;
	int fd;

	fill(&byte, 1, 7, 101);
	stop_server(target->pid);
	fd = dial(target, 0);
	send_all(fd, 101, 7);
	send(fd, &byte, 1, MSG_OOB);
	for (uint64_t sent = 102; sent < target->count;)
		sent += send_some(fd, target->count - sent, 7, sent);
	kill(target->pid, SIGCONT);
	for (uint64_t got = 0; got < target->count;) {
		bool eof = false;
		uint64_t n = read_echo(fd, 7, got, target->count - got, STALL_MS, &eof);

		if (!n)
			die("%llu of %lu bytes", (unsigned long long)got, target->count);
		got += n;
	}
	printf("%lu bytes echoed, one of them urgent\n", target->count);
	close(fd);
}

#endif
