/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How epoll really behaves: output, listeners, masks, EPOLLONESHOT, closed descriptors whose file lives
 * on, fairness, interruption. See edges.c.
 */
#include "edges.h"

#include <sys/wait.h>

#define NOTHING 0

/* A short write is enough: that it gives EAGAIN next is not needed for an edge. */
static void test_short_write(void)
{
	static const char much[1 << 22];
	int fds[2];

	pair_tcp(fds);
	watch(fds[0], EPOLLIN | EPOLLOUT | EPOLLET);
	CHECK(reported() == EPOLLOUT);
	CHECK(write(fds[0], much, sizeof(much)) < (ssize_t)sizeof(much));
	while (reported()) /* what an acknowledgement on the way may give */
		;
	gives(fds[1], 1);
	no_wait(fds[1]);
	for (int i = 0; i < SOON_MS && takes(fds[1], 1 << 20); i++)
		poll(&(struct pollfd){fds[1], POLLIN, 0}, 1, 1);
	CHECK(reported_soon() == (EPOLLIN | EPOLLOUT)); /* any edge reports all that is ready */
	done(fds);
}

static void test_listener(void)
{
	struct sockaddr_in at;
	int l = listens(&at);

	watch(l, EPOLLIN | EPOLLET);
	for (int i = 0; i < 3; i++)
		connects(&at);
	CHECK(reported_soon() == EPOLLIN);
	CHECK(accept(l, NULL, NULL) >= 0);
	CHECK(reported() == NOTHING); /* of two that wait */
	CHECK(accept(l, NULL, NULL) >= 0 && accept(l, NULL, NULL) >= 0);
	close(l);
}

static void test_empty_mask(void)
{
	int fds[2];

	pair_tcp(fds);
	watch(fds[0], 0);
	CHECK(!shutdown(fds[1], SHUT_WR));
	CHECK(poll(&(struct pollfd){fds[0], POLLRDHUP, 0}, 1, SOON_MS) == 1);
	CHECK(reported() == NOTHING); /* silent on a FIN */
	CHECK(!shutdown(fds[0], SHUT_WR));
	CHECK(reported_soon() == EPOLLHUP); /* both halves are shut */
	for (int i = 0; i < 23; i++)
		CHECK(reported() == EPOLLHUP); /* and so for ever */
	done(fds);

	pair_tcp(fds);
	watch(fds[0], 0);
	CHECK(!setsockopt(fds[1], SOL_SOCKET, SO_LINGER, &(struct linger){1, 0},
			  sizeof(struct linger)));
	close(fds[1]);
	CHECK(reported_soon() == (EPOLLERR | EPOLLHUP));
	close(fds[0]);
}

static void test_unconnected(int domain)
{
	int fd = socket(domain, SOCK_STREAM | SOCK_NONBLOCK, 0);

	watch(fd, EPOLLIN | EPOLLOUT);
	CHECK(reported() == (EPOLLOUT | EPOLLHUP));
	close(fd);
}

/* Field number n (from 0) of the row of fdinfo with that number; rows: how many there are. */
static unsigned long row(int fd, int *rows)
{
	char path[64], line[256];
	unsigned long events = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ep);
	f = fopen(path, "re");
	*rows = 0;
	while (f && fgets(line, sizeof(line), f)) {
		int tfd;
		unsigned long e;

		if (sscanf(line, "tfd: %d events: %lx", &tfd, &e) != 2 || tfd != fd)
			continue;
		events = e;
		++*rows;
	}
	if (f)
		fclose(f);
	return events;
}

static void test_oneshot(uint32_t et, unsigned long private_bits)
{
	struct epoll_event e = {.events = EPOLLIN};
	int fds[2], rows;

	pair(fds, AF_UNIX, SOCK_STREAM);
	watch(fds[0], EPOLLIN | EPOLLONESHOT | et);
	gives(fds[1], 1);
	CHECK(reported() == EPOLLIN);
	CHECK(row(fds[0], &rows) == private_bits && rows == 1);
	gives(fds[1], 1);
	close(fds[1]);
	CHECK(reported() == NOTHING); /* not even EPOLLHUP */
	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &e) && errno == EEXIST);
	rearm(fds[0], EPOLLIN | EPOLLONESHOT | et);
	CHECK(reported() & EPOLLIN);
	close(fds[0]);
}

static void test_closed(void)
{
	struct epoll_event e = {.events = EPOLLIN};
	int p[2], q[2], old, copy, rows;

	CHECK(!pipe(p) && !pipe(q));
	old = p[0];
	watch(old, EPOLLIN | EPOLLET);
	copy = dup(old);
	close(old);
	gives(p[1], 1);
	CHECK(reported() == EPOLLIN); /* the file lives on, and so does its entry */
	CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, old, NULL) && errno == EBADF);
	CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, copy, NULL) && errno == ENOENT);
	CHECK(dup2(q[0], old) == old); /* another file under that number */
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, old, &e));
	row(old, &rows);
	CHECK(rows == 2);
	CHECK(!epoll_ctl(ep, EPOLL_CTL_DEL, old, NULL));
	CHECK(dup2(copy, old) == old); /* what gets rid of it */
	CHECK(!epoll_ctl(ep, EPOLL_CTL_DEL, old, NULL));
	row(old, &rows);
	CHECK(rows == 0);
	close(old);
	close(copy);
	close(p[1]);
	done(q);
}

static void test_fairness(void)
{
	int fd[7], count[7] = {0};
	struct epoll_event e;

	ep = epoll_create1(0);
	for (int i = 0; i < 7; i++) {
		fd[i] = eventfd(1, 0);
		e = (struct epoll_event){.events = EPOLLIN, .data.u32 = i};
		CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &e));
	}
	for (int i = 0; i < 7 * 3; i++) {
		CHECK(epoll_wait(ep, &e, 1, 0) == 1);
		count[e.data.u32]++;
	}
	for (int i = 0; i < 7; i++) {
		CHECK(count[i] == 3);
		close(fd[i]);
	}
}

static void interrupted(int sig)
{
	(void)sig;
}

/* A child that is in a wait gets the signals; its status says whether the wait gave EINTR. */
static void test_interruption(int first, int second)
{
	struct sigaction act = {.sa_handler = interrupted, .sa_flags = SA_RESTART};
	int ready[2], status;
	pid_t pid;
	char c;

	CHECK(!pipe(ready) && !sigaction(SIGALRM, &act, NULL));
	pid = fork();
	if (!pid) {
		struct epoll_event e;
		int own = epoll_create1(0);

		(void)!write(ready[1], "", 1);
		_exit(epoll_wait(own, &e, 1, 10 * SOON_MS) == -1 && errno == EINTR ? 7 : 1);
	}
	CHECK(read(ready[0], &c, 1) == 1);
	for (int i = 0; i < SOON_MS; i++) { /* a signal that comes before the wait is no proof */
		CHECK(!kill(pid, first));
		if (second)
			CHECK(!kill(pid, second));
		poll(NULL, 0, 1);
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
	}
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	done(ready);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_short_write();
	test_listener();
	test_empty_mask();
	test_unconnected(AF_INET);
	test_unconnected(AF_UNIX);
	test_oneshot(0, 0x40000000);
	test_oneshot(EPOLLET, 0xc0000000);
	test_closed();
	test_fairness();
	test_interruption(SIGALRM, 0);
	test_interruption(SIGSTOP, SIGCONT);
	return unit_failed;
}
