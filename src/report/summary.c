/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9

void summary_init(struct summary *s, bool intervals)
{
	*s = (struct summary){.intervals = intervals};
	s->waits_end = &s->waits;
	s->errors_end = &s->errors;
	loops_init(&s->loops);
}

static void free_rows(struct summary *s)
{
	while (s->waits) {
		struct wait_row *r = s->waits;

		s->waits = r->next;
		free(r);
	}
	while (s->errors) {
		struct error_row *r = s->errors;

		s->errors = r->next;
		free(r);
	}
	table_free(&s->waits_by_key);
	table_free(&s->errors_by_key);
}

void summary_free(struct summary *s)
{
	free_rows(s);
	loops_free(&s->loops);
}

void summary_new_interval(struct summary *s, const struct model *m)
{
	free_rows(s);
	s->waits_end = &s->waits;
	s->errors_end = &s->errors;
	memset(s->calls, 0, sizeof(s->calls));
	s->lost = 0;
	s->incomplete = false;
	loops_new_interval(&s->loops, m);
}

static struct wait_row *wait_row(struct summary *s, unsigned instance, uint32_t tid)
{
	uint64_t hash = hash_two(instance, tid);
	struct node *n = table_find(&s->waits_by_key, hash);
	struct wait_row *r;

	for (; n; n = table_next(n)) {
		r = container_of(n, struct wait_row, by_key);
		if (r->instance == instance && r->tid == tid)
			return r;
	}
	r = s->waits_by_key.count < ROWS_MAX ? calloc(1, sizeof(*r)) : NULL;
	if (!r || table_add(&s->waits_by_key, &r->by_key, hash)) {
		free(r);
		s->incomplete = true;
		return NULL;
	}
	r->instance = instance;
	r->tid = tid;
	*s->waits_end = r;
	s->waits_end = &r->next;
	return r;
}

static void count_error(struct summary *s, unsigned instance, const struct view *v)
{
	const struct call *c = &v->ev->call;
	uint64_t hash = hash_three(instance, v->tid, (uint64_t)c->id << 32 | (uint32_t)-c->ret);
	struct node *n = table_find(&s->errors_by_key, hash);
	struct error_row *r;

	for (; n; n = table_next(n)) {
		r = container_of(n, struct error_row, by_key);
		if (r->instance == instance && r->tid == v->tid && r->call == c->id &&
		    r->err == -c->ret) {
			r->count++;
			return;
		}
	}
	r = s->errors_by_key.count < ROWS_MAX ? calloc(1, sizeof(*r)) : NULL;
	if (!r || table_add(&s->errors_by_key, &r->by_key, hash)) {
		free(r);
		s->incomplete = true;
		return;
	}
	r->instance = instance;
	r->tid = v->tid;
	r->call = c->id;
	r->err = -c->ret;
	r->count = 1;
	*s->errors_end = r;
	s->errors_end = &r->next;
}

static void count_wait(struct wait_row *r, const struct event *ev)
{
	int ret = ev->call.ret;

	r->waits++;
	if (!ev->call.no_entry)
		histogram_add(&r->blocked, ev->call.duration_ns);
	if (ev->call.skipped)
		r->skipped++;
	if (ret == -EINTR)
		r->interrupted++;
	else if (ret < 0)
		r->errors++;
	else if (ev->call.skipped)
		return;
	else if (ret > 0)
		r->ready += ret;
	else if (ev->wait.args.timeout_ns == 0)
		r->polls++;
	else
		r->timeouts++;
}

static void count_call(struct summary *s, const struct view *v)
{
	unsigned instance = v->instance ? v->instance->number : 0;
	struct wait_row *r;

	s->calls[v->ev->call.id]++;
	if (v->ev->call.ret < 0)
		count_error(s, instance, v);
	if (v->ev->kind != EVENT_WAIT)
		return;
	r = wait_row(s, instance, v->tid);
	if (r)
		count_wait(r, v->ev);
}

static void count_unfinished(struct summary *s, const struct view *v)
{
	struct wait_row *r = wait_row(s, v->instance ? v->instance->number : 0, v->tid);

	if (!r)
		return;
	r->unfinished++;
	r->unfinished_ns += v->blocked_ns;
}

