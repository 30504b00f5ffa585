/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_summary.h"

#include "event/names.h"
#include "sinks/json/json_figures.h"

#include <stdlib.h>

/* Durations. */

JSON_APPEND(append_count, histogram, h, json_u64(j, key, h->count))
JSON_APPEND(append_sum, histogram, h, json_u64(j, key, h->sum))
JSON_APPEND(append_p50, histogram, h, json_u64(j, key, histogram_percentile(h, 500)))
JSON_APPEND(append_p99, histogram, h, json_u64(j, key, histogram_percentile(h, 990)))
JSON_APPEND(append_max, histogram, h, json_u64(j, key, h->max))

static const struct json_object json_durations = {
	.type = "durations",
	.is_part = true,
	.about = "of several times; percentiles are at most 6.25 % above the true ones",
	.fields =
		(const struct json_field[]){
			{"count", JSON_INTEGER, true, append_count, "how many", NULL},
			{"total_ns", JSON_INTEGER, true, append_sum, "their sum", NULL},
			{"p50_ns", JSON_INTEGER, true, append_p50, "the median", NULL},
			{"p99_ns", JSON_INTEGER, true, append_p99, "99th percentile", NULL},
			{"max_ns", JSON_INTEGER, true, append_max, "the longest", NULL},
			{.name = NULL},
		},
};

/* Histograms. */

struct bucket {
	uint64_t from_ns, to_ns, count;
};

JSON_APPEND(append_from, bucket, b, json_u64(j, key, b->from_ns))
JSON_APPEND(append_to, bucket, b, json_u64(j, key, b->to_ns))
JSON_APPEND(append_bucket_count, bucket, b, json_u64(j, key, b->count))

static const struct json_object json_bucket = {
	.type = "bucket",
	.is_part = true,
	.about = "times of one power of two",
	.fields =
		(const struct json_field[]){
			{"from_ns", JSON_INTEGER, true, append_from, "the least", NULL},
			{"to_ns", JSON_INTEGER, true, append_to, "the most", NULL},
			{"count", JSON_INTEGER, true, append_bucket_count, "how many", NULL},
			{.name = NULL},
		},
};

static void append_buckets(struct json *j, const char *key, const struct histogram *h)
{
	uint64_t counts[HISTOGRAM_LOG2];

	histogram_log2(h, counts);
	json_open(j, key, '[');
	for (int i = 0; i < HISTOGRAM_LOG2; i++) {
		struct bucket b = {i ? 1ULL << i : 0, ~0ULL >> (63 - i), counts[i]};

		if (b.count)
			json_append_object(j, NULL, &json_bucket, &b);
	}
	json_close(j, ']');
}

/* Whose figures they are. */

static void append_tid(struct json *j, const char *key, const struct loop_row *r)
{
	if (!r->name)
		json_u64(j, key, r->tid);
}

static void append_threads(struct json *j, const char *key, const struct loop_row *r)
{
	if (r->name)
		json_u64(j, key, r->threads);
}

static void append_name(struct json *j, const char *key, const struct loop_row *r)
{
	if (r->name && !r->others)
		json_comm(j, key, r->comm);
}

static void append_instance(struct json *j, const char *key, unsigned instance)
{
	if (instance && instance != ALL_INSTANCES)
		json_u64(j, key, instance);
}

/* Waits of a thread on an instance. */

JSON_APPEND(append_wait_instance, wait_row, r, append_instance(j, key, r->instance))
JSON_APPEND(append_wait_tid, wait_row, r, append_tid(j, key, r->thread))
JSON_APPEND(append_wait_threads, wait_row, r, append_threads(j, key, r->thread))
JSON_APPEND(append_wait_comm, wait_row, r, append_name(j, key, r->thread))
JSON_APPEND(append_waits, wait_row, r, json_u64(j, key, r->waits))
JSON_APPEND(append_ready, wait_row, r, json_u64(j, key, r->ready))
JSON_APPEND(append_timeouts, wait_row, r, json_u64(j, key, r->timeouts))
JSON_APPEND(append_polls, wait_row, r, json_u64(j, key, r->polls))
JSON_APPEND(append_interrupted, wait_row, r, json_u64(j, key, r->interrupted))
JSON_APPEND(append_wait_errors, wait_row, r, json_u64(j, key, r->errors))
JSON_APPEND_IF(append_skipped, wait_row, r, r->skipped, json_u64(j, key, r->skipped))
JSON_APPEND(append_unfinished, wait_row, r, json_u64(j, key, r->unfinished))
JSON_APPEND(append_unfinished_ns, wait_row, r, json_u64(j, key, r->unfinished_ns))
JSON_APPEND(append_blocked, wait_row, r, json_append_object(j, key, &json_durations, &r->blocked))

#define ROW_INSTANCE "its number; left out where epfd was none, and for all instances together"
#define ROW_TID	     "thread; left out where it is those of one name"
#define ROW_THREADS  "of one name: how many have ended and are added up in this"
#define ROW_COMM     "that name, escaped as in C; left out for all names that have no row"

