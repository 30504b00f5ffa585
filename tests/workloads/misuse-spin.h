/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-spin.h - scenes of programs that turn and turn: an entry stays ready, and the program does
 * nothing that would end it. All but one leave nine tenths of a CPU to the others.
 */
#ifndef MISUSE_SPIN_H
#define MISUSE_SPIN_H

#include "misuse-watch.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/netlink.h>
#include <sys/resource.h>
#include <time.h>

/*
 * Rules look for a hundred turns a second, and for a twentieth of a CPU. This is a thousand turns, and a
 * tenth, however fast the machine is; and with a fiftieth of a busy machine it is still enough turns.
 */
#define TURN_CPU_NS  60000
#define TURN_REST_US 700

static inline int64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static inline void work(void)
{
	for (volatile int i = 0; i < 3000; i++)
		;
}

static inline void work_and_rest(void)
{
	int64_t end = cpu_ns() + TURN_CPU_NS;

	while (cpu_ns() < end)
		work();
	usleep(TURN_REST_US);
}

static inline int slow_turn(int ep)
{
	int fd = next_event(ep, -1);

	work_and_rest();
	return fd;
}

static inline void spin_slowly(int ep)
{
	for (;;)
		slow_turn(ep);
}

static inline int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* The world reads all that the program writes, as it comes. */
static inline void reads_on(struct play *p)
{
	struct pollfd peer = {.fd = p->peer[0], .events = POLLIN};
	int64_t end = now_ms() + p->hold_ms, left;

	nonblocking(peer.fd);
	while ((left = end - now_ms()) > 0)
		if (poll(&peer, 1, (int)left) > 0)
			take_all(peer.fd);
}

static inline void reads_on_when_full(struct play *p)
{
	await(p->steps);
	reads_on(p);
}

static inline void closes_peer(struct play *p)
{
	close(p->peer[0]);
	rest(p, 1, 1);
}

static inline void resets_peer(struct play *p)
{
	struct linger at_once = {.l_onoff = 1};

	must(!setsockopt(p->peer[0], SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)));
	closes_peer(p);
}

/* The hold begins when the program has got there. */
static inline void waits_for_program(struct play *p)
{
	await(p->steps);
	rest(p, 1, 1);
}

/* ---- write-spin ---- */

/* At full speed. */
static inline void asks_for_room(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLOUT);
	wait_forever(ep);
}

static inline void asks_for_room_slowly(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLOUT);
	spin_slowly(ep);
}

/* EPOLLOUT is asked for when there is no room, and stays when the rest has been written. */
static inline void keeps_asking_for_room(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN);
	give_all(p->fd);
	post(p->steps);
	mod(ep, p->fd, EPOLLIN | EPOLLOUT);
	next_event(ep, -1);
	give(p->fd, 7);
	spin_slowly(ep);
}

static inline int connect_in_time(void)
{
	struct sockaddr_in at;
	int l = listener(&at), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	must(l >= 0 && fd >= 0);
	must(!connect(fd, (struct sockaddr *)&at, sizeof(at)) || errno == EINPROGRESS);
	return fd;
}

/* EPOLLOUT said that it is connected, and is not taken away. */
static inline void connects_and_keeps_asking(struct play *p)
{
	int ep = instance();

	p->fd = connect_in_time();
	add(ep, p->fd, EPOLLIN | EPOLLOUT);
	spin_slowly(ep);
}

#define MANY 10000

static inline void add_many(int ep)
{
	struct rlimit limit;

	must(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max;
	must(limit.rlim_max > MANY + 100 && !setrlimit(RLIMIT_NOFILE, &limit));
	for (int i = 0; i < MANY; i++)
		add(ep, eventfd(0, EFD_NONBLOCK), EPOLLIN);
}

/* One of many, and the others are idle. */
static inline void asks_for_room_among_many(struct play *p)
{
	int ep = instance();

	add_many(ep);
	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLOUT);
	post(p->steps);
	spin_slowly(ep);
}

/* One of some, and the others are busy: what is theirs is done. */
static inline void serve_all_but(struct play *p, int fd, uint32_t events)
{
	int ep = instance();

	p->fd = fd;
	for (int i = 0; i < p->count; i++)
		add(ep, p->mine[i], p->mine[i] == fd ? events : EPOLLIN);
	for (;;) {
		int ready = next_event(ep, -1);

		if (ready == fd)
			work_and_rest();
		else
			give(ready, take(ready, 1000));
	}
}

static inline void asks_for_room_among_busy(struct play *p)
{
	serve_all_but(p, p->mine[0], EPOLLIN | EPOLLOUT);
}

static inline void ignores_input_among_busy(struct play *p)
{
	serve_all_but(p, p->mine[0], EPOLLIN);
}

/* The peers of the others talk and listen. */
static inline void talk_to_all_but_first(struct play *p)
{
	int64_t end = now_ms() + p->hold_ms;

	for (int i = 1; i < p->count; i++)
		nonblocking(p->peer[i]);
	while (now_ms() < end) {
		for (int i = 1; i < p->count; i++) {
			give(p->peer[i], 100);
			take_all(p->peer[i]);
		}
		poll(NULL, 0, 2);
	}
}

static inline void sends_300_among_busy(struct play *p)
{
	give(p->peer[0], 300);
	talk_to_all_but_first(p);
}

/* ---- hangup-spin ---- */

static inline void ignore_end(struct play *p, uint32_t events)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, events);
	spin_slowly(ep);
}

static inline void ignores_fin(struct play *p)
{
	ignore_end(p, EPOLLIN | EPOLLRDHUP);
}

static inline void ignores_end(struct play *p)
{
	ignore_end(p, EPOLLIN);
}

static inline void ignores_all(struct play *p)
{
	ignore_end(p, 0);
}

/* With both halves shut EPOLLHUP comes for a mask of 0, too. */
static inline void ignores_all_after_shutdown(struct play *p)
{
	must(!shutdown(p->mine[0], SHUT_WR));
	ignore_end(p, 0);
}

static inline void reads_end_each_turn(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN);
	for (;;) {
		slow_turn(ep);
		take(p->fd, 1000);
	}
}

/* What is done each turn leaves the entry as it was. */
static inline void modify_each_turn(struct play *p, uint32_t events)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, events);
	for (;;) {
		slow_turn(ep);
		mod(ep, p->fd, events);
	}
}

static inline void modifies_each_turn(struct play *p)
{
	modify_each_turn(p, EPOLLIN | EPOLLRDHUP);
}

static inline void rearms_each_turn(struct play *p)
{
	modify_each_turn(p, EPOLLIN | EPOLLRDHUP | EPOLLONESHOT);
}

static inline void rearms_edge_each_turn(struct play *p)
{
	modify_each_turn(p, EPOLLIN | EPOLLRDHUP | EPOLLET);
}

static inline void adds_each_turn(struct play *p)
{
	int ep = instance();

	p->fd = p->mine[0];
	add(ep, p->fd, EPOLLIN | EPOLLRDHUP);
	for (;;) {
		slow_turn(ep);
		removes(ep, p->fd);
		add(ep, p->fd, EPOLLIN | EPOLLRDHUP);
	}
}

#endif
