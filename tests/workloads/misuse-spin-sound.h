/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-spin-sound.h - scenes of programs that turn as fast as those of misuse-spin*.h, and are right:
 * each turn does something, or it is soon over.
 */
#ifndef MISUSE_SPIN_SOUND_H
#define MISUSE_SPIN_SOUND_H

#include "misuse-spin-ready.h"

/* ---- as write-spin ---- */

/* A server that streams: there is always more to write. */
static inline void stream(struct play *p, int (*turn)(int ep))
{
	static const char data[1 << 12];
	int ep = instance();

	add(ep, p->mine[0], EPOLLOUT);
	for (;;)
		must(write(turn(ep), data, sizeof(data)) > 0 || errno == EAGAIN);
}

static inline int next_turn(int ep)
{
	return next_event(ep, -1);
}

static inline void streams_at_full_speed(struct play *p)
{
	stream(p, next_turn);
}

static inline void streams(struct play *p)
{
	stream(p, slow_turn);
}

/* A little at each event. */
static inline void writes_each_turn(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLOUT);
	for (;;)
		give(slow_turn(ep), 7);
}

/* EPOLLOUT says that it is connected, and is not asked for after that. */
static inline void connects_and_reads(struct play *p)
{
	int ep = instance(), fd = connect_in_time();

	(void)p;
	add(ep, fd, EPOLLOUT);
	next_event(ep, -1);
	must(!fetch_error(fd));
	mod(ep, fd, EPOLLIN);
	wait_forever(ep);
}

/* ---- as hangup-spin ---- */

#define LINGER_MS 300

/* The peer has gone; the connection is closed a little later. */
static inline void closes_after_a_while(struct play *p)
{
	int64_t end;
	int ep = instance();

	add(ep, p->mine[1], EPOLLIN);
	add(ep, p->mine[0], EPOLLIN | EPOLLRDHUP);
	next_event(ep, -1);
	for (end = now_ms() + LINGER_MS; now_ms() < end;)
		slow_turn(ep);
	close(p->mine[0]);
	wait_forever(ep);
}

/* The peer sends no more, and gets more: a half-closed connection. */
static inline void writes_to_half_closed(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLRDHUP);
	for (;;)
		give(slow_turn(ep), 7);
}

static inline void half_closes(struct play *p)
{
	must(!shutdown(p->peer[0], SHUT_WR));
	reads_on(p);
}

/* Many connections end, and each is closed: the number is used again at once. */
static inline void closes_what_has_ended(struct play *p)
{
	int ep = instance(), fds[2];

	(void)p;
	for (;;) {
		must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds));
		add(ep, fds[0], EPOLLIN | EPOLLRDHUP);
		close(fds[1]);
		close(slow_turn(ep));
	}
}

/* ---- as error-queue-spin ---- */

/* Each datagram is refused, and each time that is fetched. */
static inline void fetches_refusals(struct play *p)
{
	int ep = instance(), fd = refused_udp();

	(void)p;
	add(ep, fd, EPOLLIN);
	for (;;) {
		give(fd, 7);
		must(slow_turn(ep) == fd && fetch_error(fd) == ECONNREFUSED);
	}
}

static inline void reads_error_queue(struct play *p)
{
	int ep = instance(), fd = refused_udp();
	char data[100], control[1000];
	struct iovec part = {data, sizeof(data)};

	(void)p;
	set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
	add(ep, fd, EPOLLIN);
	for (;;) {
		struct msghdr message = {.msg_iov = &part,
					 .msg_iovlen = 1,
					 .msg_control = control,
					 .msg_controllen = sizeof(control)};

		give(fd, 7);
		slow_turn(ep);
		must(recvmsg(fd, &message, MSG_ERRQUEUE) == 7);
		fetch_error(fd);
	}
}

/* ---- as unconnected-spin ---- */

/* It is connected after so many milliseconds; until then it turns. */
static inline void connect_after(int ms)
{
	struct sockaddr_in at;
	int ep = instance(), l = listener(&at),
	    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int64_t end = now_ms() + ms;

	must(l >= 0 && fd >= 0);
	add(ep, fd, EPOLLIN | EPOLLOUT);
	while (now_ms() < end)
		slow_turn(ep);
	must(!connect(fd, (struct sockaddr *)&at, sizeof(at)) || errno == EINPROGRESS);
	next_event(ep, -1);
	mod(ep, fd, EPOLLIN);
	wait_forever(ep);
}

static inline void connects_after_add(struct play *p)
{
	(void)p;
	connect_after(0);
}

static inline void connects_after_a_while(struct play *p)
{
	(void)p;
	connect_after(LINGER_MS);
}

/* ---- as notifier-undrained ---- */

