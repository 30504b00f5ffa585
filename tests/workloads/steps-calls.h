/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * steps-calls.h: the steps of steps.c that are one system call each. Each returns what the call
 * returned, or -errno, and may add to what is printed behind it.
 */
#ifndef STEPS_CALLS_H
#define STEPS_CALLS_H

#include "steps-text.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXTRA_MAX 2048
#define READY_MAX 256

/* One step's call: its arguments (words[0] is its name) and what is printed behind its result. */
struct call {
	char *const *words;
	char extra[EXTRA_MAX];
	size_t extra_len;
};

static inline void add_extra(struct call *c, const char *text)
{
	int n = snprintf(c->extra + c->extra_len, EXTRA_MAX - c->extra_len, "%s", text);

	c->extra_len += (size_t)n < EXTRA_MAX - c->extra_len ? (size_t)n : 0;
}

/* Argument number i, by default 0. */
static inline long arg(const struct call *c, int i)
{
	for (int k = 0; k < i; k++)
		if (!c->words[k])
			return 0;
	return c->words[i] ? strtol(c->words[i], NULL, 0) : 0;
}

static inline bool has_arg(const struct call *c, int i, const char *word)
{
	for (int k = 0; k < i; k++)
		if (!c->words[k])
			return false;
	return c->words[i] && !strcmp(c->words[i], word);
}

static inline long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

static inline long step_create(struct call *c)
{
	return result(epoll_create1(has_arg(c, 1, "CLOEXEC") ? EPOLL_CLOEXEC : 0));
}

static inline long step_create0(struct call *c)
{
	return result(epoll_create(arg(c, 1)));
}

