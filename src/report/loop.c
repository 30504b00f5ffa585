/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void loops_init(struct loops *l)
{
	*l = (struct loops){0};
	l->rows_end = &l->rows;
}

void loops_free(struct loops *l)
{
	while (l->rows) {
		struct loop_row *r = l->rows;

		l->rows = r->next;
		free(r);
	}
	table_free(&l->by_tid);
	table_free(&l->by_name);
}

static struct loop_row *find_row(const struct loops *l, uint32_t tid)
{
	struct node *n = table_find(&l->by_tid, hash_u64(tid));

	while (n && container_of(n, struct loop_row, by_tid)->tid != tid)
		n = table_next(n);
	return n ? container_of(n, struct loop_row, by_tid) : NULL;
}

/* A new row, linked in at *end: rows of names stay last. */
static struct loop_row *new_row(struct loops *l, struct table *t, uint64_t hash,
				struct loop_row **end)
{
	struct loop_row *r = calloc(1, sizeof(*r));

	if (!r || table_add(t, &r->by_tid, hash)) {
		free(r);
		return NULL;
	}
	r->id = ++l->ids;
	r->next = *end;
	*end = r;
	return r;
}

static uint64_t name_hash(const char *comm)
{
	uint64_t words[2] = {0};

	memcpy(words, comm, strnlen(comm, sizeof(words)));
	return hash_two(words[0], words[1]);
}

static struct loop_row *find_name(const struct loops *l, const char *comm, bool others)
{
	struct node *n = table_find(&l->by_name, name_hash(comm));

	for (; n; n = table_next(n)) {
		struct loop_row *r = container_of(n, struct loop_row, by_tid);

		if (r->others == others && !strcmp(r->comm, comm))
			return r;
	}
	return NULL;
}

/* The row of a name, or that of all others. */
static struct loop_row *named_row(struct loops *l, const char *comm)
{
	struct loop_row *r = find_name(l, comm, false), **end = l->rows_end;
	bool others = !r && l->by_name.count + 1 >= NAMES_MAX;

	if (others) {
		comm = "";
		r = find_name(l, comm, true);
	}
	if (r)
		return r;
	while (*end)
		end = &(*end)->next;
	r = new_row(l, &l->by_name, name_hash(comm), end);
	if (!r)
		return NULL;
	r->name = l->by_name.count;
	r->others = others;
	snprintf(r->comm, sizeof(r->comm), "%s", comm);
	return r;
}

/* A thread that has ended: another one may have its number from now on. */
static void end_row(struct loops *l, struct loop_row *r)
{
	r->ended = true;
	r->returned_ns = 0;
	table_del(&l->by_tid, &r->by_tid);
	l->ended++;
}

struct loop_row *loops_row(struct loops *l, const struct view *v)
{
	const char *comm = v->task ? v->task->comm : "";
	struct loop_row *r = find_row(l, v->tid);

	if (r && r->pid != v->pid) { /* the number is another thread's now */
		end_row(l, r);
		r = NULL;
	}
	if (!r && l->count >= THREADS_MAX) {
		r = named_row(l, comm);
		if (r)
			r->crowded = true;
		return r;
	}
	if (!r) {
		r = new_row(l, &l->by_tid, hash_u64(v->tid), l->rows_end);
		if (!r)
			return NULL;
		l->rows_end = &r->next;
		l->count++;
		r->pid = v->pid;
		r->tid = v->tid;
	}
	snprintf(r->comm, sizeof(r->comm), "%s", comm);
	return r;
}

/* A wait begins: what the thread was away since the one before is known. */
static void came_back(struct loop_row *r, uint64_t entry_ns)
{
	if (r->returned_ns && entry_ns >= r->returned_ns)
		histogram_add(&r->away, entry_ns - r->returned_ns);
	r->returned_ns = 0;
}

static int count_turn(struct loops *l, const struct view *v)
{
	const struct call *c = &v->ev->call;
	struct loop_row *r = loops_row(l, v);

	if (!r)
		return -ENOMEM;
	r->waited = true;
	r->calls++;
	r->turns++;
	if (c->skipped) /* it goes on to be away */
		return 0;
	if (c->ret > 0)
		r->ready += c->ret;
	if (c->began_before || c->no_entry) { /* neither its beginning nor its length is known */
		r->part_ns += c->duration_ns;
	} else {
		came_back(r, v->time_ns);
		histogram_add(&r->within, c->duration_ns);
	}
	r->returned_ns = r->name ? 0 : v->time_ns + c->duration_ns;
	return 0;
}

