/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/text/loop_text.h"

#include "sinks/text/duration.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_S 1e9

/* Median, 99th percentile and maximum, with a blank before each. */
static void print_percentiles(struct buf *b, const struct histogram *h)
{
	const uint64_t values[] = {histogram_percentile(h, 500), histogram_percentile(h, 990),
				   h->max};

	for (int i = 0; i < 3; i++) {
		char text[16] = "-";

		if (h->count)
			print_duration(text, values[i]);
		buf_printf(b, " %8s", text);
	}
}

void loop_thread(char text[16], const struct loop_row *r)
{
	snprintf(text, 16, r->name ? "*%u" : "%u", r->name ? r->name : r->tid);
}

static void print_name(struct buf *b, const struct loop_row *r)
{
	buf_printf(b, "*%u: ", r->name);
	if (r->threads || !r->crowded)
		buf_printf(b, "%llu thread%s that ha%s ended", (unsigned long long)r->threads,
			   r->threads == 1 ? "" : "s", r->threads == 1 ? "s" : "ve");
	if (r->threads && r->crowded)
		buf_str(b, ", and ");
	if (r->crowded)
		buf_printf(b, "threads beyond the first %d", THREADS_MAX);
	if (r->others || !r->comm[0]) {
		buf_str(b, r->others ? ", of other names\n" : ", without a name\n");
		return;
	}
	buf_str(b, ", named '");
	buf_escaped(b, r->comm, strlen(r->comm), "'");
	buf_str(b, "'\n");
}

void loop_print_names(struct buf *b, const struct loops *l)
{
	if (*l->rows_end)
		buf_char(b, '\n');
	for (const struct loop_row *r = *l->rows_end; r; r = r->next)
		print_name(b, r);
}

static void print_row(struct buf *b, const struct loop_row *r, uint64_t length_ns)
{
	double part = loop_utilisation(r);
	char util[16] = "-", thread[16];

	if (part >= 0)
		snprintf(util, sizeof(util), "%.1f%%", part * 100);
	loop_thread(thread, r);
	buf_printf(b, "%7s %9llu %9.1f %6s %8.2f", thread, (unsigned long long)r->turns,
		   length_ns ? r->turns / (length_ns / NS_PER_S) : 0.0, util,
		   r->turns ? (double)r->ready / r->turns : 0.0);
	print_percentiles(b, &r->within);
	print_percentiles(b, &r->away);
	buf_char(b, '\n');
}

void loop_print_table(struct buf *b, const struct loops *l, uint64_t length_ns)
{
	bool header = false;

	for (const struct loop_row *r = l->rows; r; r = r->next) {
		if (!r->waited)
			continue;
		if (!header)
			buf_printf(b, "\n%7s %9s %9s %6s %8s %8s %8s %8s %8s %8s %8s\n", "TID",
				   "TURNS", "PER-SEC", "UTIL", "RDY/TURN", "IN-P50", "IN-P99",
				   "IN-MAX", "AWAY-P50", "AWAY-P99", "AWAY-MAX");
		header = true;
		print_row(b, r, length_ns);
	}
}

/*
 * As _print_log2_hist of bcc (src/python/bcc/table.py), so that whatever reads that reads this:
 * values from 2^32 on make all rows wider, and have half the stars.
 */
static void print_log2(struct buf *b, const struct histogram *h)
{
	static const char stars[] = "****************************************";
	uint64_t rows[HISTOGRAM_LOG2], most = 0;
	int first, last = HISTOGRAM_LOG2 - 1, digits = 10, width = 40;

	histogram_log2(h, rows);
	for (first = 0; !rows[first]; first++)
		;
	while (!rows[last])
		last--;
	if (last >= 32) {
		digits = 20;
		width = 20;
	}
	for (int i = first; i <= last; i++)
		most = rows[i] > most ? rows[i] : most;
	buf_printf(b, "%*s%-*s : count     distribution\n", digits - 5, "", digits + 9, "nsecs");
	for (int i = first; i <= last; i++)
		buf_printf(b, "%*llu -> %-*llu : %-8llu |%-*.*s|\n", digits, i ? 1ULL << i : 0ULL,
			   digits, ~0ULL >> (63 - i), (unsigned long long)rows[i], width,
			   (int)(width * rows[i] / most), stars);
}

static void print_histogram(struct buf *b, const struct loop_row *r, const char *what,
			    const struct histogram *h)
{
	char thread[16];

	if (!h->count)
		return;
	loop_thread(thread, r);
	buf_printf(b, "\nthread%s %s, %s:\n", r->name ? "s" : "", thread, what);
	print_log2(b, h);
}

void loop_print_histograms(struct buf *b, const struct loops *l)
{
	for (const struct loop_row *r = l->rows; r; r = r->next) {
		print_histogram(b, r, "time in the wait", &r->within);
		print_histogram(b, r, "time away from the wait", &r->away);
	}
}
