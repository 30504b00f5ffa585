/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An edge-triggered epoll echo server in one file, to copy from: cc -o server server.c
 *
 * The kernel reports an edge once, so the server remembers it. Each connection keeps whether input
 * may be waiting (readable) and whether there may be room for output (writable); only a call that
 * proves the contrary clears these. A turn of the loop has two halves: first the whole batch of
 * events is recorded in the connections, then every connection that can go on gets a bounded amount
 * of work. Nothing is accepted, closed or freed while the batch is read, so no event in it can
 * refer to a connection that is gone, or to a descriptor number that has a new meaning by now.
 */
#define _GNU_SOURCE 1 /* accept4 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUF_BYTES	 65536 /* one read, and so the most that is queued for a connection */
#define READS_PER_TURN	 4     /* of one connection, before the others have their turn */
#define ACCEPTS_PER_TURN 64
#define MAX_EVENTS	 64
#define DRAIN_MS	 3000 /* how long peers may take to read their last echo after a signal */
#define RETRY_MS	 100  /* accept failed, and no event will say when it can succeed */

/* EPOLLPRI for urgent data, see read_some(); EPOLLOUT comes with the first short write. */
#define CONN_EVENTS (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET)

struct conn {
	struct conn *prev, *next; /* all connections, the latest first */
	struct conn *next_turn;	  /* the connections that can go on */
	bool has_turn;
	int fd;
	uint32_t mask; /* the events that are registered */
	bool readable; /* no read has proved yet that no input is waiting */
	bool writable; /* no write was short since the last EPOLLOUT */
	bool to_end;   /* a short read proves nothing: read until 0 or EAGAIN */
	bool eof;
	bool failed;
	char *out;	/* the echo that the socket did not take; NULL if it took everything */
	size_t out_pos; /* how much of that has been written */
	size_t out_len;
};

struct server {
	unsigned int max_events;
	bool verbose;
	int epfd, listen_fd, signal_fd, spare_fd;
	struct epoll_event *events;
	struct conn *conns;
	struct conn *turns, **turns_end; /* first come, first served */
	bool acceptable;		 /* accept has not failed with EAGAIN yet */
	int64_t retry_ms;		 /* when to try accept again; 0: not planned */
	unsigned int signals;
	bool draining;
	int64_t deadline_ms; /* of the drain */
	char buf[BUF_BYTES];
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct name {
	char host[NI_MAXHOST], port[NI_MAXSERV];
};

static struct name name_address(const struct sockaddr_storage *addr, socklen_t len)
{
	struct name name = {.host = "?", .port = "?"};

