/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/notices.h"

#include "base/log.h"

#include <stdio.h>

#define NS_PER_S 1000000000ULL

static const char *halted_how(enum thread_state state)
{
	return state == THREAD_FROZEN ? "frozen" : state == THREAD_BLOCKED ? "blocked" : "stopped";
}

static void no_epoll(const struct view *v)
{
	const struct task *task = v->silent.task;
	const char *name = v->silent.call;
	bool known = name || (task && task->nr >= 0);
	char number[32];

	if (task && !name) {
		snprintf(number, sizeof(number), "system call %d", task->nr);
		name = number;
	}
	if (!task)
		log_message("no epoll call seen in process %u", v->pid);
	else if (task->state == THREAD_RUNS)
		log_message("no epoll call seen; thread %u is running", task->tid);
	else if (!known)
		log_message("no epoll call seen; thread %u is %s", task->tid,
			    halted_how(task->state));
	else if (task->state != THREAD_BLOCKED)
		log_message("no epoll call seen; thread %u is %s in %s", task->tid,
			    halted_how(task->state), name);
	else
		log_message("no epoll call seen; thread %u has been in %s for %llu s", task->tid,
			    name, (unsigned long long)(v->silent.since_ns / NS_PER_S));
	if (v->silent.children)
		log_hint("process %u has %u child%s: --tree traces them too", v->pid,
			 v->silent.children, v->silent.children == 1 ? "" : "ren");
}

/* What a scan could not observe; nothing if it was complete. */
static void scan_notices(const struct view *v)
{
	const struct scan_event *l = &v->ev->scan;

	if (l->no_iterator) {
		log_message("the kernel's files cannot be scanned: only /proc is read");
		log_hint("what was registered before has no file names, and readiness and unread "
			 "bytes are not known");
	}
	if (l->no_fdinfo) {
		log_message("cannot read /proc/PID/fdinfo: permission denied");
		log_hint("entries whose number is closed everywhere are not known; "
			 "CAP_SYS_PTRACE helps");
	}
	if (l->unseen) {
		log_message("a target uses io_uring: what it does to epoll that way is not seen");
		log_hint("this kernel has no tracepoints for it, or refuses the programs; see "
			 "--features");
	}
	if (l->cut)
		log_message("not all that was registered before could be read");
}

/*
 * The kernel skips a program that is already running on the same CPU, for a task that was preempted in
 * it, target or not. It counts that by program, not by task.
 */
static void missed_notice(uint64_t missed)
{
	if (!missed)
		return;
	log_message("up to %llu more calls may be missing: the kernel left programs out that often",
		    (unsigned long long)missed);
	log_hint("where a thread is preempted in one, other threads, targets or not, pass it by");
}

void notices_end(const struct model *m)
{
	if (!model_incomplete(m))
		return;
	log_message("there was more than is kept: what is shown is incomplete");
	log_hint("more entries, threads or names than fit into %llu MB, or more than can be "
		 "searched through",
		 BOUNDS_BYTES >> 20);
}

void notices_view(const struct view *v)
{
	switch (v->kind) {
	case VIEW_NO_EPOLL:
		no_epoll(v);
		break;
	case VIEW_COMPAT:
		log_message("process %u runs the 32-bit program '%s': its calls cannot be seen",
			    v->pid, v->ev->exec.comm);
		break;
	case VIEW_SCAN:
		scan_notices(v);
		break;
	case VIEW_LOST:
		missed_notice(v->ev->lost.missed);
		break;
	case VIEW_CALL:
	case VIEW_BLOCKED:
	case VIEW_UNFINISHED:
	case VIEW_EXITED:
	case VIEW_HALTED:
	case VIEW_RESUMED:
	case VIEW_THREAD_ENDED:
	case VIEW_SEEN:
	case VIEW_ENDED:
	case VIEW_CLOSE:
	case VIEW_IO:
		break;
	}
}