static inline long two(struct call *c, int ret, const int fds[2])
{
	char text[32];

	if (ret < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d", fds[1]);
	add_extra(c, text);
	return fds[0];
}

static inline long step_pipe(struct call *c)
{
	int fds[2];

	return two(c, pipe2(fds, O_NONBLOCK | (has_arg(c, 1, "CLOEXEC") ? O_CLOEXEC : 0)), fds);
}

static inline long step_socketpair(struct call *c)
{
	int fds[2];

	return two(c, socketpair(AF_UNIX, SOCK_STREAM, 0, fds), fds);
}

static inline long step_eventfd(struct call *c)
{
	return result(eventfd(arg(c, 1), EFD_NONBLOCK));
}

static inline long step_open(struct call *c)
{
	return result(open(c->words[1] ? c->words[1] : "", O_RDWR));
}

static inline long ctl(const struct call *c, int op)
{
	struct epoll_event event = {.data.u64 = 0};

	if (!c->words[1] || !c->words[2])
		usage("needs EP FD EVENTS DATA", c->words[0]);
	if (op == EPOLL_CTL_DEL)
		return result(epoll_ctl(arg(c, 1), op, arg(c, 2), NULL));
	if (!c->words[3] || !c->words[4])
		usage("needs EP FD EVENTS DATA", c->words[0]);
	event.events = parse_events(c->words[3]);
	event.data.u64 = strtoull(c->words[4], NULL, 0);
	return result(epoll_ctl(arg(c, 1), op, arg(c, 2), &event));
}

static inline long step_add(struct call *c)
{
	return ctl(c, EPOLL_CTL_ADD);
}

static inline long step_mod(struct call *c)
{
	return ctl(c, EPOLL_CTL_MOD);
}

static inline long step_del(struct call *c)
{
	return ctl(c, EPOLL_CTL_DEL);
}

/* The first byte is 1, so that 8 bytes are 1 to an eventfd. */
static inline long step_write(struct call *c)
{
	static const char bytes[65536] = {1};
	long n = arg(c, 2);

	return result(write(arg(c, 1), bytes, n > 65536 ? 65536 : n));
}

static inline long step_read(struct call *c)
{
	char bytes[65536];
	long n = arg(c, 2);

	return result(read(arg(c, 1), bytes, n > 65536 ? 65536 : n));
}

static inline void add_ready(struct call *c, const struct epoll_event *events, int n)
{
	for (int i = 0; i < n && i < READY_MAX; i++) {
		char text[128];
		size_t len = print_events(text, 100, events[i].events);

		snprintf(text + len, sizeof(text) - len, ":0x%llx",
			 (unsigned long long)events[i].data.u64);
		if (i)
			add_extra(c, " ");
		add_extra(c, text);
	}
}

static inline long wait_by(struct call *c, bool masked)
{
	struct epoll_event events[READY_MAX];
	int max = arg(c, 3), n;
	sigset_t none;

	sigemptyset(&none);
	if (max > READY_MAX)
		max = READY_MAX;
	n = masked ? epoll_pwait(arg(c, 1), events, max, arg(c, 2), &none)
		   : epoll_wait(arg(c, 1), events, max, arg(c, 2));
	if (n < 0)
		return -errno;
	add_ready(c, events, n);
	return n;
}

static inline long step_wait(struct call *c)
{
	return wait_by(c, false);
}

static inline long step_pwait(struct call *c)
{
	return wait_by(c, true);
}

static inline long step_pwait2(struct call *c)
{
	struct epoll_event events[READY_MAX];
	struct timespec limit = {arg(c, 2) / 1000, arg(c, 2) % 1000 * 1000000};
	int max = arg(c, 3) < READY_MAX ? arg(c, 3) : READY_MAX;

	return result(syscall(SYS_epoll_pwait2, (int)arg(c, 1), events, max, &limit, NULL, 8));
}

static inline long step_dup(struct call *c)
{
	return result(dup(arg(c, 1)));
}

static inline long step_dup2(struct call *c)
{
	return result(dup2(arg(c, 1), arg(c, 2)));
}

static inline long step_close(struct call *c)
{
	return result(close(arg(c, 1)));
}

static inline long step_close_range(struct call *c)
{
	unsigned flags = (has_arg(c, 3, "CLOEXEC") ? CLOSE_RANGE_CLOEXEC : 0) |
			 (has_arg(c, 3, "UNSHARE") ? CLOSE_RANGE_UNSHARE : 0);

	return result(syscall(SYS_close_range, (unsigned)arg(c, 1), (unsigned)arg(c, 2), flags));
}

static inline long step_cloexec(struct call *c)
{
	return result(fcntl(arg(c, 1), F_SETFD, FD_CLOEXEC));
}

static inline long step_unshare(struct call *c)
{
	(void)c;
	return result(unshare(CLONE_FILES));
}

union fd_message {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

static inline struct msghdr fd_msghdr(struct iovec *io, union fd_message *control)
{
	return (struct msghdr){
		.msg_iov = io,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(*control),
	};
}

static inline long step_send(struct call *c)
{
	union fd_message control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
					     .cmsg_level = SOL_SOCKET,
					     .cmsg_type = SCM_RIGHTS}};
	char byte = 'x';
	struct iovec io = {&byte, 1};
	struct msghdr msg = fd_msghdr(&io, &control);
	int fd = arg(c, 2);

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	return result(sendmsg(arg(c, 1), &msg, 0));
}

static inline long step_recv(struct call *c)
{
	union fd_message control = {.room = {0}};
	char byte;
	struct iovec io = {&byte, 1};
	struct msghdr msg = fd_msghdr(&io, &control);
	int fd;

	if (recvmsg(arg(c, 1), &msg, 0) < 0)
		return -errno;
	if (!CMSG_FIRSTHDR(&msg))
		return -ENODATA;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* What the kernel says an instance watches: rows of tfd:events:data; the result is their count. */
static inline long step_fdinfo(struct call *c)
{
	char path[64], line[256];
	long rows = 0;
	FILE *f;

	/* Of the thread: it may have a table of its own. */
	snprintf(path, sizeof(path), "/proc/thread-self/fdinfo/%ld", arg(c, 1));
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		unsigned events;
		unsigned long long data;
		int fd;

		if (sscanf(line, "tfd: %d events: %x data: %llx", &fd, &events, &data) != 3)
			continue;
		snprintf(line, sizeof(line), "%s%d:0x%x:0x%llx", rows ? " " : "", fd, events, data);
		add_extra(c, line);
		rows++;
	}
	fclose(f);
	return rows;
}

#endif
