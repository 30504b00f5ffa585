/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sysemu: a process whose epoll_ctl and epoll_wait a tracer emulates (PTRACE_SYSEMU), or lets be
 * another call than it asked for. For x86-64; elsewhere it says so, with status 77.
 *
 *   sysemu emulate    epoll_ctl(3, ADD, 4) and epoll_wait(3) are said to return 0, and are not done
 *   sysemu change     getppid() becomes epoll_ctl(3, ADD, 4), epoll_wait(3) becomes getppid()
 *
 * Prints what each call returned, and "registered N": how many entries the kernel has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)

#define LIFE_S 60

static struct epoll_event event = {.events = EPOLLIN, .data.u64 = 7};

static int entries(int ep)
{
	char path[64], line[256];
	int count = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ep);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		count += !strncmp(line, "tfd:", 4);
	if (f)
		fclose(f);
	return count;
}

/* The traced process: between the stops stand the calls that are tampered with. */
static int traced(int change)
{
	int ep, fd;
	long first, second;

	alarm(LIFE_S);
	close(3);
	close(4);
	ep = epoll_create1(0);
	fd = eventfd(1, 0);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	if (change)
		first = syscall(SYS_getppid, ep, EPOLL_CTL_ADD, fd, &event);
	else
		first = syscall(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, fd, &event);
	second = syscall(SYS_epoll_wait, ep, &event, 1, 0);
	raise(SIGSTOP);
	printf("first %ld, second %s, registered %d\n", first,
	       change	? second == getppid() ? "getppid" : "?"
	       : second ? "?"
			: "0",
	       entries(ep));
	return 0;
}

/* The number that the call gets in place of its own. */
static unsigned long changed(unsigned long nr)
{
	return nr == SYS_getppid ? SYS_epoll_ctl : nr == SYS_epoll_wait ? SYS_getppid : nr;
}

static void at_entry(pid_t pid, int change)
{
	struct user_regs_struct regs;

	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	if (change)
		regs.orig_rax = changed(regs.orig_rax);
	else
		regs.rax = 0;
	ptrace(PTRACE_SETREGS, pid, 0, &regs);
}

int main(int argc, char **argv)
{
	int change = argc > 1 && !strcmp(argv[1], "change"), status, stops = 0, entry = 1;
	pid_t pid = fork();

	if (pid < 0)
		return 1;
	if (!pid)
		return traced(change);
	alarm(LIFE_S);
	waitpid(pid, &status, 0); /* the first SIGSTOP */
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	while (stops < 2) { /* calls up to the second one, which is the kernel's own again */
		ptrace(change ? PTRACE_SYSCALL : PTRACE_SYSEMU, pid, 0, 0);
		if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return 1;
		if (entry)
			at_entry(pid, change);
		stops += entry;
		if (change)
			entry = !entry;
	}
	ptrace(PTRACE_CONT, pid, 0, 0);
	waitpid(pid, &status, 0); /* the second SIGSTOP */
	ptrace(PTRACE_DETACH, pid, 0, 0);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

#else

int main(void)
{
	fprintf(stderr, "sysemu: knows the registers of x86-64 only\n");
	return 77;
}

#endif
