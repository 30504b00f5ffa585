/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * attach-names: registers files with hostile names, made in the current directory: FIFOs, unix
 * sockets, abstract ones, and regular files (refused with EPERM, but named). Each is reported by one
 * line: the descriptor and what its name is, in C's notation. attach-names FILE...: these files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Control bytes, escape sequences, what ends an annotation, quotes, invalid UTF-8, DEL, NEL. */
static const char *const names[] = {
	"a\033[31mred", "b\nline",	 "c<d>e",	"d\"e'f",
	"e\\f",		"f\377\376\303", "g\r\b\a\177", "h\302\205\302\2331m",
	"i\t\v\f1",	"j (deleted)",	 "k\1\0012",	"l\342\200\256",
};

#define NAMES (sizeof(names) / sizeof(names[0]))

static int epfd;

static void show(const char *kind, int fd, const char *name, size_t len)
{
	printf("%s %d ", kind, fd);
	for (size_t i = 0; i < len; i++)
		printf("%02x", (unsigned char)name[i]);
	printf("\n");
}

static int add(const char *kind, int fd, const char *name, size_t len)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT, .data.fd = fd};

	if (fd < 0) {
		fprintf(stderr, "attach-names: %s: %s\n", kind, strerror(errno));
		return -1;
	}
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) && errno != EPERM)
		return -1;
	show(kind, fd, name, len);
	return 0;
}

static int add_fifo(const char *name)
{
	if (mkfifo(name, 0600))
		return -1;
	return add("fifo", open(name, O_RDWR | O_NONBLOCK), name, strlen(name));
}

static int add_socket(const char *kind, const char *name, size_t len)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memcpy(addr.sun_path, name, len);
	if (bind(fd, (void *)&addr, offsetof(struct sockaddr_un, sun_path) + len))
		return -1;
	return add(kind, fd, name, len);
}

static int add_file(const char *path)
{
	return add("file", open(path, O_RDONLY | O_CREAT | O_NONBLOCK, 0600), path, strlen(path));
}

static int add_all(const char *name)
{
	char other[64];

	snprintf(other, sizeof(other), "%s.s", name);
	if (add_socket("unix", other, strlen(other)))
		return -1;
	snprintf(other, sizeof(other), "_%d.%s", getpid(), name);
	other[0] = 0;
	if (add_socket("abstract", other, 1 + strlen(other + 1)))
		return -1;
	snprintf(other, sizeof(other), "%s.f", name);
	return add_file(other) || add_fifo(name) ? -1 : 0;
}

/* Every byte there is, in one abstract name of the greatest length, a NUL in it and at its end. */
static int add_bytes(unsigned from)
{
	char name[108] = {0};

	for (unsigned i = 1; i < sizeof(name); i++)
		name[i] = (char)(from + i);
	return add_socket("abstract", name, sizeof(name));
}

int main(int argc, char **argv)
{
	struct epoll_event events[64];
	int err = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	prctl(PR_SET_NAME, "\033[1m\n\xff<\">");
	epfd = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 1; i < argc && !err; i++)
		err = add_file(argv[i]);
	for (unsigned i = 0; argc < 2 && i < NAMES && !err; i++)
		err = add_all(names[i]);
	for (unsigned from = 0; argc < 2 && from < 256 && !err; from += 85)
		err = add_bytes(from);
	if (err)
		perror("attach-names");
	printf("ready %d\n", epoll_wait(epfd, events, 64, 0));
	return err ? 1 : 0;
}
