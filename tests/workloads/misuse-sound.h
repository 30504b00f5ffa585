/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-sound.h - scenes of programs that look like those of misuse-stalls.h, and are right.
 */
#ifndef MISUSE_SOUND_H
#define MISUSE_SOUND_H

#include "misuse-stalls.h"

#include <linux/bpf.h>
#include <sys/syscall.h>

/* Go's way: registered once, and read again when the reader wants more. */
static inline void paused_reader(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	next_event(ep, -1);
	next_event(ep, p->hold_ms * 2 / 3);
	take_all(p->mine[0]);
	wait_forever(ep);
}

static inline void sends_3000(struct play *p)
{
	give(p->peer[0], 3000);
	rest(p, 1, 1);
}

/* An eventfd that nobody reads: each write of it is an edge. */
static inline void *writes_eventfd(void *fd)
{
	for (;;) {
		poll(NULL, 0, 70);
		must(eventfd_write(*(int *)fd, 1) == 0);
	}
	return NULL;
}

static inline void eventfd_ignorer(struct play *p)
{
	int ep = instance(), fd = eventfd(0, EFD_NONBLOCK);

	(void)p;
	add(ep, fd, EPOLLIN | EPOLLET);
	thread(writes_eventfd, &fd);
	wait_forever(ep);
}

static inline void rearming_reader(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	for (;;) {
		next_event(ep, -1);
		take(p->mine[0], 300);
		mod(ep, p->mine[0], EPOLLIN | EPOLLET);
	}
}

/* Before it goes on with its client it wants the answer of another server, which is slow. */
static inline void awaits_answer(struct play *p)
{
	int ep = instance(), client = p->mine[0], server = p->mine[1];

	add(ep, client, EPOLLIN | EPOLLONESHOT);
	next_event(ep, -1);
	take(client, 1000);
	add(ep, server, EPOLLIN | EPOLLONESHOT);
	give(server, 10);
	wait_forever(ep);
}

/* A bucket that is empty, which a timer is going to fill. */
static inline void awaits_timer(struct play *p)
{
	const struct itimerspec late = {.it_value.tv_sec = 60};
	int ep = instance(), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

	add(ep, timer, EPOLLIN);
	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	next_event(ep, -1);
	take(p->mine[0], 1000);
	must(timerfd_settime(timer, 0, &late, NULL) == 0);
	wait_forever(ep);
}

static inline int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* A connection in a sockmap: what waits in the socket is not what a read gives. */
static inline void sockmap_reader(struct play *p)
{
	union bpf_attr map = {.map_type = BPF_MAP_TYPE_SOCKMAP,
			      .key_size = sizeof(int),
			      .value_size = sizeof(int),
			      .max_entries = 1};
	int key = 0, fd = bpf(BPF_MAP_CREATE, &map);
	union bpf_attr put = {
		.map_fd = fd, .key = (uintptr_t)&key, .value = (uintptr_t)&p->mine[0]};

	must(fd >= 0);
	must(!bpf(BPF_MAP_UPDATE_ELEM, &put));
	half_reader(p);
}

/* It wants no more of its peer, whose end it has not read. */
static inline void gives_up_reading(struct play *p)
{
	int ep = instance();

	await(p->turns);
	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	next_event(ep, -1);
	take(p->mine[0], 1000);
	must(!shutdown(p->mine[0], SHUT_RD));
	wait_forever(ep);
}

static inline void patient_reader(struct play *p)
{
	int ep = instance(), least = 4000;

	must(!setsockopt(p->mine[0], SOL_SOCKET, SO_RCVLOWAT, &least, sizeof(least)));
	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	wait_forever(ep);
}

static inline void draining_reader(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	for (;;) {
		next_event(ep, -1);
		take_all(p->mine[0]);
	}
}

/* A short read proves that nothing is left. */
static inline void short_reader(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	for (;;) {
		next_event(ep, -1);
		while (take(p->mine[0], 1 << 16) == 1 << 16)
			;
	}
}

static inline void sends_often(struct play *p)
{
	for (int i = 0; i < 23; i++) {
		give(p->peer[0], 1500);
		rest(p, 1, 23);
	}
}

/* A worker has the connection for a while, and then reads what is left. */
static inline void *works(void *play)
{
	struct play *p = play;

	rest(p, 2, 3);
	take_all(p->mine[0]);
	park();
	return NULL;
}

static inline void hands_over(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	next_event(ep, -1);
	take(p->mine[0], 10);
	thread(works, p);
	wait_forever(ep);
}

/* It has read the end of file, and keeps its own half. */
static inline void half_closer(struct play *p)
{
	int ep = instance();

	await(p->turns);
	add(ep, p->mine[0], EPOLLIN | EPOLLRDHUP | EPOLLET);
	next_event(ep, -1);
	take_all(p->mine[0]);
	wait_forever(ep);
}

