/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * int80: a 64-bit program that makes calls of the i386 table. For x86-64, and kernels that take
 * int 0x80; elsewhere it says so, with status 77.
 *
 *   int80 wait    blocks in epoll_wait, which has the number of migrate_pages
 *   int80 read    blocks in a read of its standard input, which has the number of close
 *   int80 io      reads half of what an edge-triggered socket has; then brk, which has the number of
 *                 recvfrom, with the socket in the register that recvfrom takes it in; and waits for
 *                 ever, as a 64-bit program does
 *
 * "ready" is printed before the last call.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__x86_64__)

#define LIFE_S	      60
#define I386_READ     3
#define I386_GETPID   20
#define I386_BRK      45
#define I386_EPOLL    256 /* epoll_wait */
#define I386_INFINITE 0xffffffffUL

static sigjmp_buf refused;

static void on_fault(int number)
{
	(void)number;
	siglongjmp(refused, 1);
}

/* Pointers must be below 4 GiB. */
static long int80(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static int takes_int80(void)
{
	signal(SIGSEGV, on_fault);
	if (sigsetjmp(refused, 1))
		return 0;
	return int80(I386_GETPID, 0, 0, 0, 0, 0) == getpid();
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

static void read_half(int ep)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u64 = 7};
	char bytes[1000] = "";
	int s[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) ||
	    epoll_ctl(ep, EPOLL_CTL_ADD, s[0], &e) || write(s[1], bytes, sizeof(bytes)) < 0 ||
	    epoll_wait(ep, &e, 1, -1) != 1 || read(s[0], bytes, sizeof(bytes) / 2) < 0)
		return;
	int80(I386_BRK, 0, 0, 0, 0, s[0]);
	ready();
	epoll_wait(ep, &e, 1, -1);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	void *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int ep = epoll_create1(0);

	alarm(LIFE_S);
	if (low == MAP_FAILED || !takes_int80()) {
		fprintf(stderr, "int80: this kernel does not take int 0x80\n");
		return 77;
	}
	if (!strcmp(what, "io")) {
		read_half(ep);
		return 0;
	}
	ready();
	if (!strcmp(what, "wait"))
		int80(I386_EPOLL, ep, (long)low, 1, I386_INFINITE, 0);
	else if (!strcmp(what, "read"))
		int80(I386_READ, 0, (long)low, 1, 0, 0);
	return 0;
}

#else

int main(void)
{
	fprintf(stderr, "int80: only x86 has int 0x80\n");
	return 77;
}

#endif
