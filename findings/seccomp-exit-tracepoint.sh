#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Linux: a call that seccomp refuses passes the tracepoint of its return, and not that of its entry.
#
# With a filter that answers epoll_create1 by EPERM, 7 calls fire syscalls:sys_exit_epoll_create1 7
# times and syscalls:sys_enter_epoll_create1 never: seccomp stands before the tracepoint of the entry
# (kernel/entry/common.c), and skips to behind the call, where that of the return fires all the same.
# A tracer that begins a record at the entry and ends it at the return sees none of them; one that
# counts returns alone has calls that the kernel never made. The same without a filter: 7 and 7.
#
# Seen on Linux 6.18: "without a filter 7 and 7, refused 0 and 7". Needs root, and gcc; tracefs is
# reached without being mounted.
set -eu
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT
cat >"$dir/count.c" <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Counts how often CPU 0, on which this thread is, passes a tracepoint of epoll_create1. */
static int counter(int tracefs, const char *path)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1};
	char text[16] = "";
	int fd = openat(tracefs, path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		exit(2);
	close(fd);
	attr.config = atoi(text);
	return syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
}

static void count(int enter, int leave, const char *before, const char *behind)
{
	unsigned long long a[2], b[2];

	if (read(enter, &a[0], 8) != 8 || read(leave, &b[0], 8) != 8)
		exit(2);
	for (int i = 0; i < 7; i++)
		close(epoll_create1(0));
	if (read(enter, &a[1], 8) != 8 || read(leave, &b[1], 8) != 8)
		exit(2);
	printf("%s%llu and %llu%s", before, a[1] - a[0], b[1] - b[0], behind);
}

int main(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_create1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {4, code};
	int fs = syscall(SYS_fsopen, "tracefs", 0), tracefs, enter, leave;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	sched_setaffinity(0, sizeof(cpu), &cpu);
	syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	tracefs = syscall(SYS_fsmount, fs, 0, 0);
	enter = counter(tracefs, "events/syscalls/sys_enter_epoll_create1/id");
	leave = counter(tracefs, "events/syscalls/sys_exit_epoll_create1/id");
	count(enter, leave, "without a filter ", ", ");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return 2;
	count(enter, leave, "refused ", "\n");
	return 0;
}
C
gcc -o "$dir/count" "$dir/count.c"
seen=$("$dir/count")
echo "Linux $(uname -r): $seen"
[ "$seen" = "without a filter 7 and 7, refused 0 and 7" ]
