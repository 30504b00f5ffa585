/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * et-echo: an edge-triggered epoll echo server, to copy from.
 *
 * An edge is told once, so the server remembers what it was told: each connection keeps whether
 * input may wait (readable) and whether output is taken (writable), and only the calls that prove
 * the contrary clear them. One turn of the loop has two halves: first the whole batch of events is
 * noted, then those connections that can go on get a bounded piece of work each. Nothing is
 * accepted, closed or freed while the batch is walked, so no event of it can meet a connection
 * that is gone or a descriptor number that means another one by now.
 *
 * --break makes a mistake on purpose. What is not to be copied asks breaks() first.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef ET_ECHO_VERSION
#define ET_ECHO_VERSION "0.1.0"
#endif

#define ARRAY_SIZE(a)	 (sizeof(a) / sizeof((a)[0]))
#define BUF_BYTES	 65536 /* one read; also the most that one connection's queue can hold */
#define READS_PER_TURN	 4     /* then the others have their turn */
#define ACCEPTS_PER_TURN 64
#define DRAIN_MS	 3000 /* how long peers may take over the last echo after a signal */
#define RETRY_MS	 100  /* how long accept rests where no event tells that it can go on */
#define MAX_EVENTS	 64
#define MAX_EVENTS_LIMIT 65536
/* PRI for urgent data, see read_some; OUT comes with the first short write, see write_some */
#define CONN_EVENTS (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET)

enum breakage {
	BREAK_NONE,
	BREAK_LOST_EDGE,
	BREAK_LOST_EOF,
	BREAK_LOST_ACCEPT,
	BREAK_LOST_WRITE,
	BREAK_BLOCKING_FD,
	BREAK_PHANTOM,
	BREAK_ONESHOT,
	BREAK_STALE_BATCH
};

static const struct {
	const char *name;
	enum breakage kind;
	const char *what;
} breakages[] = {
	{"lost-edge", BREAK_LOST_EDGE, "read half of a connection's first input, then wait"},
	{"lost-eof", BREAK_LOST_EOF, "take a short read for the end of what has come"},
	{"lost-accept", BREAK_LOST_ACCEPT, "accept one connection an event"},
	{"lost-write", BREAK_LOST_WRITE, "do not ask when there is room again"},
	{"blocking-fd", BREAK_BLOCKING_FD, "leave connections without O_NONBLOCK"},
	{"phantom", BREAK_PHANTOM, "keep a copy of each descriptor that is closed"},
	{"oneshot-not-rearmed", BREAK_ONESHOT, "EPOLLONESHOT, and no MOD"},
	{"stale-batch", BREAK_STALE_BATCH,
	 "close the oldest of 2 connections for a new one at once"},
};

struct options {
	const char *host;
	const char *port;
	unsigned int max_events;
	bool verbose;
	enum breakage broken;
};

struct conn {
	struct conn *prev, *next; /* all connections */
	struct conn *next_turn;	  /* those that can go on */
	int fd;
	bool has_turn;
	bool readable; /* no read has proved yet that nothing waits */
	bool writable; /* no write was short since the last EPOLLOUT */
	bool asks_out; /* EPOLLOUT is in the mask */
	bool to_end;   /* a short read proves nothing: read until 0 or EAGAIN */
	bool eof;
	bool failed;
	bool halved;	/* --break lost-edge has had its way */
	bool phantom;	/* --break phantom: closed, and its events still come */
	char *out;	/* the echo that the socket did not take; NULL when it took all */
	size_t out_pos; /* what of it is written */
	size_t out_len;
};

struct server {
	const struct options *opts;
	int epfd, listen_fd, signal_fd, spare_fd;
	struct epoll_event *events;
	struct conn *conns;
	struct conn *turns, **turns_end;
	bool acceptable;  /* accept has not said EAGAIN yet */
	int64_t retry_ms; /* when to try accept again, 0 for no such plan */
	unsigned int signals;
	struct conn *kept; /* closed ones whose memory is kept, see discard() */
	bool draining;
	int64_t deadline_ms;
	char buf[BUF_BYTES];
};

/* ---- small things ---- */

