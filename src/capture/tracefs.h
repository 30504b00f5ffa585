/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tracefs.h - ids of tracepoints, also where tracefs is mounted nowhere.
 */
#ifndef ET_TRACEFS_H
#define ET_TRACEFS_H

/* How tracefs was reached, for --features. */
enum tracefs_way {
	TRACEFS_NONE,
	TRACEFS_MOUNTED,  /* at /sys/kernel/tracing or /sys/kernel/debug/tracing */
	TRACEFS_DETACHED, /* a mount of our own that is in no mount namespace (Linux 5.2) */
};

/*
 * Opens the root of tracefs: a descriptor that the caller closes, or -errno. A detached mount goes
 * away with its descriptor; nobody else ever sees it.
 */
int tracefs_open(enum tracefs_way *ret_way);

/* The id of a tracepoint like "sched/sched_switch"; -ENOENT: this kernel has none. */
int tracefs_event_id(int tracefs, const char *event);

/* The id of a system call tracepoint like "sys_enter_epoll_wait"; -ENOENT: this kernel has none. */
int tracefs_syscall_id(int tracefs, const char *name);

#endif
