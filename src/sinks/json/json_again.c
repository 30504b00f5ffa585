/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_again.h"

enum {
	BEGAN_BEFORE = 1,
	IO_URING = 2,
	NO_ENTRY = 4,
	SKIPPED = 8,
};

static uint32_t flags_of(const struct call *c)
{
	return (c->began_before ? BEGAN_BEFORE : 0) | (c->io_uring ? IO_URING : 0) |
	       (c->no_entry ? NO_ENTRY : 0) | (c->skipped ? SKIPPED : 0);
}

/* Is it a wait of which the key has all? Not if an event may be of several entries. */
static bool key_suffices(const struct view *v)
{
	if (v->kind != VIEW_CALL || v->ev->kind != EVENT_WAIT || v->ready_count > 1)
		return false;
	if (!v->instance && v->epfile)
		return false;
	return !v->ready_count || !v->ready[0].entry || !interest_match_next(v->ready[0].entry);
}

static void make_key(struct json_again_key *k, const struct view *v)
{
	const struct call *c = &v->ev->call;

	memset(k, 0, sizeof(*k)); /* what is between members is compared, too */
	memcpy(&k->args, &v->ev->wait.args, sizeof(k->args));
	k->pid = v->pid;
	k->tid = v->tid;
	k->id = c->id;
	k->ret = c->ret;
	k->flags = flags_of(c);
	k->instance = v->instance ? v->instance->number : 0;
	k->ready_count = v->ready_count;
	if (v->task)
		memcpy(k->comm, v->task->comm, sizeof(v->task->comm));
	if (!v->ready_count)
		return;
	k->events = v->ready[0].event.events;
	k->data = v->ready[0].event.data;
	if (!v->ready[0].entry)
		return;
	k->entry = v->ready[0].entry->number;
	k->fd = v->ready[0].entry->fd;
	k->file = v->ready[0].entry->name;
}

void json_again_forget(struct json_again *a)
{
	a->valid = false;
}

bool json_again(struct json_again *a, const struct json_event *e, struct buf *b)
{
	struct json_again_key key;

	if (!a->valid || !key_suffices(e->v))
		return false;
	make_key(&key, e->v);
	if (memcmp(&key, &a->key, sizeof(key)))
		return false;
	buf_append(b, a->line, a->time);
	buf_u64(b, clocks_real_ns(e->clocks, e->v->time_ns));
	buf_append(b, a->line + a->after_time, a->length - a->after_time);
	buf_u64(b, e->v->ev->call.duration_ns);
	buf_append(b, a->line + a->after_length, a->size - a->after_length);
	return true;
}

/* Where the number of a member that no other object in the line has stands; false: nowhere. */
static bool locate_number(const struct json_again *a, const char *key, size_t *ret_at,
			  size_t *ret_end)
{
	const char *at = memmem(a->line, a->size, key, strlen(key));

	if (!at)
		return false;
	*ret_at = at + strlen(key) - a->line;
	for (*ret_end = *ret_at; a->line[*ret_end] >= '0' && a->line[*ret_end] <= '9';)
		++*ret_end;
	return true;
}

void json_again_keep(struct json_again *a, const struct json_event *e, const struct buf *b,
		     size_t start)
{
	size_t size = b->len > start ? b->len - start : 0;

	a->valid = false;
	if (!size || size > sizeof(a->line) || b->failed || !key_suffices(e->v))
		return;
	make_key(&a->key, e->v);
	memcpy(a->line, b->data + start, size);
	a->size = size;
	/* Within strings quotes are escaped, so that neither key is found in one. */
	a->valid = locate_number(a, "\"time_ns\":", &a->time, &a->after_time) &&
		   locate_number(a, "\"duration_ns\":", &a->length, &a->after_length) &&
		   a->after_time < a->length;
}
