/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-spin-ready.h - more scenes of programs that spin: errors, sockets that are not connected,
 * notifiers, input and connections that nobody takes.
 */
#ifndef MISUSE_SPIN_READY_H
#define MISUSE_SPIN_READY_H

#include "misuse-spin.h"

/* ---- error-queue-spin ---- */

/* A UDP socket that is connected to a port at which nobody listens. */
static inline int refused_udp(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0),
	    gone = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(at);

	must(fd >= 0 && gone >= 0 && !bind(gone, (struct sockaddr *)&at, len));
	must(!getsockname(gone, (struct sockaddr *)&at, &len) && !close(gone));
	must(!connect(fd, (struct sockaddr *)&at, len));
	return fd;
}

static inline void set_option(int fd, int level, int name, int value)
{
	must(!setsockopt(fd, level, name, &value, sizeof(value)));
}

static inline int fetch_error(int fd)
{
	int err;
	socklen_t len = sizeof(err);

	must(!getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len));
	return err;
}

static inline void ignore_refusal(struct play *p, uint32_t events)
{
	int ep = instance();

	p->fd = refused_udp();
	give(p->fd, 7);
	add(ep, p->fd, events);
	spin_slowly(ep);
}

static inline void ignores_refusal(struct play *p)
{
	ignore_refusal(p, EPOLLIN);
}

static inline void asks_nothing_of_refused(struct play *p)
{
	ignore_refusal(p, 0);
}

/* It fetches the error, and leaves what is in the queue. */
static inline void ignores_error_queue(struct play *p)
{
	int ep = instance();

	p->fd = refused_udp();
	set_option(p->fd, IPPROTO_IP, IP_RECVERR, 1);
	give(p->fd, 7);
	add(ep, p->fd, EPOLLIN);
	for (;;) {
		slow_turn(ep);
		fetch_error(p->fd);
	}
}

/* Time stamps of what was sent come through the error queue, too. */
static inline void ignores_time_stamps(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	set_option(p->fd, SOL_SOCKET, SO_TIMESTAMPING,
		   SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
	give(p->fd, 7);
	add(ep, p->fd, EPOLLIN);
	spin_slowly(ep);
}

/* More messages than there is room for: the socket says ENOBUFS until somebody receives. */
static inline void ignores_overrun(struct play *p)
{
	struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int ep = instance(), from = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
	struct nlmsghdr message[64] = {{.nlmsg_len = sizeof(message)}};

	p->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_USERSOCK);
	must(from >= 0 && p->fd >= 0 && !bind(p->fd, (struct sockaddr *)&at, sizeof(at)));
	set_option(p->fd, SOL_SOCKET, SO_RCVBUF, 4096);
	for (int i = 0; i < 23; i++)
		sendto(from, message, sizeof(message), 0, (struct sockaddr *)&at, sizeof(at));
	add(ep, p->fd, 0);
	spin_slowly(ep);
}

/* ---- unconnected-spin ---- */

static inline void add_unconnected(struct play *p, int family)
{
	int ep = instance();

	p->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	must(p->fd >= 0);
	add(ep, p->fd, EPOLLIN | EPOLLOUT);
	spin_slowly(ep);
}

static inline void adds_before_connect(struct play *p)
{
	add_unconnected(p, AF_INET);
}

static inline void adds_unix_before_connect(struct play *p)
{
	add_unconnected(p, AF_UNIX);
}

/* A server's socket: bound, and it does not listen. */
static inline void adds_before_listen(struct play *p)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int ep = instance();

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	add(ep, p->fd, EPOLLIN);
	must(!bind(p->fd, (struct sockaddr *)&at, sizeof(at)));
	spin_slowly(ep);
}

/* ---- notifier-undrained ---- */

static inline void leave_unread(struct play *p, int fd)
{
	int ep = instance();

	p->fd = fd;
	add(ep, fd, EPOLLIN);
	spin_slowly(ep);
}

static inline void leaves_eventfd(struct play *p)
{
	leave_unread(p, eventfd(1, EFD_NONBLOCK));
}

static inline void leaves_semaphore(struct play *p)
{
	leave_unread(p, eventfd(3, EFD_NONBLOCK | EFD_SEMAPHORE));
}

static inline void leaves_pipe(struct play *p)
{
	leave_unread(p, p->mine[0]);
}

static inline void leaves_timer(struct play *p)
{
	leave_unread(p, new_timer(7));
}

static inline void leaves_signal(struct play *p)
{
	int fd = new_signalfd();

	must(!kill(getpid(), SIGUSR1));
	leave_unread(p, fd);
}

static inline void leaves_file_events(struct play *p)
{
	char dir[] = "/tmp/misuse-XXXXXX";
	int fd = inotify_init1(IN_NONBLOCK);

	must(fd >= 0 && mkdtemp(dir) && inotify_add_watch(fd, dir, IN_ALL_EVENTS) >= 0);
	must(!chmod(dir, 0700) && !rmdir(dir));
	leave_unread(p, fd);
}

/* ---- ready-ignored ---- */

static inline void ignores_input(struct play *p)
{
	leave_unread(p, p->mine[0]);
}

static inline void ignores_datagram(struct play *p)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(at);

	must(fd >= 0 && !bind(fd, (struct sockaddr *)&at, len));
	must(!getsockname(fd, (struct sockaddr *)&at, &len));
	must(sendto(fd, "seven", 5, 0, (struct sockaddr *)&at, len) == 5);
	leave_unread(p, fd);
}

/* An instance is ready as long as something in it is: it is waited on by another one, and not itself. */
static inline void ignores_inner_instance(struct play *p)
{
	int inner = instance();

	add(inner, p->mine[0], EPOLLIN);
	leave_unread(p, inner);
}

/* The inner instance is asked, and what it says ignored. */
static inline void ignores_input_of_inner(struct play *p)
{
	int ep = instance(), inner = instance();

	p->fd = p->mine[0];
	add(inner, p->fd, EPOLLIN);
	add(ep, inner, EPOLLIN);
	for (;;)
		must(slow_turn(ep) == inner && next_event(inner, 0) == p->fd);
}

/* A proxy: what came in could not go out, and EPOLLIN stays. */
static inline void ignores_input_while_blocked(struct play *p)
{
	int ep = instance(), out = p->mine[1];

	p->fd = p->mine[0];
	give_all(out);
	add(ep, p->fd, EPOLLIN);
	for (;;) {
		slow_turn(ep);
		give_all(out);
	}
}

/* ---- accept-emfile ---- */

/* No descriptor is left from now on. */
static inline void use_up_descriptors(void)
{
	struct rlimit limit;
	int next = dup(0);

	must(next >= 0 && !close(next) && !getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = next;
	must(!setrlimit(RLIMIT_NOFILE, &limit));
}

static inline void accepts_in_vain(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN);
	use_up_descriptors();
	for (;;) {
		slow_turn(ep);
		must(accept4(p->fd, NULL, NULL, SOCK_NONBLOCK) < 0 && errno == EMFILE);
	}
}

#endif