static const struct json_object json_waits = {
	.type = "waits",
	.is_part = true,
	.about = "waits of one thread on one instance",
	.fields =
		(const struct json_field[]){
			{"instance", JSON_INTEGER, false, append_wait_instance, ROW_INSTANCE, NULL},
			{"tid", JSON_INTEGER, false, append_wait_tid, ROW_TID, NULL},
			{"threads", JSON_INTEGER, false, append_wait_threads, ROW_THREADS, NULL},
			{"comm", JSON_STRING, false, append_wait_comm, ROW_COMM, NULL},
			{"waits", JSON_INTEGER, true, append_waits, "that returned", NULL},
			{"ready", JSON_INTEGER, true, append_ready, "events", NULL},
			{"timeouts", JSON_INTEGER, true, append_timeouts,
			 "returned 0 after a time-out other than 0", NULL},
			{"polls", JSON_INTEGER, true, append_polls, "returned 0 at time-out 0",
			 NULL},
			{"interrupted", JSON_INTEGER, true, append_interrupted, "EINTR", NULL},
			{"errors", JSON_INTEGER, true, append_wait_errors, "other errnos", NULL},
			{"skipped", JSON_INTEGER, false, append_skipped,
			 "answered by seccomp or a tracer, whatever the answer", NULL},
			{"unfinished", JSON_INTEGER, true, append_unfinished,
			 "cut off, or in flight at the end", NULL},
			{"unfinished_ns", JSON_INTEGER, true, append_unfinished_ns,
			 "how long these blocked", NULL},
			{"blocked", JSON_OBJECT, true, append_blocked,
			 "of each wait that was seen to begin and to return", &json_durations},
			{.name = NULL},
		},
};

/* The loop of a thread. */

struct loop {
	const struct loop_row *r;
	bool histograms;
};

JSON_APPEND_IF(append_loop_pid, loop, l, !l->r->name, json_u64(j, key, l->r->pid))
JSON_APPEND(append_loop_tid, loop, l, append_tid(j, key, l->r))
JSON_APPEND(append_loop_threads, loop, l, append_threads(j, key, l->r))
JSON_APPEND(append_loop_comm, loop, l, append_name(j, key, l->r))
JSON_APPEND(append_turns, loop, l, json_u64(j, key, l->r->turns))
JSON_APPEND(append_loop_ready, loop, l, json_u64(j, key, l->r->ready))
JSON_APPEND_IF(append_utilisation, loop, l, loop_utilisation(l->r) >= 0,
	       json_number(j, key, loop_utilisation(l->r)))
JSON_APPEND(append_in, loop, l, json_append_object(j, key, &json_durations, &l->r->within))
JSON_APPEND(append_away, loop, l, json_append_object(j, key, &json_durations, &l->r->away))
JSON_APPEND_IF(append_in_buckets, loop, l, l->histograms, append_buckets(j, key, &l->r->within))
JSON_APPEND_IF(append_away_buckets, loop, l, l->histograms, append_buckets(j, key, &l->r->away))

static const struct json_object json_loop = {
	.type = "loop",
	.is_part = true,
	.about = "the event loop of a thread",
	.fields =
		(const struct json_field[]){
			{"pid", JSON_INTEGER, false, append_loop_pid,
			 "process, where it is one thread", NULL},
			{"tid", JSON_INTEGER, false, append_loop_tid, ROW_TID, NULL},
			{"threads", JSON_INTEGER, false, append_loop_threads, ROW_THREADS, NULL},
			{"comm", JSON_STRING, false, append_loop_comm, ROW_COMM, NULL},
			{"turns", JSON_INTEGER, true, append_turns, "waits that returned", NULL},
			{"ready", JSON_INTEGER, true, append_loop_ready, "events", NULL},
			{"utilisation", JSON_NUMBER, false, append_utilisation,
			 "the part of the time that it was away from its wait, 0 to 1", NULL},
			{"in", JSON_OBJECT, true, append_in, "time in each wait", &json_durations},
			{"away", JSON_OBJECT, true, append_away,
			 "time from each return to the next wait", &json_durations},
			{"in_histogram", JSON_OBJECTS, false, append_in_buckets,
			 "with --histograms", &json_bucket},
			{"away_histogram", JSON_OBJECTS, false, append_away_buckets,
			 "with --histograms", &json_bucket},
			{.name = NULL},
		},
};

/* Failures. */

JSON_APPEND(append_error_instance, error_row, r, append_instance(j, key, r->instance))
JSON_APPEND(append_error_tid, error_row, r, append_tid(j, key, r->thread))
JSON_APPEND(append_error_threads, error_row, r, append_threads(j, key, r->thread))
JSON_APPEND(append_error_comm, error_row, r, append_name(j, key, r->thread))
JSON_APPEND(append_error_call, error_row, r, json_string(j, key, call_name(r->call)))
JSON_APPEND(append_error_name, error_row, r, json_errno(j, key, r->err))
JSON_APPEND(append_error_count, error_row, r, json_u64(j, key, r->count))

