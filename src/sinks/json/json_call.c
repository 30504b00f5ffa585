/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_call.h"

#include "event/names.h"
#include "sinks/json/json_what.h"

#include <sys/epoll.h>

#define APPEND(name, body)		 JSON_APPEND(name, json_event, e, body)
#define APPEND_IF(name, condition, body) JSON_APPEND_IF(name, json_event, e, condition, body)

#define CALL				 (&e->v->ev->call)
#define CTL				 (&e->v->ev->ctl)
#define WAIT				 (&e->v->ev->wait)
#define ARGS				 (e->v->wait ? &e->v->wait->args : &e->v->ev->wait.args)

APPEND(append_time, json_u64(j, key, clocks_real_ns(e->clocks, e->v->time_ns)))
APPEND(append_pid, json_u64(j, key, e->v->pid))
APPEND(append_tid, json_u64(j, key, e->v->tid))
APPEND_IF(append_comm, e->v->task && e->v->task->comm[0], json_comm(j, key, e->v->task->comm))
APPEND(append_ret, json_i64(j, key, CALL->ret < 0 ? -1 : CALL->ret))
APPEND(append_duration, json_u64(j, key, CALL->duration_ns))
APPEND_IF(append_errno, CALL->ret < 0, json_errno(j, key, -CALL->ret))
APPEND_IF(append_io_uring, CALL->io_uring, json_bool(j, key, true))
APPEND_IF(append_no_entry, CALL->no_entry, json_bool(j, key, true))
APPEND_IF(append_skipped, CALL->skipped, json_bool(j, key, true))
APPEND_IF(append_instance, e->v->instance, json_u64(j, key, e->v->instance->number))

/* What epfd is if it is open and no instance; NULL: it is not so. */
static const struct file *epfile_of(const struct view *v)
{
	return v->instance ? NULL : v->epfile;
}

static const char *text_of(const struct file *file)
{
	return file ? file->text : NULL;
}

JSON_APPEND_FILE(append_ep, json_event, e, text_of(epfile_of(e->v)), &epfile_of(e->v)->what)

static void append_before(struct json *j, const char *key, const void *from)
{
	const struct json_event *e = from;

	if (e->v->wait ? e->v->wait->began_before : CALL->began_before)
		json_bool(j, key, true);
}

#define WHO                                                                                        \
	{"time_ns", JSON_INTEGER, true, append_time, "when the call began, since 1970", NULL},     \
		{"pid", JSON_INTEGER, true, append_pid, "process", NULL},                          \
		{"tid", JSON_INTEGER, true, append_tid, "thread", NULL},                           \
	{                                                                                          \
		"comm", JSON_STRING, false, append_comm, "name of the thread, escaped as in C",    \
			NULL                                                                       \
	}
#define RESULT                                                                                      \
	{"ret", JSON_SIGNED, true, append_ret, "what the call returned, -1 where it failed", NULL}, \
	{                                                                                           \
		"errno", JSON_STRING, false, append_errno, "why it failed", NULL                    \
	}
#define TOOK                                                                                       \
	{"duration_ns", JSON_INTEGER, true, append_duration, "from its beginning to its return",   \
	 NULL},                                                                                    \
		{"began_before_attach",                                                            \
		 JSON_BOOL,                                                                        \
		 false,                                                                            \
		 append_before,                                                                    \
		 "its beginning was not seen: times count from the attach",                        \
		 NULL},                                                                            \
		{"entry_not_seen",                                                                 \
		 JSON_BOOL,                                                                        \
		 false,                                                                            \
		 append_no_entry,                                                                  \
		 "it was not seen to begin: time_ns is that of its return, the duration 0",        \
		 NULL},                                                                            \
		{"skipped",                                                                        \
		 JSON_BOOL,                                                                        \
		 false,                                                                            \
		 append_skipped,                                                                   \
		 "a filter of seccomp or a tracer answered in place of the kernel",                \
		 NULL},                                                                            \
	{                                                                                          \
		"io_uring", JSON_BOOL, false, append_io_uring,                                     \
			"an operation of io_uring, not a system call", NULL                        \
	}
#define INSTANCE                                                                                   \
	{                                                                                          \
		"instance", JSON_INTEGER, false, append_instance, "number of the epoll instance",  \
			NULL                                                                       \
	}
#define EPFD                                                                                       \
	{"epfd", JSON_SIGNED, true, append_epfd, "descriptor of the instance", NULL}, INSTANCE,    \
		JSON_FILE_FIELDS(append_ep, "ep", "what epfd is where it is open and no instance")
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}

APPEND(append_epfd,
       json_i64(j, key, e->v->ev && e->v->ev->kind == EVENT_CTL ? CTL->epfd : ARGS->epfd))

/* epoll_create, epoll_create1 */

APPEND(append_size, json_i64(j, key, e->v->ev->create.arg))
APPEND(append_flags, json_create_flags(j, key, e->v->ev->create.arg))