__attribute__((format(printf, 2, 3))) static int complain(int status, const char *format, ...)
{
	va_list args;

	fputs("et-echo: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

static int complain_errno(const char *what, int err)
{
	const char *text = strerror(err);

	return complain(EXIT_FAILURE, "%s: %c%s", what, tolower((unsigned char)text[0]), text + 1);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct name {
	char host[NI_MAXHOST], port[NI_MAXSERV];
};

static void name_address(const struct sockaddr_storage *addr, socklen_t len, struct name *ret_name)
{
	if (getnameinfo((const struct sockaddr *)addr, len, ret_name->host, sizeof(ret_name->host),
			ret_name->port, sizeof(ret_name->port), NI_NUMERICHOST | NI_NUMERICSERV))
		*ret_name = (struct name){.host = "?", .port = "?"};
}

/* ---- mistakes on purpose ---- */

static bool breaks(const struct server *srv, enum breakage kind)
{
	return srv->opts->broken == kind;
}

static uint32_t conn_events(const struct server *srv)
{
	if (breaks(srv, BREAK_ONESHOT))
		return CONN_EVENTS | EPOLLONESHOT;
	if (breaks(srv, BREAK_LOST_EOF))
		return CONN_EVENTS & ~EPOLLRDHUP;
	return CONN_EVENTS;
}

/* The memory of a closed connection stays where its events may still come: so far do these mistakes
 * go, and no further. */
static void discard(struct server *srv, struct conn *conn)
{
	if (!breaks(srv, BREAK_PHANTOM) && !breaks(srv, BREAK_STALE_BATCH)) {
		free(conn);
		return;
	}
	conn->phantom = breaks(srv, BREAK_PHANTOM);
	conn->next = srv->kept;
	srv->kept = conn;
}

static struct conn *new_conn(struct server *srv)
{
	struct conn *conn = srv->kept;

	if (!conn || !breaks(srv, BREAK_STALE_BATCH))
		return calloc(1, sizeof(*conn));
	srv->kept = conn->next;
	*conn = (struct conn){0};
	return conn;
}

/* ---- connections ---- */

static void give_turn(struct server *srv, struct conn *conn)
{
	if (conn->has_turn)
		return;
	conn->has_turn = true;
	conn->next_turn = NULL;
	*srv->turns_end = conn;
	srv->turns_end = &conn->next_turn;
}

/* Only for a connection that stands on no list of turns. Closing takes it out of the interest
 * list too: its file was neither duplicated nor inherited. */
static void close_conn(struct server *srv, struct conn *conn)
{
	if (srv->opts->verbose)
		printf("Closed connection on descriptor %d\n", conn->fd);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		srv->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	if (breaks(srv, BREAK_PHANTOM))		     /* a mistake on purpose */
		fcntl(conn->fd, F_DUPFD_CLOEXEC, 0); /* and nobody remembers it */
	close(conn->fd);
	free(conn->out);
	discard(srv, conn);
	if (srv->retry_ms)
		srv->acceptable = true; /* there is a descriptor for who waits in the backlog */
}

static int add_conn(struct server *srv, int fd)
{
	struct conn *conn = new_conn(srv);
	struct epoll_event event = {.events = conn_events(srv), .data.ptr = conn};

	if (!conn)
		return -ENOMEM;
	/* What came before this is not missed: adding a ready descriptor gives an event. */
	if (epoll_ctl(srv->epfd, EPOLL_CTL_ADD, fd, &event) < 0) {
		free(conn);
		return -errno;
	}
	conn->fd = fd;
	conn->writable = true;
	conn->next = srv->conns;
	if (conn->next)
		conn->next->prev = conn;
	srv->conns = conn;
	return 0;
}

/* One write. Returns the bytes taken, or -errno. A short one needs no second try to arm the
 * edge, but EPOLLOUT in the mask: asked for once, it stays, as it costs nothing from then on.
 * If there was room again before the MOD, the MOD itself gives the event. */
static ssize_t write_some(struct server *srv, struct conn *conn, const char *data, size_t len)
{
	struct epoll_event event = {.events = conn_events(srv) | EPOLLOUT, .data.ptr = conn};
	ssize_t n = send(conn->fd, data, len, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN)
		return -errno;
	if (n < 0)
		n = 0;
	if ((size_t)n == len)
		return n;
	conn->writable = false;
	if (breaks(srv, BREAK_LOST_WRITE))
		return n;
	if (!conn->asks_out && epoll_ctl(srv->epfd, EPOLL_CTL_MOD, conn->fd, &event) < 0)
		return -errno;
	conn->asks_out = true;
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

/* Called with an empty queue only: that bounds it to one read. */
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

/* One read. Returns the bytes read, 0 for none now, or -errno. A short read proves the socket
 * drained, and what comes later gives an edge; but not where the end of file stands behind the
 * data already (it is not announced again), nor at an urgent mark (it ends a read early). */
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

/* The mistake on purpose: one edge, half a read, and nothing that remembers the rest. */
static ssize_t read_half(struct server *srv, struct conn *conn)
{
	int waiting = 0;
	ssize_t n;

	if (ioctl(conn->fd, FIONREAD, &waiting) < 0)
		return -errno;
	if (waiting < 2)
		return read_some(srv, conn, BUF_BYTES);
	n = read_some(srv, conn, waiting / 2 < BUF_BYTES ? (size_t)waiting / 2 : BUF_BYTES);
	conn->halved = true;
	conn->readable = false;
	return n;
}

static int echo_once(struct server *srv, struct conn *conn)
{
	bool half = breaks(srv, BREAK_LOST_EDGE) && !conn->halved;
	ssize_t got = half ? read_half(srv, conn) : read_some(srv, conn, BUF_BYTES);
	ssize_t sent;

	if (got <= 0)
		return (int)got;
	sent = write_some(srv, conn, srv->buf, (size_t)got);
	if (sent < 0)
		return (int)sent;
	return sent < got ? queue_rest(conn, srv->buf + sent, (size_t)(got - sent)) : 0;
}

/* Returns 1 when the connection is finished, 0 when not, or -errno. While a queue waits for its
 * peer nothing is read, so the peer's own writes stop in the end: back-pressure. For the same
 * reason there is no queue left where the end of file has been read. */
static int echo_turn(struct server *srv, struct conn *conn)
{
	int err = flush_queue(srv, conn);

	for (int i = 0; !err && i < READS_PER_TURN && conn->readable && !conn->out; i++)
		err = echo_once(srv, conn);
	if (err)
		return err;
	if (conn->readable && !conn->out)
		give_turn(srv, conn); /* no edge will tell of it again */
	return conn->eof;
}

/* The same after a signal: what is queued is written, what still comes in is thrown away, for
 * closing a socket with unread input would reset the connection and lose the last echo. Done
 * when the peer has all of it; else the peer sees end of file behind it and closes. */
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

static void serve_turns(struct server *srv)
{
	struct conn *next = srv->turns;

	/* Who gets a turn from here on gets it after the next wait. */
	srv->turns = NULL;
	srv->turns_end = &srv->turns;
	while (next) {
		struct conn *conn = next;
		int done = conn->failed;

		next = conn->next_turn;
		conn->has_turn = false;
		if (!done)
			done = srv->draining ? drain_turn(srv, conn) : echo_turn(srv, conn);
		if (done)
			close_conn(srv, conn);
	}
}

/* ---- new connections ---- */

/* No descriptor is left. The spare one makes room to accept a connection and to close it at once,
 * so the peer learns of it and the backlog cannot fill with what no edge will announce again. */
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

/* Returns 0 when there may be more, -EAGAIN when not, or another -errno: try again later. */
static int accept_one(struct server *srv)
{
	struct sockaddr_storage addr; /* a struct sockaddr has no room for IPv6 */
	socklen_t len = sizeof(addr);
	struct name name;
	int flags = breaks(srv, BREAK_BLOCKING_FD) ? 0 : SOCK_NONBLOCK;
	int fd = accept4(srv->listen_fd, (struct sockaddr *)&addr, &len, flags | SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		return shed_connection(srv);
	if (fd < 0)
		return errno == ECONNABORTED ? 0 : -errno;
	if (srv->opts->verbose) {
		name_address(&addr, len, &name);
		printf("New connection: host = %s, port = %s\n", name.host, name.port);
	}
	if (add_conn(srv, fd) < 0)
		close(fd);
	return 0;
}

static void accept_turn(struct server *srv)
{
	int err = 0;

	srv->retry_ms = 0;
	for (int i = 0; !err && i < ACCEPTS_PER_TURN; i++) {
		err = accept_one(srv);
		if (breaks(srv, BREAK_LOST_ACCEPT))
			err = -EAGAIN;
	}
	if (err)
		srv->acceptable = false;
	if (err && err != -EAGAIN)
		srv->retry_ms = now_ms() + RETRY_MS;
}

/* A mistake on purpose: there is room for two. The number of the one that goes is that of the one
 * that comes, and the batch may have an event for it still. */
static void replace_oldest(struct server *srv)
{
	struct conn *oldest = srv->conns ? srv->conns->next : NULL;

	if (!oldest)
		return;
	close_conn(srv, oldest);
	accept_one(srv);
}

/* ---- the loop ---- */

static void note_event(struct server *srv, const struct epoll_event *event)
{
	struct conn *conn = event->data.ptr;
	struct signalfd_siginfo info;

	if (event->data.ptr == &srv->listen_fd) {
		if (breaks(srv, BREAK_STALE_BATCH))
			replace_oldest(srv);
		srv->acceptable = true;
	} else if (event->data.ptr == &srv->signal_fd) {
		while (read(srv->signal_fd, &info, sizeof(info)) == sizeof(info))
			srv->signals++;
	} else if (!conn->phantom) {
		conn->failed |= !!(event->events & EPOLLERR);
		conn->readable |= !!(event->events & ~EPOLLOUT);
		conn->to_end |= !!(event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLPRI)) &&
				!breaks(srv, BREAK_LOST_EOF);
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

static int wait_ms(const struct server *srv)
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

static bool loop_ends(const struct server *srv)
{
	if (!srv->draining)
		return false;
	return !srv->conns || srv->signals > 1 || now_ms() >= srv->deadline_ms;
}

static int loop(struct server *srv)
{
	while (!loop_ends(srv)) {
		int count = epoll_wait(srv->epfd, srv->events, (int)srv->opts->max_events,
				       wait_ms(srv));

		if (count < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < count; i++)
			note_event(srv, &srv->events[i]);
		if (srv->signals && !srv->draining)
			start_drain(srv);
		if (srv->retry_ms && now_ms() >= srv->retry_ms)
			srv->acceptable = true;
		serve_turns(srv); /* first, as who closes makes room for who comes */
		if (srv->acceptable)
			accept_turn(srv);
	}
	return 0;
}

/* ---- start and end ---- */

static int open_listener(const struct addrinfo *addr, int *ret_fd)
{
	int one = 1;
	int fd = socket(addr->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	/* A connection inherits SO_OOBINLINE: an urgent byte is echoed like any other. */
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
	struct rlimit limit;
	int err;

	/* Without a higher limit there are fewer connections, nothing worse. */
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	srv->events = calloc(srv->opts->max_events, sizeof(*srv->events));
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

static int tell_listening(const struct server *srv)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	struct name name;

	if (getsockname(srv->listen_fd, (struct sockaddr *)&addr, &len) < 0)
		return -errno;
	name_address(&addr, len, &name);
	if (printf(addr.ss_family == AF_INET6 ? "listening on [%s]:%s\n" : "listening on %s:%s\n",
		   name.host, name.port) < 0)
		return -errno;
	return fflush(stdout) == EOF ? -errno : 0;
}

static int complain_listen(const struct options *opts, int err)
{
	char what[NI_MAXHOST + 64];

	snprintf(what, sizeof(what),
		 strchr(opts->host, ':') ? "cannot listen on [%s]:%s" : "cannot listen on %s:%s",
		 opts->host, opts->port);
	return complain_errno(what, err);
}

static int serve(struct server *srv, const struct addrinfo *addr)
{
	int err = open_listener(addr, &srv->listen_fd);

	if (err)
		return complain_listen(srv->opts, -err);
	err = start(srv);
	if (err)
		return complain_errno("cannot start", -err);
	err = tell_listening(srv);
	if (err)
		return complain_errno("cannot write to standard output", -err);
	err = loop(srv);
	return err ? complain_errno("cannot wait for events", -err) : EXIT_SUCCESS;
}

/* ---- the command line ---- */

static void print_help(void)
{
	puts("usage: et-echo [options]\n"
	     "An edge-triggered epoll echo server.\n\n"
	     "  -l, --listen ADDR     IPv4 or IPv6 address to listen on (127.0.0.1)\n"
	     "  -p, --port PORT       port to listen on; 0 picks a free one (0)\n"
	     "      --max-events N    size of the epoll_wait array (64)\n"
	     "      --break KIND      make a mistake on purpose:");
	for (size_t i = 0; i < ARRAY_SIZE(breakages); i++)
		printf("          %-19s %s\n", breakages[i].name, breakages[i].what);
	puts("  -v, --verbose         tell of each connection\n"
	     "  -h, --help            print this help\n"
	     "  -V, --version         print the version");
}

/* Digits only: strtoul alone would take blanks and signs. */
static bool parse_number(const char *text, unsigned long max, unsigned int *ret_number)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || number > max)
		return false;
	*ret_number = (unsigned int)number;
	return true;
}

static bool parse_breakage(const char *text, enum breakage *ret_kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(breakages); i++) {
		if (!strcmp(text, breakages[i].name)) {
			*ret_kind = breakages[i].kind;
			return true;
		}
	}
	return false;
}

#define SHORT_OPTIONS "+:l:p:vhV" /* + ends them at the first word that is none */

enum {
	OPT_MAX_EVENTS = 256,
	OPT_BREAK
};

static const struct option long_options[] = {
	{"listen", required_argument, NULL, 'l'},
	{"port", required_argument, NULL, 'p'},
	{"max-events", required_argument, NULL, OPT_MAX_EVENTS},
	{"break", required_argument, NULL, OPT_BREAK},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

/* Returns -1 to go on, or the exit status. */
static int take_option(int opt, struct options *opts)
{
	unsigned int number;

	if (opt == 'l') {
		opts->host = optarg;
	} else if (opt == 'p') {
		if (!parse_number(optarg, 65535, &number))
			return complain(2, "invalid port: %s", optarg);
		opts->port = optarg;
	} else if (opt == OPT_MAX_EVENTS) {
		if (!parse_number(optarg, MAX_EVENTS_LIMIT, &number) || !number)
			return complain(2, "invalid number of events: %s", optarg);
		opts->max_events = number;
	} else if (opt == OPT_BREAK) {
		if (!parse_breakage(optarg, &opts->broken))
			return complain(2, "invalid kind of break: %s", optarg);
	} else if (opt == 'v') {
		opts->verbose = true;
	} else {
		if (opt == 'h')
			print_help();
		else
			puts("et-echo " ET_ECHO_VERSION);
		return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	return -1;
}

/* An unknown short option may stand in the midst of its word, or optind not yet behind it: optopt
 * tells it. With a known one there, a long option came with an argument it does not take. */
static int complain_option(int opt, const char *word)
{
	if (opt == ':')
		return complain(2, "option needs an argument: %s", word);
	if (optopt && !strchr(SHORT_OPTIONS, optopt))
		return complain(2, "unknown option: -%c", optopt);
	return complain(2, "unknown option: %s", word);
}

static int parse_options(int argc, char **argv, struct options *opts)
{
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, SHORT_OPTIONS, long_options, NULL)) != -1) {
		int status;

		if (opt == '?' || opt == ':')
			return complain_option(opt, argv[optind - 1]);
		status = take_option(opt, opts);
		if (status >= 0)
			return status;
	}
	return optind < argc ? complain(2, "unexpected argument: %s", argv[optind]) : -1;
}

int main(int argc, char **argv)
{
	struct options opts = {.host = "127.0.0.1", .port = "0", .max_events = MAX_EVENTS};
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				       .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct server srv = {.opts = &opts, .turns_end = &srv.turns};
	struct addrinfo *addr;
	int status;

	signal(SIGXFSZ, SIG_IGN);	  /* a file that may not grow is as a full disk */
	setvbuf(stdout, NULL, _IOLBF, 0); /* whoever reads it through a pipe sees each line */
	status = parse_options(argc, argv, &opts);
	if (status >= 0)
		return status;
	if (getaddrinfo(opts.host, opts.port, &hints, &addr))
		return complain(2, "invalid address: %s", opts.host);
	status = serve(&srv, addr);
	while (srv.conns)
		close_conn(&srv, srv.conns);
	while (srv.kept) {
		struct conn *next = srv.kept->next;

		free(srv.kept);
		srv.kept = next;
	}
	free(srv.events);
	freeaddrinfo(addr);
	return status;
}