void summary_view(struct summary *s, const struct view *v)
{
	if (v->kind == VIEW_CALL)
		count_call(s, v);
	else if (v->kind == VIEW_UNFINISHED)
		count_unfinished(s, v);
	else if (v->kind == VIEW_LOST)
		s->lost += v->ev->lost.total + v->ev->lost.missed;
	if (loops_view(&s->loops, v))
		s->incomplete = true;
}

static int by_rate(const void *a, const void *b)
{
	const struct entry_row *x = a, *y = b;

	if (x->per_second != y->per_second)
		return x->per_second < y->per_second ? 1 : -1;
	if (x->instance != y->instance)
		return x->instance < y->instance ? -1 : 1;
	if (x->fd != y->fd)
		return x->fd < y->fd ? -1 : 1;
	return (x->entry->number < y->entry->number) - (x->entry->number > y->entry->number);
}

static void swap(struct entry_row *x, struct entry_row *y)
{
	struct entry_row row = *x;

	*x = *y;
	*y = row;
}

/* Moves a row down in a heap of count rows, of which the last by rate is on top. */
static void sift(struct entry_row *rows, size_t count, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && by_rate(&rows[child + 1], &rows[child]) > 0)
			child++;
		if (by_rate(&rows[child], &rows[at]) <= 0)
			break;
		swap(&rows[child], &rows[at]);
	}
}

/* Of many entries few are shown, at each interval. */
static void sort_first(struct entry_row *rows, size_t count, size_t limit)
{
	if (!limit || limit > count)
		limit = count;
	for (size_t i = limit / 2; i && limit < count; i--)
		sift(rows, limit, i - 1);
	for (size_t i = limit; i < count; i++) {
		if (by_rate(&rows[i], &rows[0]) >= 0)
			continue;
		swap(&rows[i], &rows[0]);
		sift(rows, limit, 0);
	}
	qsort(rows, limit, sizeof(*rows), by_rate);
}

static double per_second(const struct summary *s, const struct model *m, const struct entry *e)
{
	uint64_t since_ns = model_since_ns(m), now_ns = model_now_ns(m);
	uint64_t begin_ns = e->first_ns > since_ns ? e->first_ns : since_ns;
	uint64_t end_ns = e->state == ENTRY_GONE ? e->ended_ns : now_ns;
	double seen_s = end_ns > begin_ns ? (end_ns - begin_ns) / NS_PER_S : 0;
	double least_s = s->intervals ? (now_ns - since_ns) / NS_PER_S : 1;

	if (least_s <= 0 || least_s > 1)
		least_s = 1;
	return e->deliveries / (seen_s < least_s ? least_s : seen_s);
}

static void add_rows(struct entry_row *rows, size_t *count, const struct summary *s,
		     const struct model *m, const struct entry *e)
{
	for (; e; e = e->next) {
		if (e->past && !e->deliveries)
			continue;
		rows[(*count)++] = (struct entry_row){
			.entry = e,
			.per_second = e->deliveries ? per_second(s, m, e) : 0,
			.instance = e->instance->number,
			.fd = e->fd,
		};
	}
}

long summary_entries(const struct summary *s, const struct model *m, size_t limit,
		     struct entry_row **ret_rows, struct folded *ret_folded)
{
	const struct interest *in = model_interest(m);
	const struct instance *lists[] = {in->instances, in->gone_instances};
	struct entry_row *rows;
	struct folded folded = {0};
	size_t count = 0;

	for (int l = 0; l < 2; l++) {
		for (const struct instance *i = lists[l]; i; i = i->next) {
			count += i->live_count + i->gone_count;
			folded_add(&folded, &i->folded);
		}
	}
	folded_add(&folded, &in->dropped);
	rows = malloc((count ? count : 1) * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	count = 0;
	for (int l = 0; l < 2; l++) {
		for (const struct instance *i = lists[l]; i; i = i->next) {
			add_rows(rows, &count, s, m, i->entries);
			add_rows(rows, &count, s, m, i->gone_entries);
		}
	}
	sort_first(rows, count, limit);
	*ret_rows = rows;
	*ret_folded = folded;
	return count;
}

#define STEPS_PER_ROW 64 /* of a wait, whose percentiles are computed */

uint64_t summary_cost(const struct summary *s, const struct model *m, size_t limit)
{
	uint64_t entries = model_interest(m)->by_fd.count + model_interest(m)->by_ep.count;
	uint64_t rows = s->waits_by_key.count * STEPS_PER_ROW + s->loops.by_tid.count;

	return rows + (limit ? entries * 2 : entries * 4);
}