	getnameinfo((const struct sockaddr *)addr, len, name.host, sizeof(name.host), name.port,
		    sizeof(name.port), NI_NUMERICHOST | NI_NUMERICSERV);
	return name;
}

/* ---- connections ---- */

/* The connection goes on when the batch, or the current round of turns, is over. */
static void give_turn(struct server *srv, struct conn *conn)
{
	if (conn->has_turn)
		return;
	conn->has_turn = true;
	conn->next_turn = NULL;
	*srv->turns_end = conn;
	srv->turns_end = &conn->next_turn;
}

/* Input that came before the registration is not missed: adding a ready descriptor is an edge. */
static int add_conn(struct server *srv, struct conn *conn)
{
	struct epoll_event event = {.events = conn->mask, .data.ptr = conn};

	if (epoll_ctl(srv->epfd, EPOLL_CTL_ADD, conn->fd, &event) < 0)
		return -errno;
	conn->next = srv->conns;
	if (conn->next)
		conn->next->prev = conn;
	srv->conns = conn;
	return 0;
}

/* Not for a connection that has a turn. The memory stays the caller's. Closing the descriptor also
 * takes it out of the interest list, because it was neither duplicated nor inherited. */
static void close_conn(struct server *srv, struct conn *conn)
{
	if (srv->verbose)
		printf("Closed connection on descriptor %d\n", conn->fd);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		srv->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	close(conn->fd);
	free(conn->out);
	if (srv->retry_ms)
		srv->acceptable = true; /* there is a descriptor for a peer in the backlog */
}

/* One write: returns the bytes taken, or -errno. A short one need not be repeated until EAGAIN to
 * get an edge, but EPOLLOUT must be registered; it stays, as it costs nothing from then on. If the
 * socket has room again before the MOD, the MOD itself raises the event. */
static ssize_t write_some(struct server *srv, struct conn *conn, const char *data, size_t len)
{
	struct epoll_event event = {.events = conn->mask | EPOLLOUT, .data.ptr = conn};
	ssize_t n = send(conn->fd, data, len, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN)
		return -errno;
	if (n < 0)
		n = 0;
	if ((size_t)n == len)
		return n;
	conn->writable = false;
	if (conn->mask & EPOLLOUT)
		return n;
	if (epoll_ctl(srv->epfd, EPOLL_CTL_MOD, conn->fd, &event) < 0)
		return -errno;
	conn->mask = event.events;
	return n;
}

static int flush_queue(struct server *srv, struct conn *conn)
{
	ssize_t n;

	if (!conn->out || !conn->writable)
		return 0;
	n = write_some(srv, conn, conn->out + conn->out_pos, conn->out_len - conn->out_pos);
	if (n < 0)
		return (int)n;
	conn->out_pos += (size_t)n;
	if (conn->out_pos == conn->out_len) {
		free(conn->out);
		conn->out = NULL;
	}
	return 0;
}

/* Only called while the queue is empty, which bounds it to one read. */
static int queue_rest(struct conn *conn, const char *data, size_t len)
{
	conn->out = malloc(len);
	if (!conn->out)
		return -ENOMEM;
	memcpy(conn->out, data, len);
	conn->out_pos = 0;
	conn->out_len = len;
	return 0;
}

/* One read: returns the bytes read, 0 if there are none now, or -errno. A short read proves that
 * the socket is drained, and what comes later raises an edge. There are two exceptions: an end of
 * file that is already queued after the data is not reported again, and an urgent byte cuts a read
 * short. */
static ssize_t read_some(struct server *srv, struct conn *conn, size_t room)
{
	ssize_t n = recv(conn->fd, srv->buf, room, 0);

	if (n < 0 && errno != EAGAIN)
		return -errno;
	if (n < 0)
		conn->to_end = false;
	if (n == 0)
		conn->eof = true;
	if (n <= 0 || ((size_t)n < room && !conn->to_end))
		conn->readable = false;
	return n < 0 ? 0 : n;
}

static int echo_once(struct server *srv, struct conn *conn, size_t room)
{
	ssize_t got = read_some(srv, conn, room), sent;

	if (got <= 0)
		return (int)got;
	sent = write_some(srv, conn, srv->buf, (size_t)got);
	if (sent < 0)
		return (int)sent;
	return sent < got ? queue_rest(conn, srv->buf + sent, (size_t)(got - sent)) : 0;
}

/* Returns 1 if the connection is finished, 0 if not, or -errno. While a queue waits for its peer
 * nothing is read, so that the peer's own writes stop in the end: back-pressure. This is also why
 * the queue is empty once the end of file has been read. */
static int echo_turn(struct server *srv, struct conn *conn)
{
	int err = flush_queue(srv, conn);

	for (int i = 0; !err && i < READS_PER_TURN && conn->readable && !conn->out; i++)
		err = echo_once(srv, conn, BUF_BYTES);
	if (err)
		return err;
	if (conn->readable && !conn->out)
		give_turn(srv, conn); /* no edge will report this input again */
	return conn->eof;
}

/* A turn after a signal: the queue is written, and further input is discarded, because closing a
 * socket with unread input resets the connection and loses the last echo. The connection is
 * finished when the peer has received all of its echo; otherwise the peer is sent the end of file,
 * and closes. */
static int drain_turn(struct server *srv, struct conn *conn)
{
	int err = flush_queue(srv, conn), unsent = 0;

	for (int i = 0; !err && i < READS_PER_TURN && conn->readable; i++) {
		ssize_t n = read_some(srv, conn, BUF_BYTES);

		err = n < 0 ? (int)n : 0;
	}
	if (err)
		return err;
	if (conn->readable)
		give_turn(srv, conn);
	if (conn->out || conn->readable)
		return 0;
	if (conn->eof || ioctl(conn->fd, SIOCOUTQ, &unsent) < 0 || unsent == 0)
		return 1;
	return shutdown(conn->fd, SHUT_WR) < 0 ? -errno : 0;
}

/* Returns 0 if the connection lives on. */
static int serve_conn(struct server *srv, struct conn *conn)
{
	conn->has_turn = false;
	if (conn->failed)
		return -EIO;
	return srv->draining ? drain_turn(srv, conn) : echo_turn(srv, conn);
}

/* Turns that are given from here on are taken after the next wait. */
static struct conn *take_turns(struct server *srv)
{
	struct conn *first = srv->turns;

