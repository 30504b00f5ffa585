/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The mistakes that --break makes on purpose: not to be copied.
 *
 * server.c is included, not linked with, so that it needs neither hooks nor a header for what is
 * wrong here: its parts are put together in another way. Without a mistake they run as they are.
 */
#define SERVER_WITHOUT_MAIN
#include "server.c"

#include "mistakes.h"

#include <sys/eventfd.h>

static const struct {
	const char *name;
	const char *help;
} rows[MISTAKES] = {
	[MISTAKE_LOST_EDGE] = {"lost-edge", "read half of a connection's first input, then wait"},
	[MISTAKE_LOST_EOF] = {"lost-eof", "take a short read for the end of what has come"},
	[MISTAKE_LOST_ACCEPT] = {"lost-accept", "accept one connection an event"},
	[MISTAKE_LOST_WRITE] = {"lost-write", "do not ask when there is room again"},
	[MISTAKE_BLOCKING_FD] = {"blocking-fd", "leave connections without O_NONBLOCK"},
	[MISTAKE_PHANTOM] = {"phantom", "keep a copy of each descriptor that is closed"},
	[MISTAKE_ONESHOT] = {"oneshot-not-rearmed", "EPOLLONESHOT, and no MOD"},
	[MISTAKE_STALE_BATCH] = {"stale-batch",
				 "close the oldest of 2 connections for a new one at once"},
	[MISTAKE_WRITE_SPIN] = {"write-spin", "level-triggered, and EPOLLOUT at all times"},
	[MISTAKE_HANGUP_SPIN] = {"hangup-spin", "level-triggered, and closed connections stay"},
	[MISTAKE_ACCEPT_EMFILE] = {"accept-emfile", "level-triggered, and no plan for EMFILE"},
	[MISTAKE_READY_IGNORED] = {"ready-ignored",
				   "level-triggered, and EPOLLIN while a peer does not read"},
	[MISTAKE_NOTIFIER_UNDRAINED] = {"notifier-undrained",
					"an eventfd for each new connection, never read"},
};

const char *mistake_name(enum mistake mistake)
{
	return rows[mistake].name;
}

const char *mistake_help(enum mistake mistake)
{
	return rows[mistake].help;
}

/* The memory of a closed connection is kept if events for it may still come, so that these mistakes
 * go as far as intended and no further. */
struct wrong_conn {
	struct conn conn; /* first: the server knows this part alone */
	struct wrong_conn *next_kept;
	bool closed;
	bool halved; /* lost-edge has happened to it */
};

struct wrong_server {
	struct server srv;
	enum mistake mistake;
	struct wrong_conn *kept;
	int notify_fd; /* of notifier-undrained */
};

static struct wrong_conn *wrong_conn(struct conn *conn)
{
	return (struct wrong_conn *)conn;
}

static void discard(struct wrong_server *wrong, struct wrong_conn *conn)
{
	if (!conn || (wrong->mistake != MISTAKE_PHANTOM && wrong->mistake != MISTAKE_STALE_BATCH)) {
		free(conn);
		return;
	}
	conn->closed = true;
	conn->next_kept = wrong->kept;
	wrong->kept = conn;
}

static void close_wrongly(struct wrong_server *wrong, struct wrong_conn *conn)
{
	if (wrong->mistake == MISTAKE_PHANTOM)
		fcntl(conn->conn.fd, F_DUPFD_CLOEXEC, 0); /* and its number is forgotten */
	close_conn(&wrong->srv, &conn->conn);
	discard(wrong, conn);
}

/* stale-batch gives a new connection the memory of a closed one. That may be in the list of turns,
 * and keeps its place there, so that those after it have theirs. */
static struct wrong_conn *new_conn(struct wrong_server *wrong)
{
	struct wrong_conn *conn = wrong->kept;

	if (!conn || wrong->mistake != MISTAKE_STALE_BATCH)
		return calloc(1, sizeof(*conn));
	wrong->kept = conn->next_kept;
	*conn = (struct wrong_conn){
		.conn = {.next_turn = conn->conn.next_turn, .has_turn = conn->conn.has_turn},
	};
	return conn;
}

