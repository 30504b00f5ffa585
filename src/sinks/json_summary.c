/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json_summary.h"

#include "event/names.h"

#include <stdlib.h>

/* Durations. */

JSON_PUT(put_count, histogram, h, json_u64(j, key, h->count))
JSON_PUT(put_sum, histogram, h, json_u64(j, key, h->sum))
JSON_PUT(put_p50, histogram, h, json_u64(j, key, histogram_percentile(h, 500)))
JSON_PUT(put_p99, histogram, h, json_u64(j, key, histogram_percentile(h, 990)))
JSON_PUT(put_max, histogram, h, json_u64(j, key, h->max))

static const struct json_object json_durations = {
	.type = "durations",
	.is_part = true,
	.about = "of several times; percentiles are at most 6.25 % above the true ones",
	.fields =
		(const struct json_field[]){
			{"count", JSON_INTEGER, true, put_count, "how many", NULL},
			{"total_ns", JSON_INTEGER, true, put_sum, "their sum", NULL},
			{"p50_ns", JSON_INTEGER, true, put_p50, "the median", NULL},
			{"p99_ns", JSON_INTEGER, true, put_p99, "99th percentile", NULL},
			{"max_ns", JSON_INTEGER, true, put_max, "the longest", NULL},
			{.name = NULL},
		},
};

/* Histograms. */

struct bucket {
	uint64_t from_ns, to_ns, count;
};

JSON_PUT(put_from, bucket, b, json_u64(j, key, b->from_ns))
JSON_PUT(put_to, bucket, b, json_u64(j, key, b->to_ns))
JSON_PUT(put_bucket_count, bucket, b, json_u64(j, key, b->count))

static const struct json_object json_bucket = {
	.type = "bucket",
	.is_part = true,
	.about = "times of one power of two",
	.fields =
		(const struct json_field[]){
			{"from_ns", JSON_INTEGER, true, put_from, "the least", NULL},
			{"to_ns", JSON_INTEGER, true, put_to, "the most", NULL},
			{"count", JSON_INTEGER, true, put_bucket_count, "how many", NULL},
			{.name = NULL},
		},
};

static void put_buckets(struct json *j, const char *key, const struct histogram *h)
{
	uint64_t counts[HISTOGRAM_LOG2];

	histogram_log2(h, counts);
	json_open(j, key, '[');
	for (int i = 0; i < HISTOGRAM_LOG2; i++) {
		struct bucket b = {i ? 1ULL << i : 0, ~0ULL >> (63 - i), counts[i]};

		if (b.count)
			json_put(j, NULL, &json_bucket, &b);
	}
	json_close(j, ']');
}

/* Waits of a thread on an instance. */

JSON_PUT_IF(put_wait_instance, wait_row, r, r->instance, json_u64(j, key, r->instance))
JSON_PUT(put_wait_tid, wait_row, r, json_u64(j, key, r->tid))
JSON_PUT(put_waits, wait_row, r, json_u64(j, key, r->waits))
JSON_PUT(put_ready, wait_row, r, json_u64(j, key, r->ready))
JSON_PUT(put_timeouts, wait_row, r, json_u64(j, key, r->timeouts))
JSON_PUT(put_polls, wait_row, r, json_u64(j, key, r->polls))
JSON_PUT(put_interrupted, wait_row, r, json_u64(j, key, r->interrupted))
JSON_PUT(put_wait_errors, wait_row, r, json_u64(j, key, r->errors))
JSON_PUT_IF(put_skipped, wait_row, r, r->skipped, json_u64(j, key, r->skipped))
JSON_PUT(put_unfinished, wait_row, r, json_u64(j, key, r->unfinished))
JSON_PUT(put_unfinished_ns, wait_row, r, json_u64(j, key, r->unfinished_ns))
JSON_PUT(put_blocked, wait_row, r, json_put(j, key, &json_durations, &r->blocked))

#define ROW_INSTANCE "number of the instance; left out where epfd was none"

