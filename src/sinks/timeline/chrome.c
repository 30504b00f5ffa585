/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/timeline/chrome.h"

#include "base/version.h"

/*
 * Tracks are threads of processes here, all of them. Instances are processes whose numbers no
 * process has: the kernel's go up to 4194304 (include/linux/threads.h, PID_MAX_LIMIT).
 */
#define INSTANCES_PID 100000000u
#define LOSSES_PID    99999999u

static uint32_t track_pid(const struct track *t)
{
	if (t->kind == TRACK_LOSSES)
		return LOSSES_PID;
	return t->instance ? INSTANCES_PID + t->instance : t->pid;
}

static uint32_t track_tid(const struct track *t)
{
	if (t->kind == TRACK_ENTRY)
		return t->entry;
	return t->kind == TRACK_THREAD ? t->tid : track_pid(t);
}

/* Opens an event; its time follows, or what it is about. */
static struct json *open_event(struct chrome *c, const char *phase, const struct track *t)
{
	struct json *j = &c->json;

	if (j->comma_due)
		buf_append(&c->out->buf, ",\n", 2);
	j->comma_due = false;
	json_open(j, NULL, '{');
	json_string(j, "ph", phase);
	json_u64(j, "pid", track_pid(t));
	json_u64(j, "tid", track_tid(t));
	return j;
}

static void close_event(struct chrome *c)
{
	json_close(&c->json, '}');
	output_line_done(c->out);
}

static void append_ns(struct json *j, const char *name, uint64_t ns)
{
	struct buf digits = {0};

	buf_u64(&digits, ns);
	buf_char(&digits, 0);
	json_string(j, name, digits.failed ? "" : digits.data);
	buf_free(&digits);
}

static void write_clocks(void *ctx, const struct clock_event *clocks, uint64_t time_ns)
{
	struct chrome *c = ctx;
	struct json *j = &c->json;

	if (c->started)
		return; /* times are those of the stream: it has no way to say more */
	c->zero_ns = time_ns;
	c->started = true;
	json_open(j, NULL, '{');
	json_string(j, "displayTimeUnit", "ns");
	json_open(j, "otherData", '{');
	json_string(j, "tool", ET_TOOL);
	append_ns(j, "zero_monotonic_ns", time_ns);
	append_ns(j, "zero_realtime_ns", time_ns + clocks->realtime_offset_ns);
	json_close(j, '}');
	json_open(j, "traceEvents", '[');
	buf_char(&c->out->buf, '\n');
}

/* What names a track, or places it. */
static void append_meta(struct chrome *c, const struct track *t, const char *name)
{
	struct json *j = open_event(c, "M", t);

	json_u64(j, "ts", 0);
	json_string(j, "name", name);
	json_open(j, "args", '{');
}

static void close_meta(struct chrome *c)
{
	json_close(&c->json, '}');
	close_event(c);
}

static void append_name(struct chrome *c, const struct track *t, const char *name)
{
	append_meta(c, t, name);
	json_string(&c->json, "name", *t->name ? t->name : "?");
	close_meta(c);
}

static void append_track(void *ctx, const struct track *t)
{
	struct chrome *c = ctx;

	switch (t->kind) {
	case TRACK_PROCESS:
	case TRACK_INSTANCE: /* after its process */
		append_name(c, t, "process_name");
		append_meta(c, t, "process_sort_index");
		json_u64(&c->json, "sort_index", t->pid);
		close_meta(c);
		break;
	case TRACK_THREAD:
	case TRACK_ENTRY:
		append_name(c, t, "thread_name");
		break;
	case TRACK_LOSSES:
		append_name(c, t, "process_name");
		append_name(c, t, "thread_name");
		break;
	case TRACK_COUNTER: /* its values name it */
		break;
	}
}

static void append_arg(struct json *j, const struct arg *a)
{
	switch (a->kind) {
	case ARG_U64:
		json_u64(j, a->name, a->u64);
		break;
	case ARG_I64:
		json_i64(j, a->name, a->i64);
		break;
	case ARG_HEX:
		json_hex(j, a->name, a->u64);
		break;
	case ARG_BOOL:
		json_bool(j, a->name, a->u64);
		break;
	case ARG_TEXT:
		json_string(j, a->name, a->text);
		break;
	case ARG_LIST:
		json_open(j, a->name, '[');
		break;
	case ARG_LIST_END:
		json_close(j, ']');
		break;
	case ARG_DICT:
		json_open(j, a->name, '{');
		break;
	case ARG_DICT_END:
		json_close(j, '}');
		break;
	}
}

/* Readers drop what is before zero: what a record places there begins with the trace. */
static uint64_t since_zero(const struct chrome *c, uint64_t time_ns)
{
	return time_ns > c->zero_ns ? time_ns - c->zero_ns : 0;
}

static void append_event(struct chrome *c, const struct track_event *h, uint64_t time_ns,
			 const char *phase)
{
	struct json *j = open_event(c, phase, h->track);

	json_thousandths(j, "ts", since_zero(c, time_ns));
	json_string(j, "name", h->name);
	if (h->category)
		json_string(j, "cat", h->category);
	if (*phase == 'i')
		json_string(j, "s", "t");
	if (!h->arg_count && h->kind != HAPPENS_VALUE) {
		close_event(c);
		return;
	}
	json_open(j, "args", '{');
	if (h->kind == HAPPENS_VALUE)
		json_i64(j, h->name, h->value);
	for (unsigned i = 0; i < h->arg_count; i++)
		append_arg(j, &h->args[i]);
	json_close(j, '}');
	close_event(c);
}

/*
 * Readers do not know whether something without a length comes before or after what has the same
 * time. The args of a slice are with its end: speedscope adds up slices that begin alike.
 */
static void append_slice(struct chrome *c, const struct track_event *h)
{
	struct track_event begin = *h;

	if (h->time_ns == h->end_ns) {
		append_event(c, h, h->time_ns, "i");
		return;
	}
	begin.arg_count = 0;
	append_event(c, &begin, h->time_ns, "B");
	append_event(c, h, h->end_ns, "E");
}

static void print_track_event(void *ctx, const struct track_event *h)
{
	struct chrome *c = ctx;

	switch (h->kind) {
	case HAPPENS_SLICE:
		append_slice(c, h);
		break;
	case HAPPENS_BEGIN:
		append_event(c, h, h->time_ns, "B");
		break;
	case HAPPENS_END:
		append_event(c, h, h->time_ns, "E");
		break;
	case HAPPENS_INSTANT:
		append_event(c, h, h->time_ns, "i");
		break;
	case HAPPENS_VALUE:
		append_event(c, h, h->time_ns, "C");
		break;
	}
}

static void finish_trace(void *ctx)
{
	struct chrome *c = ctx;

	if (!c->started)
		write_clocks(c, &(struct clock_event){0}, 0);
	buf_char(&c->out->buf, '\n');
	json_close(&c->json, ']');
	json_close(&c->json, '}');
	json_line_end(&c->json);
}

struct timeline_writer chrome_writer(struct chrome *c, struct output *out)
{
	*c = (struct chrome){.out = out, .json = {.b = &out->buf}};
	return (struct timeline_writer){
		.ctx = c,
		.clocks = write_clocks,
		.track = append_track,
		.happens = print_track_event,
		.finish = finish_trace,
	};
}
