/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * misuse-turns.h - scenes of loops that turn though nothing is ready, of waits that end early, and of
 * what is asked of the interface; wrong and right.
 */
#ifndef MISUSE_TURNS_H
#define MISUSE_TURNS_H

#include "misuse-spin-sound.h"

#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

static inline int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

/* ---- zero-timeout-spin ---- */

/* At full speed; the others do something between two polls. */
static inline void polls(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (;;)
		next_event(ep, 0);
}

static inline int wait_for(int ep, const struct timespec *timeout)
{
	struct epoll_event e;

	return syscall(SYS_epoll_pwait2, ep, &e, 1, timeout, NULL, 8);
}

static inline void polls_by_pwait2(struct play *p)
{
	const struct timespec none = {0};
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	while (wait_for(ep, &none) == 0)
		work();
}

/* A timer that is always less than a millisecond away: rounded down it never blocks. */
static inline void polls_for_timer(struct play *p)
{
	int64_t due = now_us() + 900;
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (;;) {
		int64_t left = due - now_us();

		if (left <= 0)
			due += 900;
		else
			next_event(ep, left / 1000);
		work();
	}
}

/* It looks once before it blocks. */
static inline void polls_once(struct play *p)
{
	int ep = instance();

	for (int i = 0; i < p->count; i++)
		add(ep, p->mine[i], EPOLLIN);
	for (;;) {
		int fd = next_event(ep, 0);

		if (fd < 0)
			fd = next_event(ep, -1);
		give(fd, take(fd, 1000));
	}
}

/* There is a backlog, and it looks for news after each piece of it. */
static inline void polls_between_pieces(struct play *p)
{
	int ep = instance(), backlog = open("/dev/zero", O_RDONLY);

	add(ep, p->mine[0], EPOLLIN);
	for (;;) {
		must(take(backlog, 1 << 16) == 1 << 16);
		next_event(ep, 0);
	}
}

/* ---- busy-poll ---- */

/* sys/epoll.h has them since glibc 2.40, the kernel since 6.9. */
struct busy_params {
	uint32_t busy_poll_usecs;
	uint16_t busy_poll_budget;
	uint8_t prefer_busy_poll, pad;
};
#define SET_BUSY_PARAMS _IOW(0x8A, 0x01, struct busy_params)

/* Polling by design: the instance is set up for it. */
static inline void polls_busily(struct play *p)
{
	const struct busy_params params = {.busy_poll_usecs = 50, .busy_poll_budget = 8};
	int ep = instance();

	must(!ioctl(ep, SET_BUSY_PARAMS, &params));
	add(ep, p->mine[0], EPOLLIN);
	for (;; work())
		next_event(ep, 0);
}

/* ---- timeout-rounding ---- */

#define PERIOD_US 20000

/* It waits for a timer of its own; what is less than a millisecond is 0, or a whole one. */
static inline void wait_for_timer(struct play *p, bool up)
{
	int64_t due = now_us() + PERIOD_US;
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (;;) {
		int64_t left = due - now_us();

		if (left <= 0)
			due += PERIOD_US;
		else
			next_event(ep, (left + (up ? 999 : 0)) / 1000);
	}
}

static inline void rounds_down(struct play *p)
{
	wait_for_timer(p, false);
}

static inline void rounds_up(struct play *p)
{
	wait_for_timer(p, true);
}

/* ---- short-timeout ---- */

/* It wakes up some hundred times a second, for nothing. */
static inline void ticks(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (;;)
		next_event(ep, 1);
}

/* The wheel of a timer: each tick something is due. */
static inline void writes_each_tick(struct play *p)
{
	int ep = instance();

	add(ep, p->mine[0], EPOLLIN);
	for (;;)
		if (next_event(ep, 5) < 0)
			give(p->mine[0], 7);
}

static inline void reads_each_tick(struct play *p)
{
	int ep = instance(), zeros = open("/dev/zero", O_RDONLY);

	add(ep, p->mine[0], EPOLLIN);
	for (;;)
		if (next_event(ep, 5) < 0)
			must(take(zeros, 7) == 7);
}

static inline void changes_each_tick(struct play *p)
{
	int ep = instance();
	uint32_t events = EPOLLIN;

	add(ep, p->mine[0], events);
	for (;;)
		if (next_event(ep, 5) < 0)
			mod(ep, p->mine[0], events ^= EPOLLPRI);
}

/* ---- eintr ---- */

static inline void note_signal(int number)
{
	(void)number;
}

/* Waits until a signal interrupts it, of whom the caller makes what it wants. */
static inline int interrupted_instance(struct play *p, int number)
{
	const struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
	struct epoll_event e;
	int ep = instance();

	must(!sigaction(number, &action, NULL));
	add(ep, p->mine[0], EPOLLIN);
	post(p->steps);
	must(epoll_wait(ep, &e, 1, -1) < 0 && errno == EINTR);
	return ep;
}

static inline void ends_loop_at_signal(struct play *p)
{
	interrupted_instance(p, SIGUSR1);
	park();
}

static inline void exits_at_signal(struct play *p)
{
	interrupted_instance(p, SIGUSR1);
	_exit(1);
}

static inline void goes_on_after_signal(struct play *p)
{
	wait_forever(interrupted_instance(p, SIGUSR1));
}

/* This signal is to end it. */
static inline void ends_at_sigterm(struct play *p)
{
	close(interrupted_instance(p, SIGTERM));
	_exit(0);
}

/* Once it sleeps, which is in the wait: a signal that comes before that interrupts nothing. */
static inline void signal_program(struct play *p, int number)
{
	char path[64], state = 0;
	FILE *stat;

	await(p->steps);
	snprintf(path, sizeof(path), "/proc/%d/stat", p->program);
	while (state != 'S') {
		stat = fopen(path, "r");
		must(stat && fscanf(stat, "%*d (misuse) %c", &state) == 1 && !fclose(stat));
		poll(NULL, 0, 1);
	}
	must(!kill(p->program, number));
}

static inline void sends_signal(struct play *p)
{
	signal_program(p, SIGUSR1);
	rest(p, 1, 1);
}

static inline void sends_sigterm(struct play *p)
{
	signal_program(p, SIGTERM);
	rest(p, 1, 1);
}

/* A wait ends with EINTR when the program is stopped and continued, though there is no handler. */
static inline void stops_and_continues(struct play *p)
{
	signal_program(p, SIGSTOP);
	must(waitpid(p->program, NULL, WUNTRACED) == p->program);
	must(!kill(p->program, SIGCONT));
	rest(p, 1, 1);
}

/* ---- wakeup-dropped, nested ---- */

/* What lets a program block suspend is given up; the kernel then drops EPOLLWAKEUP without a word. */
static inline void asks_for_wakeup(struct play *p)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2];
	int ep = instance();

	p->fd = p->mine[0];
	must(!syscall(SYS_capget, &header, caps));
	caps[CAP_TO_INDEX(CAP_BLOCK_SUSPEND)].effective &= ~CAP_TO_MASK(CAP_BLOCK_SUSPEND);
	must(!syscall(SYS_capset, &header, caps));
	add(ep, p->fd, EPOLLIN | EPOLLWAKEUP);
	wait_forever(ep);
}

/* What is ready in the inner instance is taken. */
static inline void watches_instance(struct play *p)
{
	int ep = instance(), inner = instance();

	p->fd = inner;
	add(inner, p->mine[0], EPOLLIN);
	add(ep, inner, EPOLLIN);
	for (;;) {
		next_event(ep, -1);
		take_all(next_event(inner, 0));
	}
}

#endif
