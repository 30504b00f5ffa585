/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/snapshot_json.h"

#include "base/version.h"
#include "event/names.h"
#include "sinks/json.h"

#include <stdio.h>
#include <string.h>

struct page {
	struct json j;
	const struct snapshot *s;
	const struct model *m;
};

static void put_file(struct json *j, const char *name, const char *text)
{
	struct buf b = {0};
	size_t len = strlen(text);
	bool deleted = len && text[len - 1] == FILE_DELETED;

	buf_put(&b, text, len - deleted);
	if (deleted)
		buf_str(&b, "(deleted)");
	buf_char(&b, 0);
	json_string(j, name, b.failed ? "?" : b.data);
	buf_free(&b);
}

/* As all names from the target: in C's notation where it is not printable ASCII. */
static void put_comm(struct json *j, const char *comm)
{
	struct buf b = {0};

	buf_escaped(&b, comm, strlen(comm), "");
	buf_char(&b, 0);
	json_string(j, "comm", b.failed ? "?" : b.data);
	buf_free(&b);
}

static void put_header(struct page *p)
{
	json_open(&p->j, NULL, '{');
	json_string(&p->j, "type", "header");
	json_u64(&p->j, "version", 1);
	json_string(&p->j, "tool", ET_TOOL);
	json_string(&p->j, "kernel", model_start(p->m)->kernel);
	json_u64(&p->j, "time_ns", model_now_ns(p->m) + model_start(p->m)->realtime_offset_ns);
	json_open(&p->j, "targets", '[');
	for (size_t i = 0; i < p->s->pid_count; i++)
		json_u64(&p->j, NULL, p->s->pids[i]);
	json_close(&p->j, ']');
	json_close(&p->j, '}');
	json_line_end(&p->j);
}

static void put_holders(struct page *p, const struct instance *inst)
{
	json_open(&p->j, "holders", '[');
	for (const struct holder *h = inst->holders; h; h = h->next) {
		json_open(&p->j, NULL, '{');
		json_u64(&p->j, "pid", h->pid);
		json_i64(&p->j, "epfd", h->fd);
		put_comm(&p->j, h->comm);
		json_bool(&p->j, "cloexec", h->cloexec);
		json_bool(&p->j, "traced", !h->foreign);
		json_close(&p->j, '}');
	}
	json_close(&p->j, ']');
}

static void put_waiters(struct page *p, const struct snapshot_instance *s)
{
	json_open(&p->j, "waiters", '[');
	for (size_t i = 0; i < s->waiter_count; i++) {
		const struct task *t = s->waiters[i];

		json_open(&p->j, NULL, '{');
		json_u64(&p->j, "pid", t->pid);
		json_u64(&p->j, "tid", t->tid);
		put_comm(&p->j, t->comm);
		json_string(&p->j, "call", call_name(t->wait.id));
		if (t->idle_ns)
			json_u64(&p->j, "blocked_ns", t->idle_ns);
		if (t->wait.args.timeout_ns >= -1)
			json_i64(&p->j, "timeout_ns", t->wait.args.timeout_ns);
		json_close(&p->j, '}');
	}
	json_close(&p->j, ']');
}

static void put_pending(struct json *j, const struct pending *p)
{
	json_bool(j, "nonblock", p->nonblock);
	if (p->has_unread)
		json_u64(j, "unread_bytes", p->unread_bytes);
	if (p->has_unsent)
		json_u64(j, "unsent_bytes", p->unsent_bytes);
	if (p->has_count)
		json_u64(j, p->listens ? "pending_connections" : "pending", p->count);
	if (p->at_least)
		json_bool(j, "at_least", true);
	if (p->peer_closed)
		json_bool(j, "peer_closed", true);
	if (p->error)
		json_bool(j, "socket_error", true);
	if (p->error_queue)
		json_bool(j, "error_queue", true);
}