/* At its limit: after the event for the third it accepts none. */
static inline void throttled(struct play *p)
{
	int ep = instance();

	for (int i = 0; i < 2; i++)
		must(accept4(p->mine[0], NULL, NULL, SOCK_NONBLOCK) >= 0);
	post(p->steps);
	await(p->turns);
	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	next_event(ep, -1);
	wait_forever(ep);
}

static inline void connects_once_more(struct play *p)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	await(p->steps);
	must(getpeername(p->peer[0], (struct sockaddr *)&at, &len) == 0);
	connect_to(&at);
	post(p->turns);
	rest(p, 1, 1);
}

static inline void accepts_level(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (;;) {
		next_event(ep, -1);
		must(accept4(p->mine[0], NULL, NULL, SOCK_NONBLOCK) >= 0);
	}
}

/* A worker has a connection that EPOLLONESHOT has disarmed, and arms it again when it is done. */
struct oneshot_worker {
	struct play *p;
	int ep;
};

static inline void *works_step_by_step(void *arg)
{
	struct oneshot_worker *w = arg;

	for (int i = 0; i < 23; i++) {
		take(w->p->mine[0], 10);
		rest(w->p, 1, 40);
	}
	take_all(w->p->mine[0]);
	mod(w->ep, w->p->mine[0], EPOLLIN | EPOLLONESHOT);
	park();
	return NULL;
}

static inline void oneshot_pool(struct play *p)
{
	struct oneshot_worker w = {p, instance()};

	add(w.ep, p->mine[0], EPOLLIN | EPOLLONESHOT);
	next_event(w.ep, -1);
	thread(works_step_by_step, &w);
	wait_forever(w.ep);
}

static inline void timer_once(struct play *p)
{
	int ep = instance();

	(void)p;
	add(ep, new_timer(0), EPOLLIN | EPOLLET);
	wait_forever(ep);
}

/* It sets its timer again instead of reading it. */
static inline void resets_timer(struct play *p)
{
	const struct itimerspec again = {.it_value.tv_nsec = 20000000,
					 .it_interval.tv_nsec = 20000000};
	int ep = instance(), timer = new_timer(20);

	(void)p;
	add(ep, timer, EPOLLIN | EPOLLET);
	for (;;) {
		next_event(ep, -1);
		must(timerfd_settime(timer, 0, &again, NULL) == 0);
	}
}

/* Back-pressure for a while. */
static inline void pauses_interest(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	next_event(ep, -1);
	mod(ep, p->mine[0], EPOLLRDHUP);
	next_event(ep, p->hold_ms / 8);
	mod(ep, p->mine[0], EPOLLIN);
	next_event(ep, -1);
	take_all(p->mine[0]);
	wait_forever(ep);
}

static inline void one_read_an_event(struct play *p)
{
	int ep = instance();

	blocking(p->mine[0]);
	add(ep, p->mine[0], EPOLLIN);
	for (;;) {
		next_event(ep, -1);
		take(p->mine[0], 1000);
	}
}

static inline void dont_wait_reader(struct play *p)
{
	char data[1000];
	int ep = instance();

	blocking(p->mine[0]);
	add(ep, p->mine[0], EPOLLIN | EPOLLET);
	for (;;) {
		next_event(ep, -1);
		while (recv(p->mine[0], data, sizeof(data), MSG_DONTWAIT) > 0)
			;
	}
}

/* Notifiers are ready when they say so. */
static inline void blocking_notifiers(struct play *p)
{
	int ep = instance(), timer = new_timer(50), event = eventfd(1, 0), sig = new_signalfd();

	(void)p;
	blocking(timer);
	blocking(sig);
	add(ep, timer, EPOLLIN | EPOLLET);
	add(ep, event, EPOLLIN | EPOLLET);
	add(ep, sig, EPOLLIN | EPOLLET);
	must(kill(getpid(), SIGUSR1) == 0);
	for (;;)
		take(next_event(ep, -1), 128);
}

/* An orderly end: who waits comes back by itself. */
static inline void *waits_a_little(void *ep)
{
	struct epoll_event e;

	while (epoll_wait(*(int *)ep, &e, 1, 20) >= 0)
		;
	return NULL;
}

static inline void shuts_down(struct play *p)
{
	int ep = instance();
	pthread_t t;

	add(ep, p->mine[0], EPOLLIN);
	t = thread(waits_a_little, &ep);
	rest(p, 1, 4);
	close(ep);
	must(pthread_join(t, NULL) == 0);
	park();
}

static inline void closes_one_of_two(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	add(ep, p->mine[1], EPOLLIN);
	thread(waits_on, &ep);
	rest(p, 1, 4);
	close(p->mine[0]);
	park();
}

#endif
