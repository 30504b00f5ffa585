/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this kernel and these privileges allow, as found by trying. */
#include "source/live_internal.h"

#include "base/log.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Numbers of enum io_uring_op, which the system's header may not have yet. */
#define OP_EPOLL_CTL  29
#define OP_EPOLL_WAIT 59

typedef void print_fn(const char *name, const char *state);

static const char *yes(bool on)
{
	return on ? "yes" : "no";
}

/* A call can be seen where both its tracepoints are attached. */
static void print_call(const struct live *live, const char *call, print_fn *print)
{
	char enter[64], exit[64];
	bool seen;

	snprintf(enter, sizeof(enter), "sys_enter_%s", call);
	snprintf(exit, sizeof(exit), "sys_exit_%s", call);
	seen = tracefs_syscall_id(live->tracefs, enter) >= 0 &&
	       tracefs_syscall_id(live->tracefs, exit) >= 0;
	print(call, seen ? "yes" : "no: this kernel has no such tracepoint");
}

static void print_close(const struct live *live, const char *call, print_fn *print)
{
	char enter[64];

	snprintf(enter, sizeof(enter), "sys_enter_%s", call);
	print(call, yes(tracefs_syscall_id(live->tracefs, enter) >= 0));
}

/* 1: the kernel has the operation, 0: it has not, -errno: it does not tell. */
static int has_operation(unsigned op)
{
	union {
		struct io_uring_probe probe;
		char room[sizeof(struct io_uring_probe) + 256 * sizeof(struct io_uring_probe_op)];
	} u = {0};
	struct io_uring_params params = {0};
	int fd = syscall(SYS_io_uring_setup, 1, &params);
	int err;

	if (fd < 0)
		return -errno;
	err = syscall(SYS_io_uring_register, fd, IORING_REGISTER_PROBE, &u.probe, 256) ? -errno : 0;
	close(fd);
	if (err)
		return err;
	return op <= u.probe.last_op && u.probe.ops[op].flags & IO_URING_OP_SUPPORTED;
}

/* Where programs may not make a ring, there is nothing to see either. */
static void print_operation(const struct live *live, const char *name, unsigned op, print_fn *print)
{
	int has = has_operation(op);
	char text[128];

	if (!live->has_io_uring) {
		print(name, live->has_io_uring_events ? "no: the kernel refuses the programs"
						      : "no: needs tracepoints of Linux 6.0");
		return;
	}
	if (has < 0) {
		snprintf(text, sizeof(text), "yes, but no ring can be made: %s", log_errno(-has));
		print(name, text);
		return;
	}
	print(name, has ? "yes" : "no: this kernel has no such operation");
}

void live_features(const struct live *live, print_fn *print)
{
	static const char *const calls[] = {"epoll_create", "epoll_create1", "epoll_ctl",
					    "epoll_wait",   "epoll_pwait",   "epoll_pwait2"};
	struct utsname uts;
	char text[256];

	if (!uname(&uts)) {
		snprintf(text, sizeof(text), "%.120s %.120s", uts.release, uts.machine);
		print("kernel", text);
	}
	print("BTF", "yes");
	print("tracefs",
	      live->tracefs_way == TRACEFS_MOUNTED ? "yes: mounted" : "yes: detached mount");
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		print_call(live, calls[i], print);
	print_operation(live, "io_uring epoll_ctl", OP_EPOLL_CTL, print);
	print_operation(live, "io_uring epoll_wait", OP_EPOLL_WAIT, print);
	print_close(live, "close", print);
	print_close(live, "close_range", print);
	print_close(live, "dup2", print);
	print_close(live, "dup3", print);
	print("fork, exec, exit", yes(live->link_count > 0));
	print("task iterator", yes(live->look_link));
	print("file iterator",
	      live->files_link ? "yes" : "no: only /proc tells what was registered before");
	print("task storage", live->skel->rodata->task_storage ? "yes" : "no: a hash map serves");
	print("typed reads", live->has_typed_reads ? "yes" : "no: helpers serve, needs Linux 6.2");
	print("waits from before the attach", live->has_pt_regs ? "yes" : "no: needs Linux 5.15");
	print("what exec closes", live->has_prepare_exec ? "yes" : "no: needs Linux 6.10");
	print("close_range and exit in full",
	      live->has_loop ? "yes" : "no: the first 256 numbers, needs Linux 5.17");
	snprintf(text, sizeof(text), "%u KiB", bpf_map__max_entries(live->skel->maps.ring) / 1024);
	print("ring buffer", text);
}
