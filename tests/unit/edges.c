/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How edge-triggered mode really behaves: what gives an event, and what a short read or write proves.
 * The rules stand on these statements; a kernel that behaves otherwise fails here. kTLS is not tried.
 */
#include "edges.h"

#include <pty.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define ET	(EPOLLIN | EPOLLET)
#define NOTHING 0

static void test_what_gives_an_event(void)
{
	int p[2];

	CHECK(!pipe(p));
	gives(p[1], 2000);
	watch(p[0], ET);
	CHECK(reported() == EPOLLIN); /* a ready one that is added */
	CHECK(takes(p[0], 1000) == 1000);
	CHECK(reported() == NOTHING); /* unread data are not reported again */
	gives(p[1], 1);
	CHECK(reported() == EPOLLIN); /* new ones are, */
	CHECK(reported() == NOTHING);
	CHECK(takes(p[0], 5000) == 1001);
	gives(p[1], 1);
	CHECK(reported() == EPOLLIN); /* with old ones unread or not */
	rearm(p[0], ET);
	CHECK(reported() == EPOLLIN); /* MOD with the same mask arms it again */
	CHECK(takes(p[0], 5000) == 1);
	rearm(p[0], ET);
	CHECK(reported() == NOTHING);
	done(p);
}

/* After a short read of a stream nothing is left, and what comes then is reported. */
static void drained_by_short_read(int fds[2])
{
	watch(fds[0], ET);
	gives(fds[1], 500);
	CHECK(reported_soon() == EPOLLIN);
	CHECK(takes(fds[0], 1000) == 500);
	CHECK(takes(fds[0], 1) == -1 && errno == EAGAIN);
	gives(fds[1], 1000);
	CHECK(reported_soon() == EPOLLIN);
	CHECK(takes(fds[0], 1000) == 1000); /* and so may a full read leave nothing */
	CHECK(takes(fds[0], 1) == -1 && errno == EAGAIN);
	done(fds);
}

/* A read that is short proves nothing here: there is more, and it is not reported. */
static void more_behind_short_read(int fd, size_t room, ssize_t first)
{
	CHECK(takes(fd, room) == first);
	CHECK(reported() == NOTHING);
	CHECK(takes(fd, room) > 0);
}

static void test_messages(int type)
{
	int fds[2];

	pair(fds, AF_UNIX, type);
	watch(fds[0], ET);
	gives(fds[1], 10);
	gives(fds[1], 20);
	CHECK(reported() == EPOLLIN);
	more_behind_short_read(fds[0], 1000, 10);
	done(fds);
}

static void test_packet_pipe(void)
{
	int p[2];

	CHECK(!pipe2(p, O_DIRECT | O_NONBLOCK));
	watch(p[0], ET);
	gives(p[1], 10);
	gives(p[1], 20);
	CHECK(reported() == EPOLLIN);
	more_behind_short_read(p[0], 1000, 10);
	done(p);
}

static void test_urgent_mark(void)
{
	int fds[2], one = 1;

	pair_tcp(fds);
	CHECK(!setsockopt(fds[0], SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one)));
	gives(fds[1], 10);
	CHECK(send(fds[1], "u", 1, MSG_OOB) == 1);
	gives(fds[1], 20);
	watch(fds[0], ET);
	CHECK(reported_soon() & EPOLLIN);
	for (int waits = 0; waits < 31 && poll(NULL, 0, 1) == 0;) /* until all has come */
		waits = recv(fds[0], (char[64]){0}, 64, MSG_PEEK) > 0 ? 31 : waits;
	more_behind_short_read(fds[0], 1000, 10);
	done(fds);
}

static void send_fd(int to, int fd)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} u = {.h = {.cmsg_len = CMSG_LEN(sizeof(int)),
		     .cmsg_level = SOL_SOCKET,
		     .cmsg_type = SCM_RIGHTS}};
	struct iovec data = {"fd", 2};
	struct msghdr m = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &u, .msg_controllen = sizeof(u)};

	memcpy(CMSG_DATA(&u.h), &fd, sizeof(fd));
	CHECK(sendmsg(to, &m, 0) == 2);
}

/* The byte with a descriptor ends a read, also for who does not ask for it. */
static void test_passed_descriptors(void)
{
	int fds[2];

	pair(fds, AF_UNIX, SOCK_STREAM);
	watch(fds[0], ET);
	send_fd(fds[1], 0);
	gives(fds[1], 20);
	CHECK(reported() == EPOLLIN);
	more_behind_short_read(fds[0], 1000, 2);
	done(fds);
}