static int count_unfinished(struct loops *l, const struct view *v)
{
	struct loop_row *r = loops_row(l, v);

	if (!r)
		return -ENOMEM;
	r->waited = true;
	if (!v->wait->began_before)
		came_back(r, v->time_ns);
	r->part_ns += v->blocked_ns;
	r->returned_ns = 0;
	return 0;
}

static void thread_ended(struct loops *l, const struct view *v)
{
	struct loop_row *r = find_row(l, v->tid);

	if (r && r->pid == v->pid)
		end_row(l, r);
}

int loops_view(struct loops *l, const struct view *v)
{
	if (v->kind == VIEW_CALL && v->ev->kind == EVENT_WAIT)
		return count_turn(l, v);
	if (v->kind == VIEW_UNFINISHED)
		return count_unfinished(l, v);
	if (v->kind == VIEW_THREAD_ENDED)
		thread_ended(l, v);
	return 0;
}

void loops_end(struct loops *l, const struct model *m)
{
	for (struct loop_row *r = l->rows; r; r = r->next) {
		if (r->ended || !r->returned_ns || !tasks_find(model_tasks(m), r->tid))
			continue;
		came_back(r, model_now_ns(m));
		r->waited = true;
	}
}

static void restart_row(struct loop_row *r)
{
	r->waited = false;
	r->calls = 0;
	r->turns = 0;
	r->ready = 0;
	r->part_ns = 0;
	r->within = (struct histogram){0};
	r->away = (struct histogram){0};
}

/* Takes the row at *at out. */
static void drop_row(struct loops *l, struct loop_row **at)
{
	struct loop_row *r = *at;

	if (r->name)
		table_del(&l->by_name, &r->by_tid);
	else
		l->count--;
	if (!r->name && r->ended)
		l->ended--;
	else if (!r->name)
		table_del(&l->by_tid, &r->by_tid);
	if (l->rows_end == &r->next)
		l->rows_end = at;
	*at = r->next;
	free(r);
}

void loops_new_interval(struct loops *l, const struct model *m)
{
	struct loop_row **at = &l->rows;

	while (*at) {
		struct loop_row *r = *at;

		if (r->name || r->ended || !tasks_find(model_tasks(m), r->tid)) {
			drop_row(l, at);
			continue;
		}
		restart_row(r);
		at = &r->next;
	}
}

bool loops_crowded(const struct loops *l, size_t limit)
{
	return (limit && l->ended > 2 * limit + THREADS_MAX / 16) ||
	       (l->count >= THREADS_MAX && l->ended > THREADS_MAX / 16);
}

static int by_calls(const void *a, const void *b)
{
	const struct loop_row *x = *(struct loop_row *const *)a, *y = *(struct loop_row *const *)b;

	if (x->calls != y->calls)
		return x->calls < y->calls ? 1 : -1;
	return (x->id > y->id) - (x->id < y->id);
}

void loops_sum_up(struct loops *l, size_t keep)
{
	struct loop_row **ended;
	size_t n = 0;

	if (l->ended <= keep)
		return;
	ended = malloc(l->ended * sizeof(*ended));
	if (!ended)
		return; /* they stay, and new ones are counted by name */
	for (struct loop_row *r = l->rows; r; r = r->next)
		if (r->ended)
			ended[n++] = r;
	qsort(ended, n, sizeof(*ended), by_calls);
	for (size_t i = keep; i < n; i++)
		ended[i]->into = named_row(l, ended[i]->comm);
	free(ended);
}

static void add_row(struct loop_row *into, const struct loop_row *r)
{
	into->threads++;
	into->waited |= r->waited;
	into->calls += r->calls;
	into->turns += r->turns;
	into->ready += r->ready;
	into->part_ns += r->part_ns;
	histogram_merge(&into->within, &r->within);
	histogram_merge(&into->away, &r->away);
}

void loops_sum_up_end(struct loops *l)
{
	struct loop_row **at = &l->rows;

	while (*at) {
		if (!(*at)->into) {
			at = &(*at)->next;
			continue;
		}
		add_row((*at)->into, *at);
		drop_row(l, at);
	}
}

double loop_utilisation(const struct loop_row *r)
{
	double all = (double)r->away.sum + r->within.sum + r->part_ns;

	return r->away.count && all > r->away.sum ? r->away.sum / all : -1;
}
