/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * uring-ops.h: the operations of uring.c: put into its ring, submitted, and printed with their
 * results as a trace should have them.
 */
#ifndef URING_OPS_H
#define URING_OPS_H

#include "strace-grammar.h"
#include "uring-ring.h"

#include <sys/epoll.h>

#define EP	  3
#define PENDING	  64
#define READY_MAX 11
#define BY_URING  " (io_uring)"

/* An operation under way: what its line needs. user_data is its place. */
struct op {
	bool wait;
	int op, fd;
	struct epoll_event event;
	const void *pointer; /* shown where there is no event */
};

static struct ring ring;
static struct op ops[PENDING];
static unsigned op_count;
static struct epoll_event ready[READY_MAX];
static int ready_fds[16]; /* by data: the descriptor that was registered with it */
static int waits_on = EP; /* what EPOLL_WAIT is given */

static inline void print_file(int fd)
{
	char path[64], text[256];
	ssize_t n;

	printf("%d", fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text) - 1);
	if (n > 0)
		printf("<%.*s>", (int)n, text);
}

static inline void print_ctl(const struct op *o, int res)
{
	printf("epoll_ctl(%d<eventpoll#1>, ", EP);
	sg_op(stdout, o->op);
	printf(", ");
	print_file(o->fd);
	printf(", ");
	if (o->op == EPOLL_CTL_DEL || o->pointer)
		sg_pointer(stdout, o->pointer);
	else
		sg_event(stdout, &o->event);
	if (res < 0)
		printf(") = -1 %s (%s)%s\n", strerrorname_np(-res), strerror(-res), BY_URING);
	else
		printf(") = %d%s\n", res, BY_URING);
}

static inline void print_ready(int res)
{
	printf("[");
	for (int i = 0; i < res; i++) {
		printf("%s{events=", i ? ", " : "");
		sg_events(stdout, ready[i].events);
		printf(", data=%#" PRIx64 ", fd=", ready[i].data.u64);
		print_file(ready_fds[ready[i].data.u64 & 15]);
		printf("}");
	}
	printf("]");
}

static inline void print_wait(int res, const char *timeout, const char *behind)
{
	printf("epoll_wait(%d<eventpoll#1>, ", waits_on);
	if (res < 0)
		sg_pointer(stdout, ready);
	else
		print_ready(res);
	printf(", %d, %s) = ", READY_MAX, timeout);
	if (res < 0)
		printf("-1 %s (%s)%s\n", strerrorname_np(-res), strerror(-res), behind);
	else
		printf("%d%s\n", res, behind);
}

static inline struct io_uring_sqe *put(unsigned char opcode, struct op o, unsigned char flags)
{
	struct io_uring_sqe *sqe = ring_put(&ring, opcode);

	if (op_count == PENDING)
		op_count = 0;
	ops[op_count] = o;
	sqe->flags = flags;
	sqe->user_data = op_count++;
	return sqe;
}

/* data is fd's number, so that a ready event can be named. */
static inline void put_ctl(int op, int fd, uint32_t events, unsigned char flags)
{
	struct op o = {.op = op, .fd = fd, .event = {.events = events, .data.u64 = fd & 15}};
	struct io_uring_sqe *sqe = put(IORING_OP_EPOLL_CTL, o, flags);

	sqe->fd = EP;
	sqe->len = op;
	sqe->off = fd;
	sqe->addr = (uintptr_t)&ops[sqe->user_data].event;
	ready_fds[fd & 15] = fd;
}

static inline void put_wait(unsigned char flags)
{
	struct io_uring_sqe *sqe = put(OP_EPOLL_WAIT, (struct op){.wait = true}, flags);

	sqe->fd = waits_on;
	sqe->addr = (uintptr_t)ready;
	sqe->len = READY_MAX;
}

/* Submits, and prints the completions: count of them must come. */
static inline void go(unsigned count)
{
	uint64_t at;
	int res;

	ring_enter(&ring, count);
	for (unsigned i = 0; i < count; i++) {
		if (!ring_reap(&ring, &at, &res))
			ring_die("no completion");
		if (at >= PENDING)
			continue;
		if (ops[at].wait)
			print_wait(res, "-1", BY_URING);
		else
			print_ctl(&ops[at], res);
	}
}

#endif