static const struct json_object json_waits = {
	.type = "waits",
	.is_part = true,
	.about = "waits of one thread on one instance",
	.fields =
		(const struct json_field[]){
			{"instance", JSON_INTEGER, false, put_wait_instance, ROW_INSTANCE, NULL},
			{"tid", JSON_INTEGER, true, put_wait_tid, "thread", NULL},
			{"waits", JSON_INTEGER, true, put_waits, "that returned", NULL},
			{"ready", JSON_INTEGER, true, put_ready, "events", NULL},
			{"timeouts", JSON_INTEGER, true, put_timeouts,
			 "returned 0 after a time-out other than 0", NULL},
			{"polls", JSON_INTEGER, true, put_polls, "returned 0 at time-out 0", NULL},
			{"interrupted", JSON_INTEGER, true, put_interrupted, "EINTR", NULL},
			{"errors", JSON_INTEGER, true, put_wait_errors, "other errnos", NULL},
			{"skipped", JSON_INTEGER, false, put_skipped,
			 "answered by seccomp or a tracer, whatever the answer", NULL},
			{"unfinished", JSON_INTEGER, true, put_unfinished,
			 "cut off, or in flight at the end", NULL},
			{"unfinished_ns", JSON_INTEGER, true, put_unfinished_ns,
			 "how long these blocked", NULL},
			{"blocked", JSON_OBJECT, true, put_blocked,
			 "of each wait that was seen to begin and to return", &json_durations},
			{.name = NULL},
		},
};

/* The loop of a thread. */

struct loop {
	const struct loop_row *r;
	bool histograms;
};

JSON_PUT(put_loop_pid, loop, l, json_u64(j, key, l->r->pid))
JSON_PUT(put_loop_tid, loop, l, json_u64(j, key, l->r->tid))
JSON_PUT(put_turns, loop, l, json_u64(j, key, l->r->turns))
JSON_PUT(put_loop_ready, loop, l, json_u64(j, key, l->r->ready))
JSON_PUT_IF(put_utilisation, loop, l, loop_utilisation(l->r) >= 0,
	    json_number(j, key, loop_utilisation(l->r)))
JSON_PUT(put_in, loop, l, json_put(j, key, &json_durations, &l->r->within))
JSON_PUT(put_away, loop, l, json_put(j, key, &json_durations, &l->r->away))
JSON_PUT_IF(put_in_buckets, loop, l, l->histograms, put_buckets(j, key, &l->r->within))
JSON_PUT_IF(put_away_buckets, loop, l, l->histograms, put_buckets(j, key, &l->r->away))

static const struct json_object json_loop = {
	.type = "loop",
	.is_part = true,
	.about = "the event loop of a thread",
	.fields =
		(const struct json_field[]){
			{"pid", JSON_INTEGER, true, put_loop_pid, "process", NULL},
			{"tid", JSON_INTEGER, true, put_loop_tid, "thread", NULL},
			{"turns", JSON_INTEGER, true, put_turns, "waits that returned", NULL},
			{"ready", JSON_INTEGER, true, put_loop_ready, "events", NULL},
			{"utilisation", JSON_NUMBER, false, put_utilisation,
			 "the part of the time that it was away from its wait, 0 to 1", NULL},
			{"in", JSON_OBJECT, true, put_in, "time in each wait", &json_durations},
			{"away", JSON_OBJECT, true, put_away,
			 "time from each return to the next wait", &json_durations},
			{"in_histogram", JSON_OBJECTS, false, put_in_buckets, "with --histograms",
			 &json_bucket},
			{"away_histogram", JSON_OBJECTS, false, put_away_buckets,
			 "with --histograms", &json_bucket},
			{.name = NULL},
		},
};

/* Failures. */

JSON_PUT_IF(put_error_instance, error_row, r, r->instance, json_u64(j, key, r->instance))
JSON_PUT(put_error_tid, error_row, r, json_u64(j, key, r->tid))
JSON_PUT(put_error_call, error_row, r, json_string(j, key, call_name(r->call)))
JSON_PUT(put_error_name, error_row, r, json_errno(j, key, r->err))
JSON_PUT(put_error_count, error_row, r, json_u64(j, key, r->count))