static void put_entry(struct page *p, const struct snapshot_entry *row)
{
	static const char *const marks[MARK_COUNT] = {
		[MARK_NO_EDGE] = "unread-not-ready",
		[MARK_DISARMED] = "unread-disarmed",
		[MARK_NUMBER] = "not-at-number",
	};
	const struct entry *e = row->entry;

	json_open(&p->j, NULL, '{');
	json_i64(&p->j, "fd", e->fd);
	if (e->name)
		put_file(&p->j, "file", e->name);
	json_events(&p->j, "events", e->events);
	json_hex(&p->j, "data", e->data);
	if (e->seen && e->seen->known) {
		json_bool(&p->j, "ready", e->seen->ready);
		if (entry_disarmed(e))
			json_bool(&p->j, "disarmed", true);
		put_pending(&p->j, &e->seen->pending);
	}
	if (e->state == ENTRY_CLOSED && e->elsewhere)
		json_u64(&p->j, "open_in_pid", e->elsewhere);
	if (e->state == ENTRY_CLOSED && e->elsewhere)
		json_i64(&p->j, "open_as_fd", e->elsewhere_fd);
	if (row->mark != MARK_NONE)
		json_string(&p->j, "mark", marks[row->mark]);
	json_close(&p->j, '}');
}

static void put_watched_by(struct page *p, const struct instance *inst)
{
	json_open(&p->j, "watched_by", '[');
	for (size_t i = 0; inst->file && i < p->s->instance_count; i++)
		if (snapshot_watches(&p->s->instances[i], inst))
			json_u64(&p->j, NULL, p->s->instances[i].instance->number);
	json_close(&p->j, ']');
}

static void put_instance(struct page *p, const struct snapshot_instance *s)
{
	const struct holder *first = s->instance->holders;

	json_open(&p->j, NULL, '{');
	json_string(&p->j, "type", "instance");
	if (first) {
		json_u64(&p->j, "pid", first->pid);
		json_i64(&p->j, "epfd", first->fd);
	}
	json_u64(&p->j, "instance", s->instance->number);
	put_holders(p, s->instance);
	put_watched_by(p, s->instance);
	put_waiters(p, s);
	json_open(&p->j, "entries", '[');
	for (size_t i = 0; i < s->entry_count; i++)
		put_entry(p, &s->entries[i]);
	json_close(&p->j, ']');
	json_close(&p->j, '}');
	json_line_end(&p->j);
}

static void put_thread(struct page *p, const struct task *t)
{
	static const char *const states[] = {
		[THREAD_RUNS] = "running",
		[THREAD_BLOCKED] = "blocked",
		[THREAD_STOPPED] = "stopped",
	};
	const char *call = model_syscall_name(p->m, t->nr);

	json_open(&p->j, NULL, '{');
	json_string(&p->j, "type", "thread");
	json_u64(&p->j, "pid", t->pid);
	json_u64(&p->j, "tid", t->tid);
	put_comm(&p->j, t->comm);
	json_string(&p->j, "state", states[t->state]);
	if (call)
		json_string(&p->j, "call", call);
	else if (t->nr >= 0)
		json_i64(&p->j, "call_number", t->nr);
	if (t->file) {
		json_i64(&p->j, "fd", t->fd);
		put_file(&p->j, "file", t->file_ep ? "anon_inode:[eventpoll]" : t->file);
	}
	if (t->idle_ns)
		json_u64(&p->j, "last_ran_ns", t->idle_ns);
	json_close(&p->j, '}');
	json_line_end(&p->j);
}

static void put_end(struct page *p, uint64_t lost)
{
	json_open(&p->j, NULL, '{');
	json_string(&p->j, "type", "lost");
	json_u64(&p->j, "records", lost);
	json_close(&p->j, '}');
	json_line_end(&p->j);
	json_open(&p->j, NULL, '{');
	json_string(&p->j, "type", "end");
	json_u64(&p->j, "events", 0);
	json_u64(&p->j, "lost", lost);
	json_u64(&p->j, "duration_ns", model_now_ns(p->m) - model_first_ns(p->m));
	json_close(&p->j, '}');
	json_line_end(&p->j);
}

void snapshot_json(struct output *out, const struct snapshot *s, const struct model *m,
		   uint64_t lost)
{
	struct page p = {.j = {.b = &out->buf}, .s = s, .m = m};

	put_header(&p);
	for (size_t i = 0; i < s->instance_count; i++) {
		put_instance(&p, &s->instances[i]);
		output_line_done(out);
	}
	for (size_t i = 0; i < s->thread_count; i++)
		put_thread(&p, s->threads[i]);
	put_end(&p, lost);
}