static inline void *notifies(void *arg)
{
	const uint64_t one = 1;

	for (;;) {
		must(write(*(int *)arg, &one, sizeof(one)) == sizeof(one));
		usleep(TURN_REST_US);
	}
	return NULL;
}

/* With EPOLLET each write is one event, read or not. */
static inline void needs_not_read(struct play *p)
{
	static int fd;
	int ep = instance();

	(void)p;
	fd = eventfd(0, EFD_NONBLOCK);
	add(ep, fd, EPOLLIN | EPOLLET);
	thread(notifies, &fd);
	wait_forever(ep);
}

static inline void read_each_turn(int read_fd, int *write_fd)
{
	int ep = instance();

	add(ep, read_fd, EPOLLIN);
	if (write_fd)
		thread(notifies, write_fd);
	for (;;)
		take(next_event(ep, -1), 1000);
}

/* As often as it is written. */
static inline void reads_eventfd(struct play *p)
{
	static int fd;

	(void)p;
	fd = eventfd(0, EFD_NONBLOCK);
	read_each_turn(fd, &fd);
}

static inline void reads_own_pipe(struct play *p)
{
	static int fds[2];

	(void)p;
	must(!pipe(fds));
	nonblocking(fds[0]);
	read_each_turn(fds[0], &fds[1]);
}

static inline void reads_fast_timer(struct play *p)
{
	(void)p;
	read_each_turn(new_timer(1), NULL);
}

/* ---- as ready-ignored ---- */

static inline void *takes_now_and_then(void *fd)
{
	for (;;) {
		usleep(20000);
		take(*(int *)fd, 10);
	}
	return NULL;
}

/* Another thread reads, slowly. */
static inline void is_read_elsewhere(struct play *p)
{
	int ep = instance();

	thread(takes_now_and_then, &p->mine[0]);
	add(ep, p->mine[0], EPOLLIN);
	spin_slowly(ep);
}

static inline void reads_bytes(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (;;)
		take(slow_turn(ep), 1);
}

static inline void sends_60000(struct play *p)
{
	give(p->peer[0], 60000);
	rest(p, 1, 1);
}

/* A server with a few connections, as fast as it is asked. */
static inline void serves(struct play *p)
{
	int ep = instance();

	for (int i = 0; i < p->count; i++)
		add(ep, p->mine[i], EPOLLIN);
	for (;;) {
		int fd = next_event(ep, -1);

		give(fd, take(fd, 1000));
	}
}

static inline void ask_all(struct play *p, int rest_us)
{
	int64_t end = now_ms() + p->hold_ms;

	while (now_ms() < end) {
		for (int i = 0; i < p->count; i++)
			give(p->peer[i], 100);
		for (int i = 0; i < p->count; i++)
			must(take(p->peer[i], 1000) > 0);
		if (rest_us)
			usleep(rest_us);
	}
}

static inline void asks_all(struct play *p)
{
	ask_all(p, TURN_REST_US);
}

static inline void asks_all_at_full_speed(struct play *p)
{
	ask_all(p, 0);
}

/* ---- as accept-emfile ---- */

/* It leaves the listener alone until a timer has ticked. */
static inline void backs_off_by_timer(struct play *p)
{
	int ep = instance(), timer = new_timer(100), fd;

	add(ep, p->mine[0], EPOLLIN);
	add(ep, timer, EPOLLIN);
	use_up_descriptors();
	for (;;) {
		fd = next_event(ep, -1);
		if (fd == timer)
			take(timer, 8);
		else
			must(accept4(fd, NULL, NULL, 0) < 0 && errno == EMFILE);
		mod(ep, p->mine[0], fd == timer ? EPOLLIN : 0);
	}
}

static inline void backs_off_by_sleep(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	use_up_descriptors();
	for (;;) {
		must(accept4(next_event(ep, -1), NULL, NULL, 0) < 0 && errno == EMFILE);
		usleep(100000);
	}
}

/* It keeps a descriptor to accept and close with. */
static inline void sheds(struct play *p)
{
	int ep = instance(), spare = dup(0);

	add(ep, p->mine[0], EPOLLIN);
	use_up_descriptors();
	for (;;) {
		next_event(ep, -1);
		must(accept4(p->mine[0], NULL, NULL, 0) < 0 && errno == EMFILE);
		close(spare);
		must(accept4(p->mine[0], NULL, NULL, 0) == spare && !close(spare));
		must(dup(0) == spare);
	}
}

static inline void connects_on_and_on(struct play *p)
{
	int64_t end = now_ms() + p->hold_ms;
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	must(!getpeername(p->peer[0], (struct sockaddr *)&at, &len));
	while (now_ms() < end) {
		close(connect_to(&at));
		usleep(2000);
	}
}

#endif
