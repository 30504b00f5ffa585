/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * launch-state: prints what a process inherits, to compare. launch-state odd COMMAND...: makes it
 * unusual first: signal mask and dispositions, limits, umask, niceness, descriptors and more.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void print_file(const char *path, const char *const *wanted)
{
	FILE *f = fopen(path, "re");
	char line[4096];

	while (f && fgets(line, sizeof(line), f)) {
		bool want = !wanted;

		for (const char *const *w = wanted; w && *w; w++)
			want |= !strncmp(line, *w, strlen(*w));
		if (want)
			printf("%s: %s", path, line);
	}
	if (f)
		fclose(f);
}

static void print_descriptors(void)
{
	for (int fd = 0; fd < 1024; fd++) {
		char path[64], target[4096];
		int flags = fcntl(fd, F_GETFD);
		ssize_t n;

		if (flags < 0)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = 0;
		printf("descriptor %d %s %x %x %lld\n", fd, target, flags, fcntl(fd, F_GETFL),
		       (long long)lseek(fd, 0, SEEK_CUR));
	}
}

static void print_signals(void)
{
	for (int i = 1; i <= SIGRTMAX; i++) {
		struct sigaction act;

		if (!sigaction(i, NULL, &act) && act.sa_handler != SIG_DFL)
			printf("signal %d %s\n", i, act.sa_handler == SIG_IGN ? "ignored" : "?");
	}
}

static void print_numbers(void)
{
	char dir[4096] = "";
	int death = -1;

	prctl(PR_GET_PDEATHSIG, &death);
	printf("directory %s\n", getcwd(dir, sizeof(dir)));
	printf("group %d session %d terminal %d\n", getpgrp(), getsid(0), (int)tcgetpgrp(0));
	printf("niceness %d scheduler %d\n", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0));
	printf("death signal %d dumpable %d\n", death, prctl(PR_GET_DUMPABLE));
	printf("timer slack %d personality %x\n", prctl(PR_GET_TIMERSLACK),
	       personality(0xffffffff));
	printf("securebits %d keepcaps %d\n", prctl(PR_GET_SECUREBITS), prctl(PR_GET_KEEPCAPS));
}

static void print_all(void)
{
	static const char *const wanted[] = {
		"Umask:",  "Uid:",    "Gid:",	 "Groups:", "SigPnd:",	    "ShdPnd:",	 "SigBlk:",
		"SigIgn:", "SigCgt:", "CapInh:", "CapPrm:", "CapEff:",	    "CapBnd:",	 "CapAmb:",
		"NoNew",   "Seccomp", "NSpgid:", "NSsid:",  "Cpus_allowed", "Mems_allo", NULL};

	print_descriptors();
	print_file("/proc/self/status", wanted);
	print_signals();
	print_numbers();
	print_file("/proc/self/limits", NULL);
	print_file("/proc/self/mountinfo", NULL);
	print_file("/proc/self/cgroup", NULL);
	print_file("/proc/self/oom_score_adj", NULL);
	print_file("/proc/self/coredump_filter", NULL);
	for (char **e = environ; *e; e++)
		printf("environment %s\n", *e);
}

static int become_odd(void)
{
	static const int blocked[] = {SIGUSR1, SIGINT, SIGTERM, SIGCHLD, SIGHUP, SIGALRM, SIGSEGV};
	static const int ignored[] = {SIGPIPE, SIGUSR2, SIGTTOU, SIGCONT, SIGQUIT};
	struct rlimit files = {509, 997}, core = {0, 4099};
	sigset_t set;

	sigemptyset(&set);
	for (unsigned i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
		sigaddset(&set, blocked[i]);
	for (unsigned i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	umask(0137);
	if (nice(3) < 0 || dup2(STDOUT_FILENO, 23) < 0 || open("/dev/zero", O_RDWR | O_APPEND) < 0)
		return -errno;
	prctl(PR_SET_TIMERSLACK, 70001);
	if (sigprocmask(SIG_SETMASK, &set, NULL) || setrlimit(RLIMIT_NOFILE, &files) ||
	    setrlimit(RLIMIT_CORE, &core))
		return -errno;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_all();
		return 0;
	}
	if (argc < 3 || strcmp(argv[1], "odd") || become_odd()) {
		perror("launch-state");
		return 2;
	}
	execv(argv[2], argv + 2);
	return 2;
}