const struct json_object json_epoll_create = {
	.type = "epoll_create",
	.about = "epoll_create returned",
	.fields =
		(const struct json_field[]){
			WHO,
			{"size", JSON_SIGNED, true, append_size, "its argument", NULL},
			RESULT,
			INSTANCE,
			TOOK,
			END,
		},
};

const struct json_object json_epoll_create1 = {
	.type = "epoll_create1",
	.about = "epoll_create1 returned",
	.fields =
		(const struct json_field[]){
			WHO,
			{"flags", JSON_STRINGS, true, append_flags, "names, unknown bits in hex",
			 NULL},
			RESULT,
			INSTANCE,
			TOOK,
			END,
		},
};

/* epoll_ctl */

/* The event that epoll_ctl was given, if it takes one. */
static bool has_event(const struct json_event *e)
{
	return CTL->event_read && CTL->op != EPOLL_CTL_DEL;
}

APPEND(append_op, json_ctl_op(j, key, CTL->op))
APPEND(append_fd, json_i64(j, key, CTL->fd))
JSON_APPEND_FILE(append, json_event, e, text_of(e->v->file), &e->v->file->what)
APPEND_IF(append_events, has_event(e), json_events(j, key, CTL->events))
APPEND_IF(append_data, has_event(e), json_hex(j, key, CTL->data))
APPEND_IF(append_event_ptr, !has_event(e), json_hex(j, key, CTL->event_ptr))

const struct json_object json_epoll_ctl = {
	.type = "epoll_ctl",
	.about = "epoll_ctl returned",
	.fields =
		(const struct json_field[]){
			WHO,
			EPFD,
			{"op", JSON_STRING, true, append_op, "name, or a number in hex", NULL},
			{"fd", JSON_SIGNED, true, append_fd, "the descriptor it is about", NULL},
			JSON_FILE_FIELDS(append, "", "what fd is, where it is open"),
			{"events", JSON_STRINGS, false, append_events, "as given", NULL},
			{"data", JSON_HEX, false, append_data, "as given", NULL},
			{"event_ptr", JSON_HEX, false, append_event_ptr,
			 "address of what was not read, or is not used", NULL},
			RESULT,
			TOOK,
			END,
		},
};

/* epoll_wait, epoll_pwait, epoll_pwait2 */

static void append_candidate_fd(struct json *j, const char *key, const void *from)
{
	json_i64(j, key, ((const struct entry *)from)->fd);
}

JSON_APPEND_FILE(append_candidate, entry, e, e->name, &e->what)

static const struct json_object json_candidate = {
	.type = "candidate",
	.is_part = true,
	.about = "one of the descriptors that are registered with the same data",
	.fields =
		(const struct json_field[]){
			{"fd", JSON_SIGNED, true, append_candidate_fd, "as registered", NULL},
			JSON_FILE_FIELDS(append_candidate, "", "what it is"),
			END,
		},
};

/* The only entry that a ready event can mean, NULL: none, or there are several. */
static const struct entry *entry_meant(const struct ready_view *r)
{
	return r->entry && !interest_match_next(r->entry) ? r->entry : NULL;
}

static void append_ready_fd(struct json *j, const char *key, const void *from)
{
	if (entry_meant(from))
		append_candidate_fd(j, key, entry_meant(from));
}

static const char *name_of(const struct entry *e)
{
	return e ? e->name : NULL;
}

JSON_APPEND_FILE(append_ready, ready_view, r, name_of(entry_meant(r)), &entry_meant(r)->what)

static void append_ready_events(struct json *j, const char *key, const void *from)
{
	json_events(j, key, ((const struct ready_view *)from)->event.events);
}

static void append_ready_data(struct json *j, const char *key, const void *from)
{
	json_hex(j, key, ((const struct ready_view *)from)->event.data);
}

/* A program may register all that it has with the same data. */
#define CANDIDATES_MAX 8

static void append_candidates(struct json *j, const char *key, const void *from)
{
	const struct ready_view *r = from;
	unsigned n = 0;

	if (!r->entry || entry_meant(r))
		return;
	json_open(j, key, '[');
	for (const struct entry *e = r->entry; e && n++ < CANDIDATES_MAX;
	     e = interest_match_next(e))
		json_append_object(j, NULL, &json_candidate, e);
	json_close(j, ']');
}

static const struct json_object json_ready = {
	.type = "ready",
	.is_part = true,
	.about = "an event that a wait returned",
	.fields =
		(const struct json_field[]){
			{"fd", JSON_SIGNED, false, append_ready_fd,
			 "the descriptor that is registered with this data, where it is known to "
			 "be "
			 "one",
			 NULL},
			JSON_FILE_FIELDS(append_ready, "", "what it is"),
			{"candidates", JSON_OBJECTS, false, append_candidates,
			 "where several are registered with this data; 8 at most", &json_candidate},
			{"events", JSON_STRINGS, true, append_ready_events, "as returned", NULL},
			{"data", JSON_HEX, true, append_ready_data, "as returned", NULL},
			END,
		},
};

