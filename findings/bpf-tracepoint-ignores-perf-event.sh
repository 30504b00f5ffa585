#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A BPF program that is attached to a tracepoint through a perf event runs whatever that event says: for
# all threads though the event is of one process, and on after PERF_EVENT_IOC_DISABLE.
#
# The program is put into the list of the tracepoint itself, and that list is run before anything looks
# for events of the current task (kernel/trace/trace_syscalls.c, perf_syscall_enter(); for other
# tracepoints include/trace/perf.h). The event only keeps the tracepoint registered and holds the
# program. So its process, its CPU, and whether it is enabled choose what the event counts, and nothing
# of what the program sees: a tracer has to filter in the program, and cannot pause by the ioctl; it
# must close the event, which makes the kernel wait for all CPUs.
#
# Seen on Linux 6.18. Root, gcc; tracefs need not be mounted.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/main.c" <<'END'
#include <err.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long tracepoint_id(void)
{
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC), dir, fd;
	char text[32] = "";

	fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	dir = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	fd = openat(dir, "events/syscalls/sys_enter_getpriority/id", O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		err(1, "sys_enter_getpriority");
	return atol(text);
}

static int bpf(int command, union bpf_attr *attr)
{
	int fd = syscall(SYS_bpf, command, attr, sizeof(*attr));

	if (fd < 0)
		err(1, "bpf");
	return fd;
}

/* A program that adds 1 to the only element of the map. */
static int load(int map)
{
	struct bpf_insn insns[] = {
		{.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -4},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -4},
		{.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map},
		{0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem},
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .off = 2},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = 1},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW, .src_reg = 1, .imm = BPF_ADD},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf(BPF_PROG_LOAD, &(union bpf_attr){.prog_type = BPF_PROG_TYPE_TRACEPOINT,
						    .insns = (uintptr_t)insns,
						    .insn_cnt = sizeof(insns) / sizeof(*insns),
						    .license = (uintptr_t) "GPL"});
}

/* 100 calls; how often the program has run for them, and what the event has counted. */
static void report(const char *when, int map, int event)
{
	uint64_t before = 0, after = 0, counted;
	uint32_t key = 0;
	union bpf_attr look = {.map_fd = map, .key = (uintptr_t)&key, .value = (uintptr_t)&before};

	bpf(BPF_MAP_LOOKUP_ELEM, &look);
	for (int i = 0; i < 100; i++)
		getpriority(PRIO_PROCESS, 0);
	look.value = (uintptr_t)&after;
	bpf(BPF_MAP_LOOKUP_ELEM, &look);
	if (read(event, &counted, sizeof(counted)) != sizeof(counted))
		err(1, "read");
	printf("%s: the program runs %llu times, the event counts %llu\n", when,
	       (unsigned long long)(after - before), (unsigned long long)counted);
}

int main(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .config = tracepoint_id()};
	int map = bpf(BPF_MAP_CREATE, &(union bpf_attr){.map_type = BPF_MAP_TYPE_ARRAY,
							.key_size = 4,
							.value_size = 8,
							.max_entries = 1});
	pid_t other = fork();
	int event;

	if (!other)
		for (;;)
			pause();
	event = syscall(SYS_perf_event_open, &attr, other, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0 || ioctl(event, PERF_EVENT_IOC_SET_BPF, load(map)))
		err(1, "the event");
	report("event of another process", map, event);
	ioctl(event, PERF_EVENT_IOC_DISABLE, 0);
	report("and disabled", map, event);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	report("and its process gone", map, event);
	return 0;
}
END
gcc -O2 -Wall -o "$dir/main" "$dir/main.c"
"$dir/main" | tee /dev/stderr | diff - <(printf '%s: the program runs 100 times, the event counts 0\n' \
	'event of another process' 'and disabled' 'and its process gone')
