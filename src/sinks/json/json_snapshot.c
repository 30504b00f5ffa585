/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_snapshot.h"

#include "event/names.h"
#include "sinks/json/json_what.h"

/* A process that holds an instance. */

struct holding {
	const struct holder *h;
	const struct model *m;
};

JSON_APPEND(append_holder_pid, holding, s, json_u64(j, key, s->h->pid))
JSON_APPEND(append_holder_fd, holding, s, json_i64(j, key, s->h->fd))
JSON_APPEND(append_holder_comm, holding, s, json_comm(j, key, snapshot_comm(s->m, s->h->pid, s->h)))
JSON_APPEND(append_holder_cloexec, holding, s, json_bool(j, key, s->h->cloexec))
JSON_APPEND(append_holder_traced, holding, s, json_bool(j, key, !s->h->foreign))

static const struct json_object json_holder = {
	.type = "holder",
	.is_part = true,
	.about = "a process that has the instance open",
	.fields =
		(const struct json_field[]){
			{"pid", JSON_INTEGER, true, append_holder_pid, "process", NULL},
			{"epfd", JSON_SIGNED, true, append_holder_fd, "its descriptor", NULL},
			{"comm", JSON_STRING, true, append_holder_comm, "its name, escaped as in C",
			 NULL},
			{"cloexec", JSON_BOOL, true, append_holder_cloexec, "is it closed by exec",
			 NULL},
			{"traced", JSON_BOOL, true, append_holder_traced, "is it a target", NULL},
			{.name = NULL},
		},
};

/* A thread, in a wait or in none. */

/* What threads are made from: the name of a system call hangs on the machine. */
struct thread {
	const struct task *t;
	const struct model *m;
};

JSON_APPEND(append_pid, thread, s, json_u64(j, key, s->t->pid))
JSON_APPEND(append_tid, thread, s, json_u64(j, key, s->t->tid))
JSON_APPEND(append_comm, thread, s, json_comm(j, key, s->t->comm))
JSON_APPEND(append_wait_call, thread, s, json_string(j, key, call_name(s->t->wait.id)))
JSON_APPEND_IF(append_idle, thread, s, snapshot_idle_ns(s->t, s->m),
	       json_u64(j, key, snapshot_idle_ns(s->t, s->m)))
JSON_APPEND_IF(append_timeout, thread, s, s->t->wait.args.timeout_ns >= -1,
	       json_i64(j, key, s->t->wait.args.timeout_ns))

#define WHO                                                                                        \
	{"pid", JSON_INTEGER, true, append_pid, "process", NULL},                                  \
		{"tid", JSON_INTEGER, true, append_tid, "thread", NULL},                           \
	{                                                                                          \
		"comm", JSON_STRING, true, append_comm, "its name, escaped as in C", NULL          \
	}

static const struct json_object json_waiter = {
	.type = "waiter",
	.is_part = true,
	.about = "a thread that waits on the instance",
	.fields =
		(const struct json_field[]){
			WHO,
			{"call", JSON_STRING, true, append_wait_call, "the system call", NULL},
			{"blocked_ns", JSON_INTEGER, false, append_idle,
			 "since it was last given a CPU, or since the call began where that was "
			 "seen",
			 NULL},
			{"timeout_ns", JSON_SIGNED, false, append_timeout,
			 "-1: none; left out where it is not known", NULL},
			{.name = NULL},
		},
};

static void append_state(struct json *j, const char *key, const void *from)
{
	static const char *const states[] = {
		[THREAD_RUNS] = "running",    [THREAD_BLOCKED] = "blocked",
		[THREAD_STOPPED] = "stopped", [THREAD_FROZEN] = "frozen",
		[THREAD_TRACED] = "stopped",
	};

	const struct task *t = ((const struct thread *)from)->t;

	json_string(j, key, t->scanned ? states[t->state] : "away");
}

JSON_APPEND_IF(append_call, thread, s, s->t->scanned &&model_syscall_name(s->m, s->t->nr),
	       json_string(j, key, model_syscall_name(s->m, s->t->nr)))
JSON_APPEND_IF(append_call_number, thread, s,
	       s->t->scanned && s->t->nr >= 0 && !model_syscall_name(s->m, s->t->nr),
	       json_i64(j, key, s->t->nr))
/* Of what a thread is blocked in; NULL: of no file. Instances have no text of their own. */
static const char *file_text(const struct task *t)
{
	if (!t->scanned || !t->file)
		return NULL;
	return t->file_what.kind == FILE_INSTANCE ? "anon_inode:[eventpoll]" : t->file;
}

JSON_APPEND_IF(append_thread_fd, thread, s, file_text(s->t), json_i64(j, key, s->t->fd))
JSON_APPEND_FILE(append_thread, thread, s, file_text(s->t), &s->t->file_what)