static uint32_t wrong_mask(enum mistake mistake)
{
	if (mistake == MISTAKE_WRITE_SPIN)
		return (CONN_EVENTS & ~EPOLLET) | EPOLLOUT;
	if (mistake == MISTAKE_HANGUP_SPIN || mistake == MISTAKE_READY_IGNORED)
		return CONN_EVENTS & ~EPOLLET;
	if (mistake == MISTAKE_ONESHOT)
		return CONN_EVENTS | EPOLLONESHOT;
	if (mistake == MISTAKE_LOST_EOF)
		return CONN_EVENTS & ~EPOLLRDHUP;
	return CONN_EVENTS;
}

static int accept_wrongly(struct wrong_server *wrong)
{
	int flags = wrong->mistake == MISTAKE_BLOCKING_FD ? 0 : SOCK_NONBLOCK;
	int fd, err = accept_fd(&wrong->srv, flags, &fd);
	struct wrong_conn *conn;

	if (fd < 0)
		return err;
	conn = new_conn(wrong);
	if (conn) {
		conn->conn.fd = fd;
		conn->conn.mask = wrong_mask(wrong->mistake);
		conn->conn.writable = true;
	}
	if (!conn || add_conn(&wrong->srv, &conn->conn) < 0) {
		discard(wrong, conn);
		close(fd);
	} else if (wrong->mistake == MISTAKE_LOST_WRITE) {
		conn->conn.mask |= EPOLLOUT; /* the server believes that it is registered */
	} else if (wrong->mistake == MISTAKE_NOTIFIER_UNDRAINED) {
		eventfd_write(wrong->notify_fd, 1);
	}
	return 0;
}

static void accept_wrong_turn(struct wrong_server *wrong)
{
	int err = 0;

	wrong->srv.retry_ms = 0;
	for (int i = 0; !err && i < ACCEPTS_PER_TURN; i++) {
		err = accept_wrongly(wrong);
		if (wrong->mistake == MISTAKE_LOST_ACCEPT)
			err = -EAGAIN;
	}
	if (err == -EMFILE && wrong->mistake == MISTAKE_ACCEPT_EMFILE)
		err = -EAGAIN; /* no retry is planned: the listener is level-triggered */
	if (err)
		stop_accepting(&wrong->srv, err);
}

/* There is room for two. The new connection gets the number of the one that is closed, for which
 * the batch may still have an event. */
static void replace_oldest(struct wrong_server *wrong)
{
	struct conn *newest = wrong->srv.conns;

	if (!newest || !newest->next)
		return;
	close_wrongly(wrong, wrong_conn(newest->next));
	accept_wrongly(wrong);
}

static void record_wrongly(struct wrong_server *wrong, const struct epoll_event *event)
{
	struct server *srv = &wrong->srv;
	struct wrong_conn *conn = event->data.ptr;
	bool is_conn = event->data.ptr != &srv->listen_fd && event->data.ptr != &srv->signal_fd;

	if (event->data.ptr == &wrong->notify_fd || (is_conn && conn->closed))
		return;
	if (event->data.ptr == &srv->listen_fd && wrong->mistake == MISTAKE_STALE_BATCH)
		replace_oldest(wrong);
	record_event(srv, event);
	if (is_conn && wrong->mistake == MISTAKE_LOST_EOF)
		conn->conn.to_end = false;
}

/* One edge, half a read, and nothing that remembers the rest. */
static int echo_half(struct wrong_server *wrong, struct wrong_conn *conn)
{
	int waiting = 0, err;
	size_t half;

	if (ioctl(conn->conn.fd, FIONREAD, &waiting) < 0)
		return -errno;
	if (waiting < 2)
		return 0;
	half = (size_t)waiting / 2;
	err = echo_once(&wrong->srv, &conn->conn, half < BUF_BYTES ? half : BUF_BYTES);
	conn->halved = true;
	conn->conn.readable = false;
	return err;
}

