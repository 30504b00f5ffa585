/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * uring-ring.h: a ring of io_uring by its system calls alone, for workloads: entries are put one
 * by one, entered together, and reaped in the order of their completion.
 */
#ifndef URING_RING_H
#define URING_RING_H

#include <errno.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RING_ENTRIES  64
#define OP_EPOLL_WAIT 59 /* enum io_uring_op; younger than many a header */

struct ring {
	int fd;
	unsigned flags; /* IORING_SETUP_* */
	char *rings;
	size_t rings_size, sqes_size;
	struct io_uring_sqe *sqes;
	struct io_uring_params params;
	unsigned put; /* entries that have not been entered yet */
};

static inline void __attribute__((noreturn)) ring_die(const char *what)
{
	fprintf(stderr, "uring: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* 0 or -errno. */
static inline int ring_open(struct ring *r, unsigned flags)
{
	size_t cq, sq;

	*r = (struct ring){.flags = flags, .params = {.flags = flags, .sq_thread_idle = 50}};
	r->fd = syscall(SYS_io_uring_setup, RING_ENTRIES, &r->params);
	if (r->fd < 0)
		return -errno;
	cq = r->params.cq_off.cqes + r->params.cq_entries * sizeof(struct io_uring_cqe);
	sq = r->params.sq_off.array + r->params.sq_entries * sizeof(unsigned);
	r->rings_size = cq > sq ? cq : sq;
	r->sqes_size = r->params.sq_entries * sizeof(*r->sqes);
	r->rings = mmap(NULL, r->rings_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			r->fd, IORING_OFF_SQ_RING);
	r->sqes = mmap(NULL, r->sqes_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd,
		       IORING_OFF_SQES);
	if (r->rings == MAP_FAILED || (void *)r->sqes == MAP_FAILED)
		ring_die("mmap");
	return 0;
}

/* The kernel ends what is in flight when nothing holds the ring any more. */
static inline void ring_close(struct ring *r)
{
	munmap(r->rings, r->rings_size);
	munmap(r->sqes, r->sqes_size);
	close(r->fd);
}

static inline unsigned *ring_word(const struct ring *r, unsigned offset)
{
	return (unsigned *)(r->rings + offset);
}

/* The next entry, all zero but for its operation. The kernel sees it with ring_enter. */
static inline struct io_uring_sqe *ring_put(struct ring *r, unsigned char opcode)
{
	unsigned at = *ring_word(r, r->params.sq_off.tail) + r->put;
	unsigned slot = at & *ring_word(r, r->params.sq_off.ring_mask);
	struct io_uring_sqe *sqe = &r->sqes[slot];

	if (r->put == r->params.sq_entries)
		ring_die("too many entries");
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode;
	ring_word(r, r->params.sq_off.array)[slot] = slot;
	r->put++;
	return sqe;
}

/* Submits what was put, and waits until count completions are there. */
static inline void ring_enter(struct ring *r, unsigned count)
{
	unsigned *tail = ring_word(r, r->params.sq_off.tail);
	unsigned flags = (count ? IORING_ENTER_GETEVENTS : 0) |
			 (r->flags & IORING_SETUP_SQPOLL ? IORING_ENTER_SQ_WAKEUP : 0);
	long n;

	__atomic_store_n(tail, *tail + r->put, __ATOMIC_RELEASE);
	do
		n = syscall(SYS_io_uring_enter, r->fd, r->put, count, flags, NULL, 0);
	while (n < 0 && errno == EINTR);
	if (n != (long)r->put)
		ring_die("io_uring_enter");
	r->put = 0;
}

/* The oldest completion; false: there is none. */
static inline bool ring_reap(struct ring *r, uint64_t *ret_user_data, int *ret_res)
{
	unsigned *head = ring_word(r, r->params.cq_off.head);
	unsigned tail = __atomic_load_n(ring_word(r, r->params.cq_off.tail), __ATOMIC_ACQUIRE);
	unsigned mask = *ring_word(r, r->params.cq_off.ring_mask);
	const struct io_uring_cqe *cqe = (void *)(r->rings + r->params.cq_off.cqes);

	if (*head == tail)
		return false;
	*ret_user_data = cqe[*head & mask].user_data;
	*ret_res = cqe[*head & mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return true;
}

/* 1: the kernel has the operation, 0: it has not. */
static inline int ring_has(struct ring *r, unsigned op)
{
	union {
		struct io_uring_probe probe;
		char room[sizeof(struct io_uring_probe) + 256 * sizeof(struct io_uring_probe_op)];
	} u;

	memset(&u, 0, sizeof(u));
	if (syscall(SYS_io_uring_register, r->fd, IORING_REGISTER_PROBE, &u.probe, 256))
		return 0;
	return op <= u.probe.last_op && u.probe.ops[op].flags & IO_URING_OP_SUPPORTED;
}

#endif