const struct json_object json_thread = {
	.type = "thread",
	.about = "in a snapshot: a thread that is in no epoll wait",
	.fields =
		(const struct json_field[]){
			WHO,
			{"state", JSON_STRING, true, append_state,
			 "running, blocked, stopped or frozen; away: "
			 "from its last epoll call, which is all that is known",
			 NULL},
			{"call", JSON_STRING, false, append_call, "the system call that it is in",
			 NULL},
			{"call_number", JSON_INTEGER, false, append_call_number,
			 "of a system call without a name", NULL},
			{"fd", JSON_SIGNED, false, append_thread_fd, "that the call is about",
			 NULL},
			JSON_FILE_FIELDS(append_thread, "", "what fd is"),
			{"last_ran_ns", JSON_INTEGER, false, append_idle,
			 "since it was last given a CPU", NULL},
			{.name = NULL},
		},
};

/* An entry of an interest list. */

#define SEEN	(s->entry->observed)
#define KNOWN	(SEEN && SEEN->known)
#define PENDING (&SEEN->pending)

JSON_APPEND(append_fd, snapshot_entry, s, json_i64(j, key, s->entry->fd))
JSON_APPEND_FILE(append, snapshot_entry, s, s->entry->name, &s->entry->what)
JSON_APPEND(append_events, snapshot_entry, s, json_events(j, key, s->entry->events))
JSON_APPEND(append_data, snapshot_entry, s, json_hex(j, key, s->entry->data))
JSON_APPEND_IF(append_ready, snapshot_entry, s, KNOWN, json_bool(j, key, SEEN->ready))
JSON_APPEND_IF(append_ready_events, snapshot_entry, s, snapshot_ready_events(s->entry),
	       json_events(j, key, snapshot_ready_events(s->entry)))
JSON_APPEND_IF(append_disarmed, snapshot_entry, s, entry_disarmed(s->entry),
	       json_bool(j, key, true))
JSON_APPEND_IF(append_nonblock, snapshot_entry, s, KNOWN, json_bool(j, key, PENDING->nonblock))
JSON_APPEND_IF(append_unread, snapshot_entry, s, KNOWN && PENDING->has_unread,
	       json_u64(j, key, PENDING->unread_bytes))
JSON_APPEND_IF(append_unsent, snapshot_entry, s, KNOWN && PENDING->has_unsent,
	       json_u64(j, key, PENDING->unsent_bytes))
JSON_APPEND_IF(append_pending, snapshot_entry, s, KNOWN && PENDING->has_count && !PENDING->listens,
	       json_u64(j, key, PENDING->count))
JSON_APPEND_IF(append_connections, snapshot_entry, s,
	       KNOWN && PENDING->has_count && PENDING->listens, json_u64(j, key, PENDING->count))
JSON_APPEND_IF(append_at_least, snapshot_entry, s, KNOWN && PENDING->at_least,
	       json_bool(j, key, true))
JSON_APPEND_IF(append_peer_closed, snapshot_entry, s, KNOWN && PENDING->peer_closed,
	       json_bool(j, key, true))
JSON_APPEND_IF(append_error, snapshot_entry, s, KNOWN && PENDING->error, json_bool(j, key, true))
JSON_APPEND_IF(append_error_queue, snapshot_entry, s, KNOWN && PENDING->error_queue,
	       json_bool(j, key, true))
JSON_APPEND_IF(append_open_pid, snapshot_entry, s,
	       s->entry->state == ENTRY_CLOSED && s->entry->elsewhere,
	       json_u64(j, key, s->entry->elsewhere))
JSON_APPEND_IF(append_open_fd, snapshot_entry, s,
	       s->entry->state == ENTRY_CLOSED && s->entry->elsewhere,
	       json_i64(j, key, s->entry->elsewhere_fd))

static void append_mark(struct json *j, const char *key, const void *from)
{
	static const char *const marks[MARK_COUNT] = {
		[MARK_NO_EDGE] = "unread-not-ready",
		[MARK_DISARMED] = "unread-disarmed",
		[MARK_NUMBER] = "not-at-number",
	};
	const struct snapshot_entry *s = from;

	if (s->mark != MARK_NONE)
		json_string(j, key, marks[s->mark]);
}

JSON_APPEND_IF(append_rule, snapshot_entry, s, s->mark != MARK_NONE,
	       json_string(j, key, rule_name(s->rule)))