static const struct json_object json_error = {
	.type = "error",
	.is_part = true,
	.about = "failures of one kind",
	.fields =
		(const struct json_field[]){
			{"instance", JSON_INTEGER, false, put_error_instance, ROW_INSTANCE, NULL},
			{"tid", JSON_INTEGER, true, put_error_tid, "thread", NULL},
			{"call", JSON_STRING, true, put_error_call, "the system call", NULL},
			{"errno", JSON_STRING, true, put_error_name, "why it failed", NULL},
			{"count", JSON_INTEGER, true, put_error_count, "how often", NULL},
			{.name = NULL},
		},
};

/* Entries. */

struct figures_row {
	const struct entry_row *r;
	const struct clocks *clocks;
};

#define ENTRY (f->r->entry)

JSON_PUT(put_entry_instance, figures_row, f, json_u64(j, key, ENTRY->instance->number))
JSON_PUT(put_entry_fd, figures_row, f, json_i64(j, key, ENTRY->fd))
JSON_PUT_IF(put_entry_file, figures_row, f, ENTRY->name, json_file(j, key, ENTRY->name))
JSON_PUT(put_entry_events, figures_row, f, json_events(j, key, ENTRY->events))
JSON_PUT(put_entry_data, figures_row, f, json_hex(j, key, ENTRY->data))
JSON_PUT(put_adds, figures_row, f, json_u64(j, key, ENTRY->adds))
JSON_PUT(put_mods, figures_row, f, json_u64(j, key, ENTRY->mods))
JSON_PUT(put_dels, figures_row, f, json_u64(j, key, ENTRY->dels))
JSON_PUT(put_deliveries, figures_row, f, json_u64(j, key, ENTRY->deliveries))
JSON_PUT(put_per_second, figures_row, f, json_number(j, key, f->r->per_second))
JSON_PUT_IF(put_last_ready, figures_row, f, ENTRY->last_ready_ns,
	    json_u64(j, key, clocks_real_ns(f->clocks, ENTRY->last_ready_ns)))

static void put_entry_state(struct json *j, const char *key, const void *from)
{
	static const char *const states[] = {
		[ENTRY_OPEN] = "open",
		[ENTRY_CLOSED] = "closed",
		[ENTRY_GONE] = "gone",
	};

	json_string(j, key, states[((const struct figures_row *)from)->r->entry->state]);
}

static const struct json_object json_figures = {
	.type = "figures",
	.is_part = true,
	.about = "the figures of an entry",
	.fields =
		(const struct json_field[]){
			{"instance", JSON_INTEGER, true, put_entry_instance, "its number", NULL},
			{"fd", JSON_SIGNED, true, put_entry_fd, "as registered", NULL},
			{"file", JSON_STRING, false, put_entry_file, "what it is", NULL},
			{"events", JSON_STRINGS, true, put_entry_events, "as registered", NULL},
			{"data", JSON_HEX, true, put_entry_data, "as registered", NULL},
			{"state", JSON_STRING, true, put_entry_state,
			 "open, closed (its number is, its file lives on) or gone", NULL},
			{"adds", JSON_INTEGER, true, put_adds, "EPOLL_CTL_ADD", NULL},
			{"mods", JSON_INTEGER, true, put_mods, "EPOLL_CTL_MOD", NULL},
			{"dels", JSON_INTEGER, true, put_dels, "EPOLL_CTL_DEL", NULL},
			{"ready", JSON_INTEGER, true, put_deliveries, "times it was returned",
			 NULL},
			{"ready_per_second", JSON_NUMBER, true, put_per_second,
			 "while it was registered", NULL},
			{"last_ready_ns", JSON_INTEGER, false, put_last_ready,
			 "when it was last returned, since 1970", NULL},
			{.name = NULL},
		},
};

/* Entries that are not kept one by one. */

JSON_PUT(put_folded_entries, folded, f, json_u64(j, key, f->entries))
JSON_PUT(put_folded_adds, folded, f, json_u64(j, key, f->adds))
JSON_PUT(put_folded_mods, folded, f, json_u64(j, key, f->mods))
JSON_PUT(put_folded_dels, folded, f, json_u64(j, key, f->dels))
JSON_PUT(put_folded_ready, folded, f, json_u64(j, key, f->deliveries))

