/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/loop.h"

#include <errno.h>
#include <stdlib.h>

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
}

static struct loop_row *find_row(const struct loops *l, uint32_t tid)
{
	struct node *n = table_find(&l->by_tid, hash_u64(tid));

	while (n && container_of(n, struct loop_row, by_tid)->tid != tid)
		n = table_next(n);
	return n ? container_of(n, struct loop_row, by_tid) : NULL;
}

static struct loop_row *get_row(struct loops *l, const struct view *v)
{
	struct loop_row *r = find_row(l, v->tid);

	if (!r) {
		r = l->by_tid.count < ROWS_MAX ? calloc(1, sizeof(*r)) : NULL;
		if (!r || table_add(&l->by_tid, &r->by_tid, hash_u64(v->tid))) {
			free(r);
			return NULL;
		}
		r->pid = v->pid;
		r->tid = v->tid;
		*l->rows_end = r;
		l->rows_end = &r->next;
	}
	if (r->pid != v->pid) { /* the number is another thread's now, which has not waited yet */
		r->pid = v->pid;
		r->returned_ns = 0;
	}
	r->waited = true;
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
	struct loop_row *r = get_row(l, v);

	if (!r)
		return -ENOMEM;
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
	r->returned_ns = v->time_ns + c->duration_ns;
	return 0;
}

static int count_unfinished(struct loops *l, const struct view *v)
{
	struct loop_row *r = get_row(l, v);

	if (!r)
		return -ENOMEM;
	if (!v->wait->began_before)
		came_back(r, v->time_ns);
	r->part_ns += v->blocked_ns;
	r->returned_ns = 0;
	return 0;
}

/* The number of a process that has ended may become that of another one. */
static void forget_return(struct loops *l, uint32_t tid)
{
	struct loop_row *r = find_row(l, tid);

	if (r)
		r->returned_ns = 0;
}

int loops_view(struct loops *l, const struct view *v)
{
	if (v->kind == VIEW_CALL && v->ev->kind == EVENT_WAIT)
		return count_turn(l, v);
	if (v->kind == VIEW_UNFINISHED)
		return count_unfinished(l, v);
	if (v->kind == VIEW_EXITED)
		forget_return(l, v->tid);
	return 0;
}

void loops_end(struct loops *l, const struct model *m)
{
	for (struct loop_row *r = l->rows; r; r = r->next) {
		if (!r->returned_ns || !tasks_find(model_tasks(m), r->tid))
			continue;
		came_back(r, model_now_ns(m));
		r->waited = true;
	}
}

static void restart(struct loop_row *r)
{
	r->waited = false;
	r->turns = 0;
	r->ready = 0;
	r->part_ns = 0;
	r->within = (struct histogram){0};
	r->away = (struct histogram){0};
}

void loops_new_interval(struct loops *l, const struct model *m)
{
	struct loop_row **at = &l->rows;

	while (*at) {
		struct loop_row *r = *at;

		if (tasks_find(model_tasks(m), r->tid)) {
			restart(r);
			at = &r->next;
			continue;
		}
		*at = r->next;
		table_del(&l->by_tid, &r->by_tid);
		free(r);
	}
	l->rows_end = at;
}

double loop_utilisation(const struct loop_row *r)
{
	double all = (double)r->away.sum + r->within.sum + r->part_ns;

	return r->away.count && all > r->away.sum ? r->away.sum / all : -1;
}