static const struct json_object json_error = {
	.type = "error",
	.is_part = true,
	.about = "failures of one kind",
	.fields =
		(const struct json_field[]){
			{"instance", JSON_INTEGER, false, append_error_instance, ROW_INSTANCE,
			 NULL},
			{"tid", JSON_INTEGER, false, append_error_tid, ROW_TID, NULL},
			{"threads", JSON_INTEGER, false, append_error_threads, ROW_THREADS, NULL},
			{"comm", JSON_STRING, false, append_error_comm, ROW_COMM, NULL},
			{"call", JSON_STRING, true, append_error_call, "the system call", NULL},
			{"errno", JSON_STRING, true, append_error_name, "why it failed", NULL},
			{"count", JSON_INTEGER, true, append_error_count, "how often", NULL},
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
	struct totals more;
};

#define CLOCKS model_clocks(l->m)

JSON_APPEND(append_time, summary_line, l,
	    json_u64(j, key, clocks_real_ns(CLOCKS, model_now_ns(l->m))))
JSON_APPEND(append_length, summary_line, l,
	    json_u64(j, key, model_now_ns(l->m) - model_since_ns(l->m)))
JSON_APPEND(append_lost, summary_line, l, json_u64(j, key, l->s->lost))
JSON_APPEND(append_ready_unknown, summary_line, l, json_u64(j, key, l->s->ready_unknown))
JSON_APPEND_IF(append_incomplete, summary_line, l, l->s->incomplete, json_bool(j, key, true))
JSON_APPEND_IF(append_totals, summary_line, l, l->more.entries,
	       json_append_object(j, key, &json_totals, &l->more))

static void append_calls(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '{');
	for (int i = 0; i < CALL_COUNT; i++)
		if (l->s->calls[i])
			json_u64(j, call_name(i), l->s->calls[i]);
	json_close(j, '}');
}

static void append_wait_rows(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '[');
	for (const struct wait_row *r = l->s->waits; r; r = r->next)
		json_append_object(j, NULL, &json_waits, r);
	json_close(j, ']');
}

static void append_loops(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '[');
	for (const struct loop_row *r = l->s->loops.rows; r; r = r->next) {
		struct loop loop = {r, l->histograms};

		if (r->waited)
			json_append_object(j, NULL, &json_loop, &loop);
	}
	json_close(j, ']');
}

static void append_errors(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '[');
	for (const struct error_row *r = l->s->errors; r; r = r->next)
		json_append_object(j, NULL, &json_error, r);
	json_close(j, ']');
}

static void append_entries(struct json *j, const char *key, const void *from)
{
	const struct summary_line *l = from;

	json_open(j, key, '[');
	for (long i = 0; i < l->row_count; i++) {
		struct figures_row row = {&l->rows[i], CLOCKS};

		json_append_object(j, NULL, &json_figures, &row);
	}
	json_close(j, ']');
}

const struct json_object json_summary = {
	.type = "summary",
	.about = "the figures of the whole trace, or of an interval",
	.fields =
		(const struct json_field[]){
			{"time_ns", JSON_INTEGER, true, append_time, "its end, since 1970", NULL},
			{"duration_ns", JSON_INTEGER, true, append_length, "its length", NULL},
			{"lost", JSON_INTEGER, true, append_lost, "records lost in it", NULL},
			{"ready_not_read", JSON_INTEGER, true, append_ready_unknown,
			 "ready events of waits that are counted for no entry: see --max-ready",
			 NULL},
			{"rows_missing", JSON_BOOL, false, append_incomplete, "memory ran out",
			 NULL},
			{"calls", JSON_COUNTS, true, append_calls, "by name", NULL},
			{"waits", JSON_OBJECTS, true, append_wait_rows, "by instance and thread",
			 &json_waits},
			{"loops", JSON_OBJECTS, true, append_loops, "by thread", &json_loop},
			{"errors", JSON_OBJECTS, true, append_errors,
			 "by instance, thread and errno", &json_error},
			{"entries", JSON_OBJECTS, true, append_entries,
			 "living first, of these most returned a second", &json_figures},
			{"more_entries", JSON_OBJECT, false, append_totals, "beside these",
			 &json_totals},
			{.name = NULL},
		},
};

void json_summary_print(struct output *out, const struct summary *s, const struct model *m,
			bool histograms)
{
	struct summary_line l = {.s = s, .m = m, .histograms = histograms};
	struct json j = {.b = &out->buf, .out = out};
	struct entry_row *rows = NULL;
	struct families gone;

	l.row_count = summary_entries(s, m, 0, SIZE_MAX, &rows, &gone);
	l.more = families_sum(&gone);
	l.rows = rows;
	json_append_line(&j, &json_summary, &l);
	free(rows);
}