/* Two writers, for who asks for credentials: a read takes of one of them. */
static void test_credentials(void)
{
	int fds[2], one = 1;
	pid_t pid;

	pair(fds, AF_UNIX, SOCK_STREAM);
	CHECK(!setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	watch(fds[0], ET);
	gives(fds[1], 10);
	pid = fork();
	if (!pid)
		_exit(write(fds[1], "from another process", 20) != 20);
	CHECK(waitpid(pid, NULL, 0) == pid);
	CHECK(reported() == EPOLLIN);
	more_behind_short_read(fds[0], 1000, 10);
	done(fds);
}

static void test_semaphore(void)
{
	int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);

	watch(fd, ET);
	CHECK(reported() == EPOLLIN);
	more_behind_short_read(fd, 8, 8);
	close(fd);
}

static void test_canonical_terminal(void)
{
	int m, s;

	CHECK(!openpty(&m, &s, NULL, NULL, NULL));
	no_wait(s);
	watch(s, ET);
	CHECK(write(m, "a\nbc\n", 5) == 5);
	CHECK(reported_soon() == EPOLLIN);
	more_behind_short_read(s, 100, 2);
	close(m);
	close(s);
}

static void test_signalfd(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	watch(fd, ET);
	CHECK(!kill(getpid(), SIGUSR1) && !kill(getpid(), SIGUSR2));
	CHECK(reported() == EPOLLIN);
	more_behind_short_read(fd, sizeof(struct signalfd_siginfo),
			       sizeof(struct signalfd_siginfo));
	close(fd);
}

static void test_inotify(void)
{
	char dir[] = "/tmp/edges-XXXXXX";
	int fd = inotify_init1(IN_NONBLOCK);
	ssize_t first;

	CHECK(mkdtemp(dir) && inotify_add_watch(fd, dir, IN_ATTRIB | IN_DELETE_SELF) >= 0);
	watch(fd, ET);
	CHECK(!chmod(dir, 0700) && !rmdir(dir));
	CHECK(reported() == EPOLLIN);
	first = takes(fd, sizeof(struct inotify_event));
	CHECK(first == sizeof(struct inotify_event));
	CHECK(reported() == NOTHING);
	CHECK(takes(fd, 100) > 0);
	close(fd);
}

/* A FIN that is queued with the data is not reported again, with EPOLLRDHUP or without. */
static void test_end_of_file(uint32_t events)
{
	int fds[2];

	pair_tcp(fds);
	gives(fds[1], 500);
	CHECK(!shutdown(fds[1], SHUT_WR));
	CHECK(poll(&(struct pollfd){fds[0], POLLRDHUP, 0}, 1, SOON_MS) == 1);
	watch(fds[0], events);
	CHECK(reported() & EPOLLIN);
	CHECK(takes(fds[0], 1000) == 500);
	CHECK(reported() == NOTHING);
	CHECK(takes(fds[0], 1000) == 0);
	done(fds);
}

static void test_late_end_of_file(void)
{
	int fds[2];

	pair_tcp(fds);
	gives(fds[1], 500);
	watch(fds[0], ET);
	CHECK(reported_soon() == EPOLLIN);
	CHECK(takes(fds[0], 1000) == 500);
	CHECK(!shutdown(fds[1], SHUT_WR));
	CHECK(reported_soon() == EPOLLIN);
	CHECK(takes(fds[0], 1000) == 0);
	done(fds);
}

static void test_notifiers(void)
{
	const struct itimerspec often = {.it_value.tv_nsec = 1000000,
					 .it_interval.tv_nsec = 1000000};
	int fd = eventfd(0, EFD_NONBLOCK), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

	watch(fd, ET);
	for (int i = 0; i < 3; i++) { /* every write of an eventfd is an edge, read or not */
		CHECK(!eventfd_write(fd, 1));
		CHECK(reported() == EPOLLIN);
	}
	close(fd);
	watch(timer, ET);
	CHECK(!timerfd_settime(timer, 0, &often, NULL));
	CHECK(reported_soon() == EPOLLIN);
	poll(NULL, 0, 23); /* many periods */
	CHECK(reported() == NOTHING);
	CHECK(takes(timer, 8) == 8);
	CHECK(reported_soon() == EPOLLIN);
	close(timer);
}

int main(void)
{
	int p[2], fds[2];

	test_what_gives_an_event();
	CHECK(!pipe2(p, O_NONBLOCK));
	drained_by_short_read(p);
	pair_tcp(fds);
	drained_by_short_read(fds);
	pair(fds, AF_UNIX, SOCK_STREAM);
	drained_by_short_read(fds);
	test_messages(SOCK_DGRAM);
	test_messages(SOCK_SEQPACKET);
	test_packet_pipe();
	test_urgent_mark();
	test_passed_descriptors();
	test_credentials();
	test_semaphore();
	test_canonical_terminal();
	test_signalfd();
	test_inotify();
	test_end_of_file(ET);
	test_end_of_file(ET | EPOLLRDHUP);
	test_late_end_of_file();
	test_notifiers();
	return unit_failed;
}
