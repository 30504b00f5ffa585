/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guide-files.h: guide.c's groups about the files that descriptors refer to, whose names it prints, too.
 */
#ifndef GUIDE_FILES_H
#define GUIDE_FILES_H

#include <limits.h>
#include <sys/signalfd.h>

#include "guide-make.h"

/* A registration of FD, whose name is to follow. */
static inline FILE *file(struct guide *g, int ep, int op, int fd, long want)
{
	do_ctl(g, ep, op, fd, EPOLLIN, (uint64_t)fd, want);
	fprintf(g->names, "%d ", fd);
	return g->names;
}

static inline void file_text(struct guide *g, int ep, int fd, long want, const char *text)
{
	fprintf(file(g, ep, EPOLL_CTL_ADD, fd, want), "%s\n", text);
}

static inline void file_inet(struct guide *g, int ep, int op, int fd)
{
	must(fd >= 0);
	name_inet(file(g, ep, op, fd, 0), fd);
	fputc('\n', g->names);
}

static inline void file_unix(struct guide *g, int ep, int fd, int peer)
{
	must(fd >= 0);
	name_unix(file(g, ep, EPOLL_CTL_ADD, fd, 0), fd, peer);
	fputc('\n', g->names);
}

static inline void file_path(struct guide *g, int ep, int fd, const char *path, long want)
{
	must(fd >= 0);
	name_path(file(g, ep, EPOLL_CTL_ADD, fd, want), fd, path);
	fputc('\n', g->names);
}

static inline void files_inet(struct guide *g, int ep, int family, bool mapped)
{
	union address a;
	socklen_t len = loopback(&a, family, mapped);
	struct link l = link_up(&a, len);
	int udp = socket(family, SOCK_DGRAM, 0);
	int bound = socket(family, SOCK_DGRAM, 0);

	file_inet(g, ep, EPOLL_CTL_ADD, l.listener);
	file_inet(g, ep, EPOLL_CTL_ADD, l.client);
	file_inet(g, ep, EPOLL_CTL_ADD, l.server);
	file_inet(g, ep, EPOLL_CTL_ADD, socket(family, SOCK_STREAM, 0));
	must(bind(bound, &a.any, len) == 0);
	must(getsockname(bound, &a.any, &len) == 0);
	must(udp >= 0);
	file_inet(g, ep, EPOLL_CTL_ADD, bound);
	file_inet(g, ep, EPOLL_CTL_ADD, udp);
	must(connect(udp, &a.any, len) == 0);
	file_inet(g, ep, EPOLL_CTL_MOD, udp);
}

/* NAME: a path, or with a leading zero byte an abstract name. */
static inline void files_unix(struct guide *g, int ep, const char *name, size_t len)
{
	union address a = {.un = {.sun_family = AF_UNIX}};
	struct link l;

	must(len <= sizeof(a.un.sun_path));
	memcpy(a.un.sun_path, name, len);
	l = link_up(&a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	file_unix(g, ep, l.listener, -1);
	file_unix(g, ep, l.client, l.server);
	file_unix(g, ep, l.server, l.client);
	if (*name)
		unlink(name);
}

static inline void files_anonymous(struct guide *g, int ep)
{
	sigset_t set;
	char text[64];
	int pair[2];

	must(sigemptyset(&set) == 0);
	must(pipe(pair) == 0);
	snprintf(text, sizeof(text), "pipe:[%lu]", inode_of(pair[0]));
	file_text(g, ep, pair[0], 0, text);
	file_text(g, ep, pair[1], 0, text);
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	file_unix(g, ep, pair[0], pair[1]);
	file_unix(g, ep, pair[1], pair[0]);
	must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	file_unix(g, ep, pair[0], pair[1]);
	file_unix(g, ep, socket(AF_UNIX, SOCK_STREAM, 0), -1);
	file_text(g, ep, event_fd(1), 0, "anon_inode:[eventfd]");
	file_text(g, ep, timer_fd(0), 0, "anon_inode:[timerfd]");
	file_text(g, ep, signalfd(-1, &set, 0), 0, "anon_inode:[signalfd]");
	file_text(g, ep, do_create1(g, 0, 0), 0, "anon_inode:[eventpoll]");
}

/* A directory of our own, by its real path: that is what the kernel will say. */
static inline char *make_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char template[PATH_MAX];
	char *dir;

	must(snprintf(template, sizeof(template), "%s/guide.XXXXXX", tmp ? tmp : "/tmp") <
	     PATH_MAX);
	must(mkdtemp(template));
	dir = realpath(template, NULL);
	must(dir);
	return dir;
}

/* A path in the directory of this run, which is made for the first. */
static inline void path_in(struct guide *g, char *ret_path, const char *name)
{
	if (!g->dir)
		g->dir = make_dir();
	must(snprintf(ret_path, PATH_MAX, "%s/%s", g->dir, name) < PATH_MAX);
}

static inline int fifo(const char *path)
{
	must(mkfifo(path, 0600) == 0);
	return open(path, O_RDWR | O_NONBLOCK);
}

static inline void group_files(struct guide *g)
{
	static const char abstract[] = "\0epolltrace guide\n";
	char path[PATH_MAX];
	char name[64];
	int ep = do_create1(g, EPOLL_CLOEXEC, 0);

	files_inet(g, ep, AF_INET, false);
	files_inet(g, ep, AF_INET6, false);
	files_inet(g, ep, AF_INET6, true);
	path_in(g, path, "socket");
	files_unix(g, ep, path, strlen(path));
	memcpy(name, abstract, sizeof(abstract));
	snprintf(name + sizeof(abstract) - 1, 16, "%d", (int)getpid()); /* two may run at once */
	files_unix(g, ep, name, sizeof(abstract) - 1 + strlen(name + sizeof(abstract) - 1));
	files_anonymous(g, ep);
	file_path(g, ep, open("/dev/random", O_RDONLY), "/dev/random", 0);
	file_path(g, ep, open("/dev/null", O_RDWR), "/dev/null", -EPERM);
	path_in(g, path, "fifo");
	file_path(g, ep, fifo(path), path, 0);
	unlink(path);
	path_in(g, path, "regular");
	file_path(g, ep, open(path, O_CREAT | O_RDWR, 0600), path, -EPERM);
	unlink(path);
}

static inline void group_files_deleted(struct guide *g)
{
	char path[PATH_MAX];
	int ep = do_create1(g, EPOLL_CLOEXEC, 0);
	int fd;

	path_in(g, path, "gone");
	fd = fifo(path);
	must(unlink(path) == 0);
	file_path(g, ep, fd, path, 0);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	must(fd >= 0 && unlink(path) == 0);
	file_path(g, ep, fd, path, -EPERM);
}

static inline void group_files_hostile(struct guide *g)
{
	static const char *const names[] = {
		"blank and\nnewline\ttab",
		"a->b<c>d>",
		"quote\"one",
		"back\\slash\\",
		"{events=EPOLLIN, data=0x1, fd=7}, 3, -1) = 1 <0.000001>",
		"\033[31mred\033[0m\177\0011",
		"\303\274ml\303\244ut \377",
		"x <unfinished ...>",
		"<... epoll_wait resumed>",
		"+++ exited with 0 +++",
	};
	char path[PATH_MAX];
	int ep = do_create1(g, EPOLL_CLOEXEC, 0);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_in(g, path, names[i]);
		file_path(g, ep, fifo(path), path, 0);
		unlink(path);
	}
	path_in(g, path, "so>ck\"et, fd=1}");
	files_unix(g, ep, path, strlen(path));
}

#endif
