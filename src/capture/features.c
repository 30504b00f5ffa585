/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this kernel and these privileges allow, found out by trying. */
#include "base/syscalls.h"
#include "capture/live_internal.h"

#include "event/event.h"
#include "event/names.h"

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

struct listener {
	void (*fn)(void *ctx, const char *name, const char *state);
	void *ctx;
};

static void report_feature(const struct listener *l, const char *name, const char *state)
{
	l->fn(l->ctx, name, state);
}

static const char *yes_or_no(bool on)
{
	return on ? "yes" : "no";
}

static bool has_tracepoint(const struct live *live, const char *prefix, const char *call)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_%s", prefix, call);
	return tracefs_syscall_id(live->tracefs, name) >= 0;
}

static void report_syscall(const char *call, bool observed, const struct listener *l)
{
	report_feature(l, call,
		       observed		      ? "yes"
		       : syscall_exists(call) ? "no: this kernel has no such tracepoint"
					      : "no: this architecture has no such system call");
}

/* A call can be traced if both its tracepoints are attached. */
static void report_call(const struct live *live, const char *call, const struct listener *l)
{
	report_syscall(call,
		       has_tracepoint(live, "sys_enter", call) &&
			       has_tracepoint(live, "sys_exit", call),
		       l);
}

static void report_close(const struct live *live, const char *call, const struct listener *l)
{
	report_syscall(call, has_tracepoint(live, "sys_enter", call), l);
}

/* 1: the kernel has the operation, 0: it has not, -errno: it does not say. */
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

/* If programs may not make a ring, there is nothing to see either. */
static void report_operation(const struct live *live, const char *name, unsigned op,
			     const struct listener *l)
{
	int has = has_operation(op);
	char text[128];

	if (!live->programs.has_io_uring) {
		report_feature(l, name,
			       live->programs.has_io_uring_events
				       ? "no: the kernel refuses the programs"
				       : "no: needs tracepoints of Linux 6.0");
		return;
	}
	if (has < 0) {
		snprintf(text, sizeof(text), "yes, but no ring can be made: %s", log_errno(-has));
		report_feature(l, name, text);
		return;
	}
	report_feature(l, name, has ? "yes" : "no: this kernel has no such operation");
}

void live_features(const struct live *live,
		   void (*fn)(void *ctx, const char *name, const char *state), void *ctx)
{
#define NAME(id, name, set) #name,
	static const char *const calls[] = {EPOLL_CALLS(NAME)};
#undef NAME
	const struct listener listener = {fn, ctx}, *l = &listener;
	struct utsname uts;
	char text[256];

	if (!uname(&uts)) {
		snprintf(text, sizeof(text), "%.120s %.120s", uts.release, uts.machine);
		report_feature(l, "kernel", text);
	}
	report_feature(l, "BTF", "yes");
	report_feature(l, "tracefs",
		       live->tracefs_way == TRACEFS_MOUNTED ? "yes: mounted"
							    : "yes: detached mount");
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		report_call(live, calls[i], l);
	report_operation(live, "io_uring epoll_ctl", OP_EPOLL_CTL, l);
	report_operation(live, "io_uring epoll_wait", OP_EPOLL_WAIT, l);
	report_close(live, "close", l);
	report_close(live, "close_range", l);
	report_close(live, "dup2", l);
	report_close(live, "dup3", l);
	report_feature(l, "fork, exec, exit",
		       live->opt.snapshot ? "not tried: of no use here"
					  : yes_or_no(live->links.count > 0));
	report_feature(l, "task iterator", yes_or_no(live->links.tasks));
	report_feature(l, FEATURE_FILES,
		       live->links.files ? "yes"
					 : "no: only /proc shows what was registered before");
	report_feature(l, "task storage",
		       live->programs.settings.task_storage ? "yes" : "no: a hash map serves");
	report_feature(l, "typed reads",
		       live->programs.has_typed_reads ? "yes"
						      : "no: helpers serve, needs Linux 6.2");
	report_feature(l, "waits from before the attach",
		       live->programs.has_pt_regs ? "yes" : "no: needs Linux 5.15");
	report_feature(l, "calls that seccomp refuses",
		       live->programs.has_pt_regs ? "yes" : "no: needs Linux 5.15");
	report_feature(l, "what exec closes",
		       live->programs.has_prepare_exec ? "yes" : "no: needs Linux 6.10");
	report_feature(l, FEATURE_IO, live->opt.io ? "yes" : "not asked for: --io");
	snprintf(text, sizeof(text), "%u KiB",
		 bpf_map__max_entries(live->programs.maps->maps.ring) / 1024);
	report_feature(l, "ring buffer", text);
}