static void append_ready(struct json *j, const char *key, const void *from)
{
	const struct json_event *e = from;

	if (CALL->ret < 0)
		return;
	json_open(j, key, '[');
	for (unsigned i = 0; i < e->v->ready_count; i++)
		json_append_object(j, NULL, &json_ready, &e->v->ready[i]);
	json_close(j, ']');
}

APPEND(append_maxevents, json_i64(j, key, ARGS->maxevents))
APPEND_IF(append_timeout, ARGS->timeout_ns >= -1, json_i64(j, key, ARGS->timeout_ns))
APPEND_IF(append_left_out, CALL->ret > (int)e->v->ready_count,
	  json_u64(j, key, CALL->ret - e->v->ready_count))
APPEND_IF(append_sigmask, WAIT->args.sigset_read, json_sigset(j, key, WAIT->args.sigset))

#define TIMEOUT                                                                                    \
	{                                                                                          \
		"timeout_ns", JSON_SIGNED, false, append_timeout,                                  \
			"-1: none; left out where it could not be read", NULL                      \
	}
#define WAIT_FIELDS                                                                                \
	EPFD, {"maxevents", JSON_SIGNED, true, append_maxevents, "its argument", NULL}, TIMEOUT,   \
		{"ready",                                                                          \
		 JSON_OBJECTS,                                                                     \
		 false,                                                                            \
		 append_ready,                                                                     \
		 "events, of a call that did not fail",                                            \
		 &json_ready},                                                                     \
	{                                                                                          \
		"ready_left_out", JSON_INTEGER, false, append_left_out,                            \
			"events that are not among ready: see --max-ready", NULL                   \
	}
#define SIGMASK                                                                                    \
	{                                                                                          \
		"sigmask", JSON_STRINGS, false, append_sigmask, "signals blocked in the call",     \
			NULL                                                                       \
	}

const struct json_object json_epoll_wait = {
	.type = "epoll_wait",
	.about = "epoll_wait returned",
	.fields = (const struct json_field[]){WHO, WAIT_FIELDS, RESULT, TOOK, END},
};

const struct json_object json_epoll_pwait = {
	.type = "epoll_pwait",
	.about = "epoll_pwait returned",
	.fields = (const struct json_field[]){WHO, WAIT_FIELDS, SIGMASK, RESULT, TOOK, END},
};

const struct json_object json_epoll_pwait2 = {
	.type = "epoll_pwait2",
	.about = "epoll_pwait2 returned",
	.fields = (const struct json_field[]){WHO, WAIT_FIELDS, SIGMASK, RESULT, TOOK, END},
};

/* Waits that have not returned */

APPEND(append_call, json_string(j, key, call_name(e->v->wait->id)))
APPEND(append_blocked, json_u64(j, key, e->v->blocked_ns))

#define BLOCKED_FIELDS                                                                             \
	{"call", JSON_STRING, true, append_call, "the system call", NULL}, EPFD,                   \
		{"blocked_ns", JSON_INTEGER, true, append_blocked, "so far", NULL}, TIMEOUT,       \
	{                                                                                          \
		"began_before_attach", JSON_BOOL, false, append_before,                            \
			"it blocks for longer: times count from the attach", NULL                  \
	}

const struct json_object json_blocked = {
	.type = "blocked",
	.about = "a wait blocks for longer than --blocked-after, and goes on blocking",
	.fields = (const struct json_field[]){WHO, BLOCKED_FIELDS, END},
};

const struct json_object json_unfinished = {
	.type = "unfinished",
	.about = "a wait was cut off by exec, exit or the end of the trace",
	.fields = (const struct json_field[]){WHO, BLOCKED_FIELDS, END},
};

const struct json_object *json_object_of(const struct view *v)
{
#define OBJECT(id, name, set) [CALL_##id] = &json_##name,
	static const struct json_object *const calls[CALL_COUNT] = {EPOLL_CALLS(OBJECT)};
#undef OBJECT

	switch (v->kind) {
	case VIEW_CALL:
		return calls[v->ev->call.id];
	case VIEW_BLOCKED:
		return &json_blocked;
	case VIEW_UNFINISHED:
		return &json_unfinished;
	case VIEW_EXITED:
		return &json_exited;
	case VIEW_HALTED:
		return &json_halted;
	case VIEW_RESUMED:
		return &json_resumed;
	case VIEW_ENDED:
		return v->ended == ENDED_CLOSED || v->ended == ENDED_UNSEEN ? &json_gone : NULL;
	case VIEW_THREAD_ENDED:
	case VIEW_LOST:
	case VIEW_NO_EPOLL:
	case VIEW_SCAN:
	case VIEW_COMPAT:
	case VIEW_SEEN:
	case VIEW_CLOSE:
	case VIEW_IO:
		break;
	}
	return NULL;
}
