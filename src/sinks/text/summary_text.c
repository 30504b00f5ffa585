/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/text/summary_text.h"

#include "event/names.h"
#include "sinks/text/duration.h"
#include "sinks/text/loop_text.h"
#include "sinks/text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GONE_SHOWN 8 /* gone entries of files of a kind that have rows of their own */

static void instance_text(char text[16], unsigned number)
{
	if (number == ALL_INSTANCES)
		snprintf(text, 16, "*");
	else if (number)
		snprintf(text, 16, "#%u", number);
	else
		snprintf(text, 16, "-");
}

static void print_waits(struct buf *b, const struct summary *s)
{
	buf_printf(b, "\n%-8s %7s %8s %8s %6s %6s %6s %6s %5s %6s %8s %8s %8s %8s\n", "INSTANCE",
		   "TID", "WAITS", "READY", "RDY/W", "TMOUT", "POLL-0", "EMPTY", "EINTR", "ERRORS",
		   "BLOCKED", "P50", "P99", "MAX");
	for (const struct wait_row *r = s->waits; r; r = r->next) {
		char inst[16], thread[16], total[16], p50[16], p99[16], max[16];

		instance_text(inst, r->instance);
		loop_thread(thread, r->thread);
		print_duration(total, r->blocked.sum);
		print_duration(p50, histogram_percentile(&r->blocked, 500));
		print_duration(p99, histogram_percentile(&r->blocked, 990));
		print_duration(max, r->blocked.max);
		buf_printf(b,
			   "%-8s %7s %8llu %8llu %6.2f %6llu %6llu %6llu %5llu %6llu %8s %8s %8s "
			   "%8s\n",
			   inst, thread, (unsigned long long)r->waits, (unsigned long long)r->ready,
			   r->waits ? (double)r->ready / r->waits : 0.0,
			   (unsigned long long)r->timeouts, (unsigned long long)r->polls,
			   (unsigned long long)(r->timeouts + r->polls),
			   (unsigned long long)r->interrupted, (unsigned long long)r->errors, total,
			   p50, p99, max);
	}
}

static void print_unfinished(struct buf *b, const struct summary *s)
{
	for (const struct wait_row *r = s->waits; r; r = r->next) {
		char inst[16], thread[16], total[16];

		if (!r->unfinished)
			continue;
		instance_text(inst, r->instance);
		loop_thread(thread, r->thread);
		print_duration(total, r->unfinished_ns);
		buf_printf(b, "%s: thread%s %s had %llu unfinished wait%s, blocked for %s\n", inst,
			   r->thread->name ? "s" : "", thread, (unsigned long long)r->unfinished,
			   r->unfinished == 1 ? "" : "s", total);
	}
}

static void print_errors(struct buf *b, const struct summary *s)
{
	if (!s->errors)
		return;
	buf_printf(b, "\n%-8s %7s %8s  %-13s %s\n", "INSTANCE", "TID", "COUNT", "CALL", "ERROR");
	for (const struct error_row *r = s->errors; r; r = r->next) {
		char inst[16], thread[16];

		instance_text(inst, r->instance);
		loop_thread(thread, r->thread);
		buf_printf(b, "%-8s %7s %8llu  %-13s ", inst, thread, (unsigned long long)r->count,
			   call_name(r->call));
		name_errno(b, r->err);
		buf_char(b, '\n');
	}
}

static const char *state_mark(const struct entry *e)
{
	return e->state == ENTRY_GONE ? " (gone)" : e->state == ENTRY_CLOSED ? " (closed)" : "";
}

static void print_entry(struct buf *b, const struct entry_row *row, const struct model *m)
{
	const struct entry *e = row->entry;
	char inst[16];

	instance_text(inst, e->instance->number);
	buf_printf(b, "%-8s %5d %5u %5u %5u %9llu %9.1f ", inst, e->fd, e->adds, e->mods, e->dels,
		   (unsigned long long)e->deliveries, row->per_second);
	if (e->last_ready_ns)
		text_time_of_day(b, model_clocks(m), e->last_ready_ns, true);
	else
		buf_printf(b, "%-15s", "-");
	buf_str(b, "  ");
	name_events(b, e->events);
	buf_char(b, ' ');
	text_file(b, e->name ? e->name : "?", e->name && e->what.deleted);
	buf_str(b, state_mark(e));
	buf_char(b, '\n');
}

