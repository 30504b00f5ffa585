/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The figures of entries: the living first, of these those that are returned most often. */
#include "report/summary.h"

#include <errno.h>
#include <stdlib.h>

#define NS_PER_S 1e9

static int by_rate(const void *a, const void *b)
{
	const struct entry_row *x = a, *y = b;

	if (x->gone != y->gone)
		return x->gone ? 1 : -1;
	if (x->per_second != y->per_second)
		return x->per_second < y->per_second ? 1 : -1;
	if (x->instance != y->instance)
		return x->instance < y->instance ? -1 : 1;
	if (x->fd != y->fd)
		return x->fd < y->fd ? -1 : 1;
	return (x->entry->number < y->entry->number) - (x->entry->number > y->entry->number);
}

static void swap_rows(struct entry_row *x, struct entry_row *y)
{
	struct entry_row row = *x;

	*x = *y;
	*y = row;
}

/* Moves a row down in a heap of count rows, of which the last by rate is on top. */
static void sift_down(struct entry_row *rows, size_t count, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && by_rate(&rows[child + 1], &rows[child]) > 0)
			child++;
		if (by_rate(&rows[child], &rows[at]) <= 0)
			break;
		swap_rows(&rows[child], &rows[at]);
	}
}

/* Of many entries few are shown, at each interval. */
static void sort_first(struct entry_row *rows, size_t count, size_t limit)
{
	if (!limit || limit > count)
		limit = count;
	for (size_t i = limit / 2; i && limit < count; i--)
		sift_down(rows, limit, i - 1);
	for (size_t i = limit; i < count; i++) {
		if (by_rate(&rows[i], &rows[0]) >= 0)
			continue;
		swap_rows(&rows[i], &rows[0]);
		sift_down(rows, limit, 0);
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

/* An entry that lasted as long as its instance, as at the end of the program, counts as living. */
static bool is_gone(const struct entry *e)
{
	const struct instance *inst = e->instance;

	return e->state == ENTRY_GONE && !(inst->gone && e->ended_ns >= inst->ended_ns);
}

/* What is gone: those that are not kept one by one, and those that are. */
static struct families gone_families(const struct interest *in)
{
	const struct instance *lists[] = {in->instances, in->gone_instances};
	struct families gone = in->dropped;

	for (int l = 0; l < 2; l++)
		for (const struct instance *i = lists[l]; i; i = i->next)
			for (const struct entry *e = i->gone_entries; e; e = e->next)
				if (is_gone(e) && (!e->past || e->deliveries))
					totals_add_entry(&gone, e);
	return gone;
}

struct rows {
	struct entry_row *at;
	size_t count, few;
	const struct families *gone;
	struct families totals;
};

static bool is_one_of_many(const struct rows *rows, const struct entry *e)
{
	const struct family *f = is_gone(e) ? families_find(rows->gone, e->name, &e->what) : NULL;

	return f && f->sum.entries > rows->few;
}

static void add_rows(struct rows *rows, const struct summary *s, const struct model *m,
		     const struct entry *e)
{
	for (; e; e = e->next) {
		if (e->past && !e->deliveries)
			continue;
		if (is_one_of_many(rows, e)) {
			totals_add_entry(&rows->totals, e);
			continue;
		}
		rows->at[rows->count++] = (struct entry_row){
			.entry = e,
			.per_second = e->deliveries ? per_second(s, m, e) : 0,
			.instance = e->instance->number,
			.fd = e->fd,
			.gone = is_gone(e),
		};
	}
}

long summary_entries(const struct summary *s, const struct model *m, size_t limit, size_t few,
		     struct entry_row **ret_rows, struct families *ret_gone)
{
	const struct interest *in = model_interest(m);
	const struct instance *lists[] = {in->instances, in->gone_instances};
	const struct families gone = gone_families(in);
	struct rows rows = {.few = few, .gone = &gone, .totals = in->dropped};
	size_t most = 1;

	for (int l = 0; l < 2; l++)
		for (const struct instance *i = lists[l]; i; i = i->next)
			most += i->live_count + i->gone_count;
	rows.at = malloc(most * sizeof(*rows.at));
	if (!rows.at)
		return -ENOMEM;
	for (int l = 0; l < 2; l++) {
		for (const struct instance *i = lists[l]; i; i = i->next) {
			add_rows(&rows, s, m, i->entries);
			add_rows(&rows, s, m, i->gone_entries);
		}
	}
	sort_first(rows.at, rows.count, limit);
	*ret_rows = rows.at;
	*ret_gone = rows.totals;
	return rows.count;
}
