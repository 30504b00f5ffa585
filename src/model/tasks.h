/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tasks.h - processes and threads of the targets, and the waits that threads are in.
 */
#ifndef ET_TASKS_H
#define ET_TASKS_H

#include "base/table.h"
#include "event/event.h"
#include "model/bounds.h"
#include "model/turns.h"

#include <stdbool.h>
#include <stdint.h>

/* A wait in flight. */
struct wait {
	bool active;
	bool shown; /* as blocked, or it is time to */
	bool began_before;
	enum call_id id;
	uint64_t entry_ns;
	uint64_t due_ns; /* when it is to be shown, if it has not ended */
	uint64_t ep;
	struct wait_args args;
};

/* Ready events of a wait whose own event has not come yet. */
struct batch {
	uint64_t end_ns; /* of the wait */
	unsigned count, room;
	struct ready_event at[];
};

/* Waits in a row that have failed alike, with EBADF or EINVAL. */
struct failing {
	unsigned count;
	int err, epfd;
	uint64_t since_ns; /* the entry of the first one */
};

struct task {
	struct node by_tid;
	struct node by_pid;
	struct task *next_waiting, *prev_waiting;
	struct task *next_due, *prev_due; /* while it waits and is not shown */
	uint32_t pid, tid;
	bool called;	      /* the return of a call of it was observed */
	uint64_t returned_ns; /* when the last one did */
	uint64_t turn_ns;     /* when its last wait did: its turn of the loop began then */
	uint64_t waited_ep;   /* the instance that it waits on, or did last; 0: none */
	struct wait wait;
	struct batch *batch; /* NULL: none */
	struct failing failing;
	struct thread_turns turns;
	bool interrupted; /* its last wait failed with EINTR */
	/* From scans: of processes that use no epoll, and of all if a snapshot is wanted. */
	bool scanned;
	enum thread_state state;
	bool halted;  /* it was stopped or frozen then, and has not been observed to go on */
	bool forever; /* blocked in epoll or a futex, without a time-out */
	int nr;	      /* system call it is in, as of struct thread_event */
	uint64_t switches;
	uint64_t since_ns;   /* first scan that observed it there */
	uint64_t scanned_ns; /* the last scan */
	uint64_t idle_ns;    /* since it was last given a CPU, at the last scan; 0: not known */
	char comm[17];
	int fd;		    /* that its call is about, if file is there */
	char *file;	    /* of fd, NULL: the call is about none; empty: an instance */
	uint64_t file_addr; /* identity of that file */
	struct file_what file_what;
};

/* A process that the user named, with the family that is followed from it. */
struct root {
	struct root *next;
	uint32_t pid;
	uint32_t children;
	bool epoll_seen;
	bool reported;	/* that it is silent */
	unsigned scans; /* of the thread that is reported */
};

struct process {
	struct node by_pid;
	uint32_t pid;
	struct root *root;
	uint64_t forked_ns; /* 0: before the attach */
	/* Whose descriptor table it has: of that process, in which the table was made; 0: its own. */
	uint32_t table_of;
	uint64_t execed_ns; /* 0: not since */
	/* All its threads are parked, in epoll or for a futex, since the scan of then; 0: not all. */
	uint64_t parked_ns;
	uint64_t busy_ns; /* the beginning of the last scan that observed one that is not */
	/* Stopped by a signal, or frozen with its cgroup: nothing can happen in it meanwhile. */
	unsigned halted; /* threads that are, as of the last scans */
	enum thread_state halt;
	uint64_t halted_ns;  /* when that was observed */
	uint64_t resumed_ns; /* when it was last observed to go on; 0: it always has */
	/* When a scan observed all descriptors in use that it may have, and how many; 0: none has. */
	uint64_t nofile_ns, nofile;
	uint64_t
		passed_ns; /* when a wait last returned events, on any instance, and was not recorded */
};

struct tasks {
	struct table by_tid, by_pid, tasks_by_pid;
	struct task *recent; /* the thread of the last call, NULL: it has ended */
	struct bounds *bounds;
	struct root *roots;	     /* in the order of naming */
	bool roots_scanned;	     /* one was scanned since this was last false */
	struct task *waiting;	     /* tasks with a wait in flight that is known here */
	struct task *due, *last_due; /* those that are not shown, the longest waiting first */
};

void tasks_free(struct tasks *t);

/* The thread, made if it is not known; NULL only if memory ran out. */
struct task *tasks_get_or_add(struct tasks *t, uint32_t pid, uint32_t tid);

/* The thread, NULL: not known. */
struct task *tasks_find(const struct tasks *t, uint32_t tid);

/* Takes a thread out. */
void tasks_forget(struct tasks *t, struct task *task);

/* Begins and ends the wait that a thread is in. */
void tasks_begin_wait(struct tasks *t, struct task *task, const struct event *ev, uint64_t due_ns);
void tasks_end_wait(struct tasks *t, struct task *task);

/* Keeps the ready events for the wait of that thread that follows; forgets them. */
void tasks_add_ready(struct tasks *t, struct task *task, const struct event *ev);
void tasks_drop_ready(struct tasks *t, struct task *task);

/* A thread of that process with another number than tid, NULL: none is known. */
struct task *tasks_other(const struct tasks *t, uint32_t pid, uint32_t tid);

/* The wait that has been due for longest and was not shown yet, NULL: none. It is now. */
struct task *tasks_show_due(struct tasks *t, uint64_t now_ns);

/* The family of a process that the user named, added if it is new; NULL if memory ran out. */
struct root *tasks_get_or_add_root(struct tasks *t, uint32_t pid, uint32_t children);

/* A process of that family; NULL: of none that is known. */
void tasks_add_process(struct tasks *t, uint32_t pid, struct root *root);

/* The process, NULL: not known, or it has ended. */
struct process *tasks_process(const struct tasks *t, uint32_t pid);

/* Do the processes share one descriptor table, according to their forks? */
bool tasks_one_table(const struct tasks *t, uint32_t pid, uint32_t other);

/* The family that a process belongs to, NULL: not known. */
struct root *tasks_root(const struct tasks *t, uint32_t pid);

/* The numbers of all processes, in order; the caller frees them. NULL, and none, without memory. */
uint32_t *tasks_pids(const struct tasks *t, size_t *ret_count);

void tasks_forget_process(struct tasks *t, uint32_t pid);

#endif
