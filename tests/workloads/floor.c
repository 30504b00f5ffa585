// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * floor CALL COMMAND... - runs COMMAND with an empty BPF program at both tracepoints of a system
 * call: the least that any tracer of that call can cost. Root only; no tracefs need be mounted.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_tracefs(void)
{
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC);

	if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		err(1, "tracefs");
	return fsmount(fs, FSMOUNT_CLOEXEC, 0);
}

static long tracepoint_id(int tracefs, const char *when, const char *call)
{
	char path[128], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), "events/syscalls/sys_%s_%s/id", when, call);
	fd = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		err(1, "%s", path);
	close(fd);
	return atol(text);
}

static int load_empty(void)
{
	struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACEPOINT,
		.insns = (uintptr_t)insns,
		.insn_cnt = 2,
		.license = (uintptr_t) "Dual BSD/GPL",
	};
	int fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	if (fd < 0)
		err(1, "an empty program");
	return fd;
}

/* A program at a tracepoint runs for all threads, whatever the event is opened for. */
static void attach(int program, long tracepoint)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .config = tracepoint};
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 || ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) ||
	    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		err(1, "tracepoint %ld", tracepoint);
}

int main(int argc, char **argv)
{
	int tracefs, status;
	pid_t child;

	if (argc < 3)
		errx(2, "usage: floor CALL COMMAND...");
	tracefs = open_tracefs();
	attach(load_empty(), tracepoint_id(tracefs, "enter", argv[1]));
	attach(load_empty(), tracepoint_id(tracefs, "exit", argv[1]));
	child = fork();
	if (!child) {
		execvp(argv[2], argv + 2);
		err(127, "%s", argv[2]);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		err(1, "%s", argv[2]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
