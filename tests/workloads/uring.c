/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * uring: epoll operations through io_uring, without a library. Prints for each operation the line
 * that a trace should have, from the name on and without the duration.
 *
 *   uring probe         "ring yes" or "ring no: REASON", then the same for "wait"
 *   uring SCENE...      plays these scenes, see the table at the end
 *
 * Descriptors from 3 on are closed first; 3 is the instance. A process ends after 60 s.
 */
#include "uring-ops.h"

#include <fcntl.h>

static void reopen(unsigned flags)
{
	ring_close(&ring);
	if (ring_open(&ring, flags))
		ring_die("io_uring_setup");
}

static void expect_none(void)
{
	uint64_t at;
	int res;

	if (ring_reap(&ring, &at, &res))
		ring_die("an unexpected completion");
}

static void one(int op, int fd, uint32_t events)
{
	put_ctl(op, fd, events, 0);
	go(1);
}

/* A pipe; sets fds to its ends. */
static void make_pipe(int fds[2])
{
	if (pipe2(fds, O_NONBLOCK))
		ring_die("pipe2");
}

static void feed(int fd)
{
	if (write(fd, "x", 1) != 1)
		ring_die("write");
}

/* 67 operations: 13 times five, and two; 31 of them fail. */
static void scene_ctl(void)
{
	int fds[2];

	for (int i = 0; i < 13; i++) {
		make_pipe(fds);
		one(EPOLL_CTL_ADD, fds[0], EPOLLIN);
		one(EPOLL_CTL_ADD, fds[0], EPOLLIN | EPOLLET);
		one(EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT);
		one(EPOLL_CTL_DEL, fds[0], 0);
		one(EPOLL_CTL_DEL, fds[0], 0);
		close(fds[0]);
		close(fds[1]);
	}
	make_pipe(fds);
	one(EPOLL_CTL_MOD, fds[0], EPOLLIN);
	one(EPOLL_CTL_ADD, 999, EPOLLIN);
	close(fds[0]);
	close(fds[1]);
}

/* Three registrations in one submission, and a wait by a system call that finds two ready. */
static void scene_names(void)
{
	int fds[3][2], n;

	for (int i = 0; i < 3; i++) {
		make_pipe(fds[i]);
		put_ctl(EPOLL_CTL_ADD, fds[i][0], EPOLLIN, 0);
	}
	go(3);
	feed(fds[0][1]);
	feed(fds[2][1]);
	n = epoll_wait(EP, ready, READY_MAX, 0);
	print_wait(n, "0", "");
}

/* A wait that returns at once, and one that is submitted before there is an event. */
static void scene_wait(void)
{
	char byte;
	int fds[2];

	make_pipe(fds);
	one(EPOLL_CTL_ADD, fds[0], EPOLLIN);
	feed(fds[1]);
	put_wait(0);
	go(1);
	if (read(fds[0], &byte, 1) != 1)
		ring_die("read");
	put_wait(0);
	ring_enter(&ring, 0);
	expect_none();
	feed(fds[1]);
	go(1);
}

/* A wait on a file that the ring keeps: it is named by its place, 0. */
static void scene_fixed(void)
{
	int fds[2], ep = EP;

	if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, &ep, 1))
		ring_die("io_uring_register");
	make_pipe(fds);
	one(EPOLL_CTL_ADD, fds[0], EPOLLIN);
	feed(fds[1]);
	waits_on = 0;
	put_wait(IOSQE_FIXED_FILE);
	go(1);
	waits_on = EP;
}

/* A wait that is cancelled. */
static void scene_cancel(void)
{
	struct io_uring_sqe *sqe;

	put_wait(0);
	ring_enter(&ring, 0);
	sqe = ring_put(&ring, IORING_OP_ASYNC_CANCEL);
	sqe->addr = op_count - 1;
	sqe->user_data = PENDING;
	go(2);
}

/*
 * No completion where it succeeds: seven in one submission, then each alone, then a failure, which
 * does complete.
 */
static void scene_skip(void)
{
	int fds[7][2];

	for (int i = 0; i < 7; i++) {
		make_pipe(fds[i]);
		put_ctl(EPOLL_CTL_ADD, fds[i][0], EPOLLIN, IOSQE_CQE_SKIP_SUCCESS);
		print_ctl(&ops[op_count - 1], 0);
	}
	ring_enter(&ring, 0);
	for (int i = 0; i < 7; i++) {
		put_ctl(EPOLL_CTL_MOD, fds[i][0], EPOLLOUT, IOSQE_CQE_SKIP_SUCCESS);
		print_ctl(&ops[op_count - 1], 0);
		ring_enter(&ring, 0);
	}
	expect_none();
	put_ctl(EPOLL_CTL_ADD, fds[0][0], EPOLLIN, IOSQE_CQE_SKIP_SUCCESS);
	go(1);
}

/* In a chain what stands behind a failure is cancelled, with a completion or without. */
static void scene_link(void)
{
	int fds[2];

	make_pipe(fds);
	put_ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN, IOSQE_IO_LINK);
	put_ctl(EPOLL_CTL_MOD, fds[0], EPOLLPRI, 0);
	go(2);
	put_ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN, IOSQE_IO_LINK);
	put_ctl(EPOLL_CTL_DEL, fds[0], 0, 0);
	go(2);
	put_ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN, IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
	put_ctl(EPOLL_CTL_DEL, fds[0], 0, 0);
	go(1);
	expect_none();
	print_ctl(&ops[op_count - 1], -ECANCELED);
	one(EPOLL_CTL_DEL, fds[0], 0);
}

