/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ends of entries, ends and stops of processes as machine output. */
#include "sinks/json/json_call.h"
#include "sinks/json/json_what.h"

#include <sys/wait.h>

#define APPEND(name, body)		 JSON_APPEND(name, json_event, e, body)
#define APPEND_IF(name, condition, body) JSON_APPEND_IF(name, json_event, e, condition, body)
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}

APPEND(append_time, json_u64(j, key, clocks_real_ns(e->clocks, e->v->time_ns)))
APPEND(append_pid, json_u64(j, key, e->v->pid))
APPEND_IF(append_status, !WIFSIGNALED(e->v->ev->exit.status),
	  json_u64(j, key, WEXITSTATUS(e->v->ev->exit.status)))
APPEND_IF(append_core, WIFSIGNALED(e->v->ev->exit.status),
	  json_bool(j, key, WCOREDUMP(e->v->ev->exit.status)))
APPEND_IF(append_signal, WIFSIGNALED(e->v->ev->exit.status),
	  json_signal(j, key, WTERMSIG(e->v->ev->exit.status)))

const struct json_object json_exited = {
	.type = "exited",
	.about = "a process has ended",
	.fields =
		(const struct json_field[]){
			{"time_ns", JSON_INTEGER, true, append_time, "when, since 1970", NULL},
			{"pid", JSON_INTEGER, true, append_pid, "process", NULL},
			{"status", JSON_INTEGER, false, append_status, "what it exited with", NULL},
			{"signal", JSON_STRING, false, append_signal, "what killed it", NULL},
			{"core_dumped", JSON_BOOL, false, append_core, "of a signal", NULL},
			END,
		},
};

/* Stops */

APPEND(append_halt, json_string(j, key, e->v->halt.how == THREAD_FROZEN ? "frozen" : "stopped"))
APPEND(append_halted_for, json_u64(j, key, e->v->time_ns - e->v->halt.since_ns))

#define HALT_FIELDS                                                                                \
	{"time_ns", JSON_INTEGER, true, append_time, "when that was seen, since 1970", NULL},      \
		{"pid", JSON_INTEGER, true, append_pid, "process", NULL},                          \
	{                                                                                          \
		"state", JSON_STRING, true, append_halt,                                           \
			"stopped, by a signal, or frozen, with its cgroup", NULL                   \
	}

const struct json_object json_halted = {
	.type = "halted",
	.about = "a process was stopped or frozen",
	.fields = (const struct json_field[]){HALT_FIELDS, END},
};

const struct json_object json_resumed = {
	.type = "resumed",
	.about = "a process that was stopped or frozen goes on",
	.fields =
		(const struct json_field[]){
			HALT_FIELDS,
			{"duration_ns", JSON_INTEGER, true, append_halted_for,
			 "for how long it was", NULL},
			END,
		},
};

/* Entries */

APPEND_IF(append_closer, e->v->pid, json_u64(j, key, e->v->pid))
APPEND_IF(append_closer_tid, e->v->tid, json_u64(j, key, e->v->tid))
APPEND_IF(append_closer_comm, e->v->task && e->v->task->comm[0],
	  json_comm(j, key, e->v->task->comm))
APPEND(append_instance, json_u64(j, key, e->v->instance->number))
APPEND(append_fd, json_i64(j, key, e->v->entry->fd))
JSON_APPEND_FILE(append, json_event, e, e->v->entry->name, &e->v->entry->what)

static void append_epfd(struct json *j, const char *key, const void *from)
{
	const struct json_event *e = from;
	int fd = interest_number(e->v->instance, e->v->pid);

	if (fd >= 0)
		json_i64(j, key, fd);
}

const struct json_object json_gone = {
	.type = "gone",
	.about = "an entry has gone without EPOLL_CTL_DEL: its file was closed",
	.fields =
		(const struct json_field[]){
			{"time_ns", JSON_INTEGER, true, append_time,
			 "when, at the latest, since 1970", NULL},
			{"pid", JSON_INTEGER, false, append_closer,
			 "the process that closed it; left out where that was not seen", NULL},
			{"tid", JSON_INTEGER, false, append_closer_tid, "and the thread", NULL},
			{"comm", JSON_STRING, false, append_closer_comm,
			 "name of the thread, escaped as in C", NULL},
			{"epfd", JSON_SIGNED, false, append_epfd, "a descriptor of the instance",
			 NULL},
			{"instance", JSON_INTEGER, true, append_instance,
			 "number of the epoll instance", NULL},
			{"fd", JSON_SIGNED, true, append_fd, "as registered", NULL},
			JSON_FILE_FIELDS(append, "", "what it was"),
			END,
		},
};