	srv->turns = NULL;
	srv->turns_end = &srv->turns;
	return first;
}

static void serve_conns(struct server *srv)
{
	struct conn *next;

	for (struct conn *conn = take_turns(srv); conn; conn = next) {
		next = conn->next_turn;
		if (serve_conn(srv, conn)) {
			close_conn(srv, conn);
			free(conn);
		}
	}
}

/* ---- new connections ---- */

/* No descriptor is left. The spare one makes room to accept a connection and close it at once, so
 * that its peer knows, and the backlog cannot fill with connections that no edge reports again. */
static int shed_connection(struct server *srv)
{
	int fd, err;

	if (srv->spare_fd >= 0)
		close(srv->spare_fd);
	fd = accept4(srv->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	err = fd < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	srv->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return err;
}

/* *ret_fd is -1 if there is nothing to serve. */
static int accept_fd(struct server *srv, int flags, int *ret_fd)
{
	struct sockaddr_storage addr; /* a struct sockaddr has no room for IPv6 */
	socklen_t len = sizeof(addr);
	struct name name;

	*ret_fd = accept4(srv->listen_fd, (struct sockaddr *)&addr, &len, flags | SOCK_CLOEXEC);
	if (*ret_fd < 0 && (errno == EMFILE || errno == ENFILE))
		return shed_connection(srv);
	if (*ret_fd < 0)
		return errno == ECONNABORTED ? 0 : -errno;
	if (srv->verbose) {
		name = name_address(&addr, len);
		printf("New connection: host = %s, port = %s\n", name.host, name.port);
	}
	return 0;
}

/* Returns 0 if there may be more to accept, -EAGAIN if not, or another -errno: try again later. */
static int accept_one(struct server *srv)
{
	struct conn *conn;
	int fd, err = accept_fd(srv, SOCK_NONBLOCK, &fd);

	if (fd < 0)
		return err;
	conn = malloc(sizeof(*conn));
	if (conn)
		*conn = (struct conn){.fd = fd, .mask = CONN_EVENTS, .writable = true};
	if (!conn || add_conn(srv, conn) < 0) {
		free(conn);
		close(fd);
	}
	return 0;
}

static void stop_accepting(struct server *srv, int err)
{
	srv->acceptable = false;
	srv->retry_ms = err == -EAGAIN ? 0 : now_ms() + RETRY_MS;
}

static void accept_turn(struct server *srv)
{
	int err = 0;

	srv->retry_ms = 0;
	for (int i = 0; !err && i < ACCEPTS_PER_TURN; i++)
		err = accept_one(srv);
	if (err)
		stop_accepting(srv, err);
}

/* ---- the loop ---- */

static void record_event(struct server *srv, const struct epoll_event *event)
{
	struct conn *conn = event->data.ptr;
	struct signalfd_siginfo info;

	if (event->data.ptr == &srv->listen_fd) {
		srv->acceptable = true;
	} else if (event->data.ptr == &srv->signal_fd) {
		while (read(srv->signal_fd, &info, sizeof(info)) == sizeof(info))
			srv->signals++;
	} else {
		conn->failed |= !!(event->events & EPOLLERR);
		conn->readable |= !!(event->events & ~EPOLLOUT);
		conn->to_end |= !!(event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLPRI));
		conn->writable |= !!(event->events & EPOLLOUT);
		give_turn(srv, conn);
	}
}

static void start_drain(struct server *srv)
{
	srv->draining = true;
	srv->deadline_ms = now_ms() + DRAIN_MS;
	close(srv->listen_fd);
	srv->acceptable = false;
	srv->retry_ms = 0;
	for (struct conn *conn = srv->conns; conn; conn = conn->next) {
		conn->readable = true;
		give_turn(srv, conn);
	}
}

static bool is_finished(const struct server *srv)
{
	if (!srv->draining)
		return false;
	return !srv->conns || srv->signals > 1 || now_ms() >= srv->deadline_ms;
}

static int timeout_ms(const struct server *srv)
{
	int64_t until = srv->draining ? srv->deadline_ms : srv->retry_ms;
	int64_t left;

	if (srv->turns || srv->acceptable)
		return 0;
	if (!until)
		return -1;
	left = until - now_ms();
	return left > 0 ? (int)left : 0;
}

/* Returns the number of events, or -errno. */
static int wait_for_events(struct server *srv)
{
	int count = epoll_wait(srv->epfd, srv->events, (int)srv->max_events, timeout_ms(srv));

	if (count >= 0)
		return count;
	return errno == EINTR ? 0 : -errno;
}

/* What follows from the batch, and from the time, for all connections. */
static void end_batch(struct server *srv)
{
	if (srv->signals && !srv->draining)
		start_drain(srv);
	if (srv->retry_ms && now_ms() >= srv->retry_ms)
		srv->acceptable = true;
}

static int run(struct server *srv)
{
	while (!is_finished(srv)) {
		int count = wait_for_events(srv);

		if (count < 0)
			return count;
		for (int i = 0; i < count; i++)
			record_event(srv, &srv->events[i]);
		end_batch(srv);
		serve_conns(srv); /* first: those that close make room for those that come */
		if (srv->acceptable)
			accept_turn(srv);
	}
	return 0;
}

/* ---- start and end ---- */

static int open_listener(struct server *srv, const struct addrinfo *addr)
{
	int fd = socket(addr->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		return -errno;
	srv->listen_fd = fd;
	/* Connections inherit SO_OOBINLINE: an urgent byte is echoed like any other. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one)) < 0 ||
	    bind(fd, addr->ai_addr, addr->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0)
		return -errno;
	return 0;
}

static int open_signals(int *ret_fd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*ret_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return *ret_fd < 0 ? -errno : 0;
}

static int watch(const struct server *srv, int *fd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = fd};

	return epoll_ctl(srv->epfd, EPOLL_CTL_ADD, *fd, &event) < 0 ? -errno : 0;
}

static int start(struct server *srv)
{
	int err;

	srv->turns_end = &srv->turns;
	srv->events = calloc(srv->max_events, sizeof(*srv->events));
	if (!srv->events)
		return -ENOMEM;
	srv->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	srv->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (srv->spare_fd < 0 || srv->epfd < 0)
		return -errno;
	err = open_signals(&srv->signal_fd);
	if (!err)
		err = watch(srv, &srv->signal_fd);
	return err ? err : watch(srv, &srv->listen_fd);
}

static int print_listening(const struct server *srv)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	struct name name;

	if (getsockname(srv->listen_fd, (struct sockaddr *)&addr, &len) < 0)
		return -errno;
	name = name_address(&addr, len);
	if (printf(addr.ss_family == AF_INET6 ? "listening on [%s]:%s\n" : "listening on %s:%s\n",
		   name.host, name.port) < 0)
		return -errno;
	return fflush(stdout) == EOF ? -errno : 0;
}

/* The end of the process closes the other descriptors. */
static void finish(struct server *srv)
{
	while (srv->conns) {
		struct conn *conn = srv->conns;

		close_conn(srv, conn);
		free(conn);
	}
	free(srv->events);
}

#ifndef SERVER_WITHOUT_MAIN /* for programs that include this file */
int main(int argc, char **argv)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct server srv = {.max_events = MAX_EVENTS};
	struct addrinfo *addr;
	int err;

	if (argc != 3 || getaddrinfo(argv[1], argv[2], &hints, &addr)) {
		fputs("usage: server ADDRESS PORT\n", stderr);
		return 2;
	}
	err = open_listener(&srv, addr);
	if (!err)
		err = start(&srv);
	if (!err)
		err = print_listening(&srv);
	if (!err)
		err = run(&srv);
	if (err)
		fprintf(stderr, "server: %s\n", strerror(-err));
	finish(&srv);
	freeaddrinfo(addr);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
#endif
