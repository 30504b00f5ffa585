/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * echo-load: clients for an echo server, each of which checks what comes back byte for byte.
 * Data are a function of (seed, offset), so that a lost, doubled or swapped byte shows.
 * Status 0: as it should be; 1: not; 2: usage. alarm() ends what hangs (signal 14).
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/sockios.h>
#include <unistd.h>

#define ALARM_S	    50
#define STALL_MS    700 /* nothing for so long: the server has stopped taking or sending */
#define ANSWER_MS   20000
#define CHUNK_BYTES 262144
#define FAIR_BYTES  (3 << 18) /* two turns of et-echo are in order, no more */
#define FLOOD_BYTES ((size_t)4 << 20)

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

/* A signal takes its time; no event but /proc tells who is no parent that a process stands still. */
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

/* Never reads; waits for the end of the server, which cannot tell it so: no window, no FIN. */
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

/* sendfile and MSG_TRUNC copy nothing here, so this side is faster than the server, which
 * therefore never finds its socket drained. The end of the pipe tells that it is under way. */
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

/* The server is told to end while an echo lies unread here, and input in its own socket. */
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
 * once there are descriptors again, though no event tells the server of that. */
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

/* Sends signal number `count`; the server's end is awaited, but not for ever. */
static void run_end(const struct target *target)
{
	int pidfd = (int)syscall(SYS_pidfd_open, target->pid, 0);

	kill(target->pid, (int)target->count);
	kill(target->pid, SIGCONT);
	if (pidfd < 0 || !await(pidfd, POLLIN, ANSWER_MS)) {
		kill(target->pid, SIGKILL);
		die("the server does not end");
	}
	close(pidfd);
}

/* The client of --break lost-edge: tells what came at once, and what after one byte more. */
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

static const struct {
	const char *name;
	void (*run)(const struct target *target);
	int numbers; /* how many follow HOST PORT at least */
	const char *args;
} modes[] = {
	{"conns", run_conns, 1, "N"},
	{"stream", run_stream, 1, "BYTES"},
	{"halfclose", run_halfclose, 1, "BYTES [PID]"},
	{"slow", run_slow, 1, "BYTES"},
	{"drain", run_drain, 2, "BYTES PID"},
	{"stuck", run_stuck, 2, "BYTES PID"},
	{"flood", run_flood, 1, "N"},
	{"fair", run_fair, 2, "BYTES PID"},
	{"reset", run_reset, 1, "N"},
	{"reset-queued", run_reset_queued, 1, "BYTES"},
	{"gone", run_gone, 2, "BYTES PID"},
	{"unread", run_unread, 2, "BYTES PID"},
	{"crowd", run_crowd, 2, "N PID"},
	{"retry", run_retry, 2, "LIMIT PID"},
	{"end", run_end, 2, "SIGNAL PID"},
	{"half", run_half, 1, "BYTES"},
	{"urgent", run_urgent, 2, "BYTES PID"},
};

#define MODES (sizeof(modes) / sizeof(modes[0]))

static int usage(void)
{
	for (size_t i = 0; i < MODES; i++)
		fprintf(stderr, "usage: echo-load %s HOST PORT %s\n", modes[i].name, modes[i].args);
	return 2;
}

int main(int argc, char **argv)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
	struct target target = {0};
	struct rlimit limit;
	size_t mode = 0;

	while (mode < MODES && (argc < 2 || strcmp(argv[1], modes[mode].name)))
		mode++;
	if (mode == MODES || argc < 4 + modes[mode].numbers || argc > 6)
		return usage();
	target.count = strtoul(argv[4], NULL, 10);
	target.pid = argc > 5 ? (pid_t)strtol(argv[5], NULL, 10) : 0;
	if (getaddrinfo(argv[2], argv[3], &hints, &target.addr))
		return usage();
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(ALARM_S);
	modes[mode].run(&target);
	freeaddrinfo(target.addr);
	return 0;
}