static const struct json_object json_entry = {
	.type = "entry",
	.is_part = true,
	.about = "an entry of the interest list",
	.fields =
		(const struct json_field[]){
			{"fd", JSON_SIGNED, true, append_fd, "as registered", NULL},
			JSON_FILE_FIELDS(append, "", "what it is"),
			{"events", JSON_STRINGS, true, append_events, "as registered", NULL},
			{"data", JSON_HEX, true, append_data, "as registered", NULL},
			{"ready", JSON_BOOL, false, append_ready, "is it on the ready list", NULL},
			{"ready_events", JSON_STRINGS, false, append_ready_events,
			 "what a wait would report of it, as far as that is known", NULL},
			{"disarmed", JSON_BOOL, false, append_disarmed, "by EPOLLONESHOT", NULL},
			{"nonblock", JSON_BOOL, false, append_nonblock, "O_NONBLOCK", NULL},
			{"unread_bytes", JSON_INTEGER, false, append_unread, "that can be read",
			 NULL},
			{"unsent_bytes", JSON_INTEGER, false, append_unsent,
			 "that the peer has not "
			 "taken",
			 NULL},
			{"pending", JSON_INTEGER, false, append_pending,
			 "datagrams, expirations or events that wait", NULL},
			{"pending_connections", JSON_INTEGER, false, append_connections,
			 "that wait for accept", NULL},
			{"at_least", JSON_BOOL, false, append_at_least,
			 "there may be more of these", NULL},
			{"peer_closed", JSON_BOOL, false, append_peer_closed,
			 "no more will come from the other end", NULL},
			{"socket_error", JSON_BOOL, false, append_error, "an error waits", NULL},
			{"error_queue", JSON_BOOL, false, append_error_queue,
			 "the error queue is not empty", NULL},
			{"open_in_pid", JSON_INTEGER, false, append_open_pid,
			 "of a closed number: a process that has the file open", NULL},
			{"open_as_fd", JSON_SIGNED, false, append_open_fd, "and by which number",
			 NULL},
			{"mark", JSON_STRING, false, append_mark,
			 "unread-not-ready, unread-disarmed or not-at-number", NULL},
			{"rule", JSON_STRING, false, append_rule,
			 "of which that is what one scan shows", NULL},
			{.name = NULL},
		},
};

/* An instance. */

struct instance_row {
	const struct snapshot_instance *s;
	const struct snapshot *all;
	const struct model *m;
};

#define INSTANCE (r->s->instance)

JSON_APPEND_IF(append_first_pid, instance_row, r, INSTANCE->holders,
	       json_u64(j, key, INSTANCE->holders->pid))
JSON_APPEND_IF(append_first_fd, instance_row, r, INSTANCE->holders,
	       json_i64(j, key, INSTANCE->holders->fd))
JSON_APPEND(append_number, instance_row, r, json_u64(j, key, INSTANCE->number))
JSON_APPEND_IF(append_scanned, instance_row, r, model_scanned_ns(r->m),
	       json_u64(j, key, clocks_real_ns(model_clocks(r->m), model_scanned_ns(r->m))))

static void append_holders(struct json *j, const char *key, const void *from)
{
	const struct instance_row *r = from;

	json_open(j, key, '[');
	for (const struct holder *h = INSTANCE->holders; h; h = h->next) {
		struct holding holding = {h, r->m};

		json_append_object(j, NULL, &json_holder, &holding);
	}
	json_close(j, ']');
}

static void append_watched_by(struct json *j, const char *key, const void *from)
{
	const struct instance_row *r = from;
	size_t count;
	const struct watch *watches = snapshot_watchers(r->all, INSTANCE, &count);

	json_open(j, key, '[');
	for (size_t i = 0; i < count; i++)
		json_u64(j, NULL, watches[i].number);
	json_close(j, ']');
}

static void append_waiters(struct json *j, const char *key, const void *from)
{
	const struct instance_row *r = from;

	json_open(j, key, '[');
	for (size_t i = 0; i < r->s->waiter_count; i++) {
		struct thread waiter = {r->s->waiters[i], r->m};

		json_append_object(j, NULL, &json_waiter, &waiter);
	}
	json_close(j, ']');
}

static void append_entries(struct json *j, const char *key, const void *from)
{
	const struct instance_row *r = from;

	json_open(j, key, '[');
	for (size_t i = 0; i < r->s->entry_count; i++)
		json_append_object(j, NULL, &json_entry, &r->s->entries[i]);
	json_close(j, ']');
}

const struct json_object json_instance = {
	.type = "instance",
	.about = "in a snapshot: an epoll instance",
	.fields =
		(const struct json_field[]){
			{"pid", JSON_INTEGER, false, append_first_pid, "of the first holder", NULL},
			{"epfd", JSON_SIGNED, false, append_first_fd, "of the first holder", NULL},
			{"instance", JSON_INTEGER, true, append_number, "its number", NULL},
			{"looked_ns", JSON_INTEGER, false, append_scanned,
			 "when what waits in files was read, since 1970", NULL},
			{"holders", JSON_OBJECTS, true, append_holders, "who has it open",
			 &json_holder},
			{"watched_by", JSON_INTEGERS, true, append_watched_by,
			 "numbers of instances that watch it", NULL},
			{"waiters", JSON_OBJECTS, true, append_waiters, "who waits", &json_waiter},
			{"entries", JSON_OBJECTS, true, append_entries, "its interest list",
			 &json_entry},
			{.name = NULL},
		},
};

void json_snapshot(struct output *out, const struct snapshot *s, const struct model *m)
{
	struct json j = {.b = &out->buf, .out = out};

	for (size_t i = 0; i < s->instance_count; i++) {
		struct instance_row r = {&s->instances[i], s, m};

		json_append_line(&j, &json_instance, &r);
		output_line_done(out);
	}
	for (size_t i = 0; i < s->thread_count; i++) {
		struct thread t = {s->threads[i], m};

		json_append_line(&j, &json_thread, &t);
	}
}