/* By a worker of the kernel. */
static void scene_async(void)
{
	int fds[2];

	make_pipe(fds);
	for (int i = 0; i < 3; i++) {
		put_ctl(i < 2 ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fds[0], EPOLLIN, IOSQE_ASYNC);
		go(1);
	}
}

/* Refused before it is submitted: an address that is none, an entry with what must be zero. */
static void scene_refused(void)
{
	static const uint64_t bad = 16;
	struct io_uring_sqe *sqe;
	int fds[2];

	make_pipe(fds);
	put_ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN, 0);
	sqe = &ring.sqes[*ring_word(&ring, ring.params.sq_off.tail) & (RING_ENTRIES - 1)];
	sqe->addr = bad;
	ops[op_count - 1].pointer = (void *)(uintptr_t)bad;
	go(1);
	put_ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN, 0);
	sqe = &ring.sqes[*ring_word(&ring, ring.params.sq_off.tail) & (RING_ENTRIES - 1)];
	sqe->buf_index = 1;
	ops[op_count - 1].pointer = &ops[op_count - 1].event;
	go(1);
}

/* The submitter is a thread that the kernel makes. */
static void scene_sqpoll(void)
{
	int fds[2];

	reopen(IORING_SETUP_SQPOLL);
	make_pipe(fds);
	one(EPOLL_CTL_ADD, fds[0], EPOLLIN);
	one(EPOLL_CTL_ADD, fds[0], EPOLLIN);
}

/* Waits in flight whose ring goes, and work on another one, which may use the same memory. */
static void scene_close(void)
{
	int fds[2];

	for (int i = 0; i < 5; i++)
		put_wait(0);
	ring_enter(&ring, 0);
	reopen(0);
	make_pipe(fds);
	for (int i = 0; i < 3; i++)
		one(EPOLL_CTL_ADD, fds[0], EPOLLIN);
}

/* Is fd in the interest list? */
static bool registered(int fd)
{
	char path[64], line[256];
	bool found = false;
	int tfd;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", EP);
	f = fopen(path, "re");
	if (!f)
		ring_die(path);
	while (fgets(line, sizeof(line), f))
		found |= sscanf(line, "tfd: %d", &tfd) == 1 && tfd == fd;
	fclose(f);
	return found;
}

/*
 * By a worker, and without a completion: what is used up first is the memory of requests that are
 * in flight no more, so the last ones show that the first has ended.
 */
static void scene_unseen(void)
{
	int fds[2], other[2];

	make_pipe(fds);
	make_pipe(other);
	put_ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN, IOSQE_ASYNC | IOSQE_CQE_SKIP_SUCCESS);
	ring_enter(&ring, 0);
	while (!registered(fds[0]))
		;
	for (int i = 0; i < 31; i++) {
		one(EPOLL_CTL_ADD, other[0], EPOLLIN);
		one(EPOLL_CTL_DEL, other[0], 0);
	}
}

/* More completions than there is room for: 64 entries three times, and one when there is room. */
static void scene_overflow(void)
{
	uint64_t at;
	int fds[2], res;

	make_pipe(fds);
	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < RING_ENTRIES / 2; k++) {
			put_ctl(EPOLL_CTL_ADD, fds[0], EPOLLIN, 0);
			put_ctl(EPOLL_CTL_DEL, fds[0], 0, 0);
		}
		ring_enter(&ring, 0);
	}
	while (ring_reap(&ring, &at, &res))
		;
	ring_enter(&ring, 1);
	while (ring_reap(&ring, &at, &res))
		;
	one(EPOLL_CTL_ADD, fds[0], EPOLLIN);
}

static const struct {
	const char *name;
	void (*play)(void);
} scenes[] = {
	{"ctl", scene_ctl},	      {"names", scene_names},	  {"wait", scene_wait},
	{"cancel", scene_cancel},     {"skip", scene_skip},	  {"link", scene_link},
	{"async", scene_async},	      {"refused", scene_refused}, {"sqpoll", scene_sqpoll},
	{"fixed", scene_fixed},	      {"close", scene_close},	  {"unseen", scene_unseen},
	{"overflow", scene_overflow},
};

static int probe(void)
{
	int err = ring_open(&ring, 0);

	if (err) {
		printf("ring no: io_uring_setup: %s\n", strerror(-err));
		return 0;
	}
	printf("ring %s\n", ring_has(&ring, IORING_OP_EPOLL_CTL) ? "yes" : "no: no EPOLL_CTL");
	printf("wait %s\n", ring_has(&ring, OP_EPOLL_WAIT) ? "yes" : "no: no EPOLL_WAIT");
	return 0;
}

static void play(const char *name)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		if (!strcmp(scenes[i].name, name)) {
			scenes[i].play();
			return;
		}
	}
	fprintf(stderr, "uring: no such scene: %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	int err;

	alarm(60);
	if (argc > 1 && !strcmp(argv[1], "probe"))
		return probe();
	if (syscall(SYS_close_range, 3U, ~0U, 0))
		ring_die("close_range");
	if (epoll_create1(0) != EP)
		ring_die("epoll_create1");
	printf("epoll_create1(0) = %d<eventpoll#1>\n", EP);
	err = ring_open(&ring, 0);
	if (err) {
		errno = -err;
		ring_die("io_uring_setup");
	}
	for (int i = 1; i < argc; i++)
		play(argv[i]);
	return 0;
}