static void append_totals(struct buf *b, const struct totals *f)
{
	buf_printf(b, ": %llu ADD, %llu MOD, %llu DEL, %llu ready\n", (unsigned long long)f->adds,
		   (unsigned long long)f->mods, (unsigned long long)f->dels,
		   (unsigned long long)f->deliveries);
}

static int by_entries(const void *a, const void *b)
{
	const struct family *x = a, *y = b;

	if (x->sum.entries != y->sum.entries)
		return x->sum.entries < y->sum.entries ? 1 : -1;
	return strcmp(x->name, y->name) ?: x->deleted - y->deleted;
}

/* Connections that came and went would bury those that are there. */
static void print_gone(struct buf *b, struct families *gone)
{
	qsort(gone->at, FAMILIES_MAX, sizeof(gone->at[0]), by_entries);
	for (const struct family *f = gone->at; f < gone->at + FAMILIES_MAX; f++) {
		if (!f->sum.entries)
			continue;
		buf_printf(b, "gone: %llu ", (unsigned long long)f->sum.entries);
		text_file(b, f->name[0] ? f->name : "other files", f->deleted);
		append_totals(b, &f->sum);
	}
}

static void print_entries(struct buf *b, const struct summary *s, const struct model *m,
			  unsigned limit)
{
	struct entry_row *rows;
	struct families gone, rest = {0};
	struct totals more;
	long count = summary_entries(s, m, limit, limit ? GONE_SHOWN : SIZE_MAX, &rows, &gone);
	long shown = limit && count > (long)limit ? (long)limit : count;

	if (count < 0) {
		buf_str(b, "\nentries: out of memory\n");
		return;
	}
	if (count)
		buf_printf(b, "\n%-8s %5s %5s %5s %5s %9s %9s %-15s  %s\n", "INSTANCE", "FD", "ADD",
			   "MOD", "DEL", "READY", "PER-SEC", "LAST-READY", "EVENTS FILE");
	for (long i = 0; i < shown; i++)
		print_entry(b, &rows[i], m);
	for (long i = shown; i < count; i++)
		totals_add_entry(&rest, rows[i].entry);
	more = families_sum(&rest);
	if (more.entries) {
		buf_printf(b, "and %llu more entries", (unsigned long long)more.entries);
		append_totals(b, &more);
	}
	print_gone(b, &gone);
	free(rows);
}

static void print_first_line(struct buf *b, const struct summary *s, uint64_t length_ns)
{
	uint64_t calls = 0;
	const char *sep = ": ";
	char text[16];

	for (int i = 0; i < CALL_COUNT; i++)
		calls += s->calls[i];
	print_duration(text, length_ns);
	buf_printf(b, "%llu calls in %s, %llu records lost", (unsigned long long)calls, text,
		   (unsigned long long)s->lost);
	for (int i = 0; i < CALL_COUNT; i++) {
		if (!s->calls[i])
			continue;
		buf_printf(b, "%s%s %llu", sep, call_name(i), (unsigned long long)s->calls[i]);
		sep = ", ";
	}
	buf_char(b, '\n');
}

void summary_print(struct output *out, const struct summary *s, const struct model *m,
		   unsigned limit)
{
	struct buf *b = &out->buf;
	uint64_t length_ns = model_now_ns(m) - model_since_ns(m);

	if (s->intervals) {
		text_time_of_day(b, model_clocks(m), model_now_ns(m), true);
		buf_char(b, '\n');
	}
	print_first_line(b, s, length_ns);
	if (s->incomplete)
		buf_str(b, "rows are missing: memory ran out\n");
	if (s->waits)
		print_waits(b, s);
	print_unfinished(b, s);
	loop_print_table(b, &s->loops, length_ns);
	print_errors(b, s);
	loop_print_names(b, &s->loops);
	print_entries(b, s, m, limit);
	if (s->ready_unknown)
		buf_printf(b, "%llu ready events were not read: of which entries is not known\n",
			   (unsigned long long)s->ready_unknown);
}
