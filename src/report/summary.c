/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/summary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void summary_init(struct summary *s, bool intervals, size_t limit)
{
	*s = (struct summary){.intervals = intervals, .limit = limit};
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
	s->ready_unknown = 0;
	s->incomplete = false;
	loops_new_interval(&s->loops, m);
}

static struct wait_row *find_wait(const struct summary *s, unsigned instance,
				  const struct loop_row *thread)
{
	struct node *n = table_find(&s->waits_by_key, hash_two(instance, thread->id));

	for (; n; n = table_next(n)) {
		struct wait_row *r = container_of(n, struct wait_row, by_key);

		if (r->instance == instance && r->thread == thread)
			return r;
	}
	return NULL;
}

/* Rows of names stay after the others. */
static void link_wait(struct summary *s, struct wait_row *r)
{
	struct wait_row **end = s->waits_end;

	while (r->thread->name && *end)
		end = &(*end)->next;
	r->next = *end;
	*end = r;
	if (!r->thread->name)
		s->waits_end = &r->next;
}

static struct wait_row *wait_row(struct summary *s, unsigned instance, struct loop_row *thread)
{
	struct wait_row *r;

	if (thread->name)
		instance = ALL_INSTANCES;
	r = find_wait(s, instance, thread);
	if (!r && s->waits_by_key.count >= WAITS_MAX) {
		instance = ALL_INSTANCES;
		r = find_wait(s, instance, thread);
	}
	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	if (!r || table_add(&s->waits_by_key, &r->by_key, hash_two(instance, thread->id))) {
		free(r);
		s->incomplete = true;
		return NULL;
	}
	r->instance = instance;
	r->thread = thread;
	link_wait(s, r);
	return r;
}

static struct error_row *error_row(struct summary *s, const struct error_row *like)
{
	uint64_t hash = hash_three(like->instance, like->thread->id,
				   (uint64_t)like->call << 32 | (uint32_t)like->err);
	struct node *n = table_find(&s->errors_by_key, hash);
	struct error_row *r;

	for (; n; n = table_next(n)) {
		r = container_of(n, struct error_row, by_key);
		if (r->instance == like->instance && r->thread == like->thread &&
		    r->call == like->call && r->err == like->err)
			return r;
	}
	r = s->errors_by_key.count < ERRORS_MAX ? calloc(1, sizeof(*r)) : NULL;
	if (!r || table_add(&s->errors_by_key, &r->by_key, hash)) {
		free(r);
		s->incomplete = true;
		return NULL;
	}
	r->instance = like->instance;
	r->thread = like->thread;
	r->call = like->call;
	r->err = like->err;
	*s->errors_end = r;
	s->errors_end = &r->next;
	return r;
}

static void count_error(struct summary *s, unsigned instance, struct loop_row *thread,
			const struct call *c)
{
	struct error_row *r =
		error_row(s, &(struct error_row){
				     .instance = thread->name ? ALL_INSTANCES : instance,
				     .thread = thread,
				     .call = c->id,
				     .err = -c->ret,
			     });

	if (r)
		r->count++;
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
	bool waits = v->ev->kind == EVENT_WAIT, failed = v->ev->call.ret < 0;
	struct loop_row *thread;
	struct wait_row *r;

	s->calls[v->ev->call.id]++;
	if (!waits && !failed)
		return;
	s->ready_unknown += view_ready_unknown(v);
	thread = loops_row(&s->loops, v);
	if (!thread) {
		s->incomplete = true;
		return;
	}
	if (failed)
		count_error(s, instance, thread, &v->ev->call);
	if (failed && !waits)
		thread->calls++;
	r = waits ? wait_row(s, instance, thread) : NULL;
	if (r)
		count_wait(r, v->ev);
}

static void count_unfinished(struct summary *s, const struct view *v)
{
	struct loop_row *thread = loops_row(&s->loops, v);
	struct wait_row *r =
		thread ? wait_row(s, v->instance ? v->instance->number : 0, thread) : NULL;

	if (!r)
		return;
	r->unfinished++;
	r->unfinished_ns += v->blocked_ns;
}

static void add_wait(struct wait_row *into, const struct wait_row *r)
{
	into->waits += r->waits;
	into->ready += r->ready;
	into->timeouts += r->timeouts;
	into->polls += r->polls;
	into->interrupted += r->interrupted;
	into->errors += r->errors;
	into->unfinished += r->unfinished;
	into->unfinished_ns += r->unfinished_ns;
	histogram_merge(&into->blocked, &r->blocked);
}

static void sum_up_waits(struct summary *s)
{
	struct wait_row **at = &s->waits, *into;

	while (*at) {
		struct wait_row *r = *at;

		if (!r->thread->into) {
			at = &r->next;
			continue;
		}
		into = wait_row(s, ALL_INSTANCES, r->thread->into);
		if (into)
			add_wait(into, r);
		table_del(&s->waits_by_key, &r->by_key);
		if (s->waits_end == &r->next)
			s->waits_end = at;
		*at = r->next;
		free(r);
	}
}

static void sum_up_errors(struct summary *s)
{
	struct error_row *rows = s->errors, *into;

	s->errors = NULL;
	s->errors_end = &s->errors;
	while (rows) {
		struct error_row *r = rows;

		rows = r->next;
		r->next = NULL;
		if (!r->thread->into) {
			*s->errors_end = r;
			s->errors_end = &r->next;
			continue;
		}
		table_del(&s->errors_by_key, &r->by_key);
		r->thread = r->thread->into;
		r->instance = ALL_INSTANCES;
		into = error_row(s, r);
		if (into)
			into->count += r->count;
		free(r);
	}
}

/* Adds up all threads that have ended but the busiest. */
static void sum_up_ended(struct summary *s, size_t keep)
{
	loops_sum_up(&s->loops, keep);
	sum_up_waits(s);
	sum_up_errors(s);
	loops_sum_up_end(&s->loops);
}

void summary_settle(struct summary *s)
{
	if (s->limit && s->loops.ended > s->limit)
		sum_up_ended(s, s->limit);
}

void summary_view(struct summary *s, const struct view *v)
{
	size_t half = s->loops.ended / 2;

	if (v->kind == VIEW_CALL)
		count_call(s, v);
	else if (v->kind == VIEW_UNFINISHED)
		count_unfinished(s, v);
	else if (v->kind == VIEW_LOST)
		s->lost += v->ev->lost.total;
	if (loops_view(&s->loops, v))
		s->incomplete = true;
	if (v->kind == VIEW_THREAD_ENDED && loops_crowded(&s->loops, s->limit))
		sum_up_ended(s, s->limit && s->limit < half ? s->limit : half);
}

#define STEPS_PER_ROW 64 /* of a wait, whose percentiles are computed */

uint64_t summary_cost(const struct summary *s, const struct model *m, size_t limit)
{
	uint64_t entries = model_interest(m)->by_fd.count + model_interest(m)->by_ep.count;
	uint64_t rows = s->waits_by_key.count * STEPS_PER_ROW + s->loops.by_tid.count;

	return rows + (limit ? entries * 2 : entries * 4);
}