static const struct json_object json_folded = {
	.type = "more_entries",
	.is_part = true,
	.about = "what entries that are not kept one by one add up to",
	.fields =
		(const struct json_field[]){
			{"entries", JSON_INTEGER, true, put_folded_entries, "how many", NULL},
			{"adds", JSON_INTEGER, true, put_folded_adds, "EPOLL_CTL_ADD", NULL},
			{"mods", JSON_INTEGER, true, put_folded_mods, "EPOLL_CTL_MOD", NULL},
			{"dels", JSON_INTEGER, true, put_folded_dels, "EPOLL_CTL_DEL", NULL},
			{"ready", JSON_INTEGER, true, put_folded_ready, "times returned", NULL},
			{.name = NULL},
		},
};

/* A summary. */

struct summary_line {
	const struct summary *s;
	const struct model *m;
	bool histograms;
	const struct entry_row *rows;
	long row_count;
	struct folded folded;
};

#define CLOCKS model_clocks(l->m)

JSON_PUT(put_time, summary_line, l, json_u64(j, key, clocks_real_ns(CLOCKS, model_now_ns(l->m))))
JSON_PUT(put_length, summary_line, l, json_u64(j, key, model_now_ns(l->m) - model_since_ns(l->m)))
JSON_PUT(put_lost, summary_line, l, json_u64(j, key, l->s->lost))
JSON_PUT_IF(put_incomplete, summary_line, l, l->s->incomplete, json_bool(j, key, true))
JSON_PUT_IF(put_folded, summary_line, l, l->folded.entries,
	    json_put(j, key, &json_folded, &l->folded))

static void put_calls(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '{');
	for (int i = 0; i < CALL_COUNT; i++)
		if (l->s->calls[i])
			json_u64(j, call_name(i), l->s->calls[i]);
	json_close(j, '}');
}

static void put_wait_rows(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '[');
	for (const struct wait_row *r = l->s->waits; r; r = r->next)
		json_put(j, NULL, &json_waits, r);
	json_close(j, ']');
}

static void put_loops(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '[');
	for (const struct loop_row *r = l->s->loops.rows; r; r = r->next) {
		struct loop loop = {r, l->histograms};

		if (r->waited)
			json_put(j, NULL, &json_loop, &loop);
	}
	json_close(j, ']');
}

static void put_errors(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '[');
	for (const struct error_row *r = l->s->errors; r; r = r->next)
		json_put(j, NULL, &json_error, r);
	json_close(j, ']');
}

static void put_entries(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '[');
	for (long i = 0; i < l->row_count; i++) {
		struct figures_row row = {&l->rows[i], CLOCKS};

		json_put(j, NULL, &json_figures, &row);
	}
	json_close(j, ']');
}

const struct json_object json_summary = {
	.type = "summary",
	.about = "the figures of the whole trace, or of an interval",
	.fields =
		(const struct json_field[]){
			{"time_ns", JSON_INTEGER, true, put_time, "its end, since 1970", NULL},
			{"duration_ns", JSON_INTEGER, true, put_length, "its length", NULL},
			{"lost", JSON_INTEGER, true, put_lost, "records lost in it", NULL},
			{"rows_missing", JSON_BOOL, false, put_incomplete, "too many", NULL},
			{"calls", JSON_COUNTS, true, put_calls, "by name", NULL},
			{"waits", JSON_OBJECTS, true, put_wait_rows, "by instance and thread",
			 &json_waits},
			{"loops", JSON_OBJECTS, true, put_loops, "by thread", &json_loop},
			{"errors", JSON_OBJECTS, true, put_errors, "by instance, thread and errno",
			 &json_error},
			{"entries", JSON_OBJECTS, true, put_entries, "most returned a second first",
			 &json_figures},
			{"more_entries", JSON_OBJECT, false, put_folded, "beside these",
			 &json_folded},
			{.name = NULL},
		},
};

void json_summary_print(struct output *out, const struct summary *s, const struct model *m,
			bool histograms)
{
	struct summary_line l = {.s = s, .m = m, .histograms = histograms};
	struct json j = {.b = &out->buf, .out = out};
	struct entry_row *rows = NULL;

	l.row_count = summary_entries(s, m, 0, &rows, &l.folded);
	l.rows = rows;
	json_put_line(&j, &json_summary, &l);
	free(rows);
}