/* What was queued has been written, and level-triggered EPOLLOUT would spin from now on. */
static int stop_writing(struct wrong_server *wrong, struct conn *conn)
{
	struct epoll_event event = {.events = conn->mask & ~EPOLLOUT, .data.ptr = conn};

	if (conn->out || !(conn->mask & EPOLLOUT))
		return 0;
	conn->mask = event.events;
	return epoll_ctl(wrong->srv.epfd, EPOLL_CTL_MOD, conn->fd, &event) < 0 ? -errno : 0;
}

static int serve_wrongly(struct wrong_server *wrong, struct wrong_conn *conn)
{
	bool halve = wrong->mistake == MISTAKE_LOST_EDGE && !conn->halved && !wrong->srv.draining;
	int done = 0;

	if (halve && conn->conn.readable && !conn->conn.failed)
		done = echo_half(wrong, conn);
	if (!done)
		done = serve_conn(&wrong->srv, &conn->conn);
	if (!done && wrong->mistake != MISTAKE_WRITE_SPIN && !(conn->conn.mask & EPOLLET))
		done = stop_writing(wrong, &conn->conn);
	return wrong->mistake == MISTAKE_HANGUP_SPIN && !wrong->srv.draining ? 0 : done;
}

static void serve_wrong_conns(struct wrong_server *wrong)
{
	struct conn *next;

	for (struct conn *conn = take_turns(&wrong->srv); conn; conn = next) {
		struct wrong_conn *served = wrong_conn(conn);

		next = conn->next_turn;
		if (served->closed)
			conn->has_turn = false;
		else if (serve_wrongly(wrong, served))
			close_wrongly(wrong, served);
	}
}

static int run_wrongly(struct wrong_server *wrong)
{
	struct server *srv = &wrong->srv;

	while (!is_finished(srv)) {
		int count = wait_for_events(srv);

		if (count < 0)
			return count;
		for (int i = 0; i < count; i++)
			record_wrongly(wrong, &srv->events[i]);
		end_batch(srv);
		serve_wrong_conns(wrong);
		if (srv->acceptable)
			accept_wrong_turn(wrong);
	}
	return 0;
}

static void finish_wrongly(struct wrong_server *wrong)
{
	finish(&wrong->srv);
	while (wrong->kept) {
		struct wrong_conn *next = wrong->kept->next_kept;

		free(wrong->kept);
		wrong->kept = next;
	}
}

/* Nothing is kept for the time when no descriptor is left. */
static int forget_emfile(struct server *srv)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &srv->listen_fd};

	close(srv->spare_fd);
	srv->spare_fd = -1;
	return epoll_ctl(srv->epfd, EPOLL_CTL_MOD, srv->listen_fd, &event) < 0 ? -errno : 0;
}

static int add_notifier(struct server *srv, int *fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};

	*fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (*fd < 0)
		return -errno;
	return epoll_ctl(srv->epfd, EPOLL_CTL_ADD, *fd, &event) < 0 ? -errno : 0;
}

static int start_wrongly(struct wrong_server *wrong)
{
	int err = start(&wrong->srv);

	if (!err && wrong->mistake == MISTAKE_ACCEPT_EMFILE)
		err = forget_emfile(&wrong->srv);
	if (!err && wrong->mistake == MISTAKE_NOTIFIER_UNDRAINED)
		err = add_notifier(&wrong->srv, &wrong->notify_fd);
	return err;
}

static int run_either(struct wrong_server *wrong)
{
	return wrong->mistake == MISTAKE_NONE ? run(&wrong->srv) : run_wrongly(wrong);
}

int serve(const struct serve_options *options, const struct addrinfo *addr,
	  enum serve_step *ret_step)
{
	struct wrong_server wrong = {
		.srv = {.max_events = options->max_events, .verbose = options->verbose},
		.mistake = options->mistake,
	};
	enum serve_step step = STEP_LISTEN;
	int err = open_listener(&wrong.srv, addr);

	if (!err) {
		step = STEP_START;
		err = start_wrongly(&wrong);
	}
	if (!err) {
		step = STEP_PRINT;
		err = print_listening(&wrong.srv);
	}
	if (!err) {
		step = STEP_WAIT;
		err = run_either(&wrong);
	}
	finish_wrongly(&wrong);
	*ret_step = step;
	return err;
}
