/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_frame.h"

#include "base/version.h"
#include "sinks/json/json_call.h"
#include "sinks/json/json_finding.h"
#include "sinks/json/json_snapshot.h"
#include "sinks/json/json_summary.h"

#include <stdlib.h>

#define START model_start(f->model)

static void append_version(struct json *j, const char *key, const void *from)
{
	(void)from;
	json_u64(j, key, 1);
}

static void append_tool(struct json *j, const char *key, const void *from)
{
	(void)from;
	json_string(j, key, ET_TOOL);
}

JSON_APPEND(append_kernel, json_frame, f, json_comm(j, key, START->kernel))
JSON_APPEND(append_time, json_frame, f,
	    json_u64(j, key, clocks_real_ns(model_clocks(f->model), model_first_ns(f->model))))
JSON_APPEND(append_blocked_after, json_frame, f, json_u64(j, key, START->blocked_after_ns))

static void append_targets(struct json *j, const char *key, const void *from)
{
	const struct json_frame *f = from;
	size_t count;
	uint32_t *pids = tasks_pids(model_tasks(f->model), &count);

	json_open(j, key, '[');
	for (size_t i = 0; i < count; i++)
		json_u64(j, NULL, pids[i]);
	json_close(j, ']');
	free(pids);
}

static void append_features(struct json *j, const char *key, const void *from)
{
	const struct json_frame *f = from;

	json_open(j, key, '{');
	for (const struct feature *at = model_machine(f->model)->features; at; at = at->next)
		json_named(j, at->name, at->state);
	json_close(j, '}');
}

const struct json_object json_header = {
	.type = "header",
	.about = "the first line",
	.fields =
		(const struct json_field[]){
			{"version", JSON_INTEGER, true, append_version,
			 "of this format: 1; new types and keys do not change it", NULL},
			{"tool", JSON_STRING, true, append_tool, "name and version", NULL},
			{"kernel", JSON_STRING, true, append_kernel, "release of the traced kernel",
			 NULL},
			{"time_ns", JSON_INTEGER, true, append_time,
			 "when tracing began, since 1970", NULL},
			{"targets", JSON_INTEGERS, true, append_targets,
			 "processes that are traced from the start", NULL},
			{"blocked_after_ns", JSON_INTEGER, true, append_blocked_after,
			 "waits that block for so long are reported while they block", NULL},
			{"features", JSON_MAP, true, append_features,
			 "what the kernel and the privileges allowed to see, as --features says",
			 NULL},
			{.name = NULL},
		},
};

struct lost {
	uint64_t records;
};

JSON_APPEND(append_records, lost, l, json_u64(j, key, l->records))

const struct json_object json_lost = {
	.type = "lost",
	.about = "records were lost since the last such line; the last one comes also with 0",
	.fields =
		(const struct json_field[]){
			{"records", JSON_INTEGER, true, append_records, "how many", NULL},
			{.name = NULL},
		},
};

JSON_APPEND(append_events, json_frame, f, json_u64(j, key, f->calls))
JSON_APPEND(append_lost_total, json_frame, f, json_u64(j, key, f->lost_reported))
JSON_APPEND(append_missed, json_frame, f, json_u64(j, key, f->missed))
JSON_APPEND(append_length, json_frame, f,
	    json_u64(j, key, model_now_ns(f->model) - model_first_ns(f->model)))

const struct json_object json_end = {
	.type = "end",
	.about = "the last line: without it the output is not complete",
	.fields =
		(const struct json_field[]){
			{"events", JSON_INTEGER, true, append_events,
			 "calls that returned, also those that filters left out", NULL},
			{"lost", JSON_INTEGER, true, append_lost_total, "records, in all", NULL},
			{"missed", JSON_INTEGER, true, append_missed,
			 "calls, of any process, that the kernel let pass unseen: some may be the "
			 "targets'",
			 NULL},
			{"duration_ns", JSON_INTEGER, true, append_length, "of the trace", NULL},
			{.name = NULL},
		},
};

const struct json_object *const json_lines[] = {
	&json_header,
#define OBJECT(id, name, set) &json_##name,
	EPOLL_CALLS(OBJECT)
#undef OBJECT
		& json_blocked,
	&json_unfinished,
	&json_exited,
	&json_halted,
	&json_resumed,
	&json_gone,
	&json_instance,
	&json_thread,
	&json_summary,
	&json_finding_object,
	&json_diagnosis_object,
	&json_lost,
	&json_end,
	NULL,
};

void json_frame_begin(struct json_frame *f)
{
	struct json j = {.b = &f->out->buf};

	if (!f->begun)
		json_append_line(&j, &json_header, f);
	f->begun = true;
}

static void append_lost(struct json_frame *f, uint64_t records)
{
	struct json j = {.b = &f->out->buf};
	struct lost lost = {records};

	json_append_line(&j, &json_lost, &lost);
	f->lost_reported += records;
}

void json_frame_view(struct json_frame *f, const struct view *v)
{
	if (v->kind != VIEW_CALL || v->ev->kind != EVENT_WAIT)
		json_again_forget(&f->again); /* entries may have other names from here on */
	if (v->kind == VIEW_CALL)
		f->calls++;
	if (v->kind == VIEW_LOST)
		f->missed += v->ev->lost.missed;
	if (v->kind == VIEW_LOST && v->ev->lost.total)
		append_lost(f, v->ev->lost.total);
}

void json_frame_line(struct json_frame *f, const struct view *v)
{
	const struct json_object *o = json_object_of(v);
	struct json_event e = {.v = v, .clocks = model_clocks(f->model)};
	struct json j = {.b = &f->out->buf};
	size_t start = f->out->buf.len;

	if (!o || json_again(&f->again, &e, &f->out->buf)) {
		output_line_done(f->out);
		return;
	}
	json_append_line(&j, o, &e);
	json_again_keep(&f->again, &e, &f->out->buf, start);
	output_line_done(f->out);
}

void json_frame_end(struct json_frame *f, uint64_t lost)
{
	struct json j = {.b = &f->out->buf};

	json_frame_begin(f);
	append_lost(f, lost > f->lost_reported ? lost - f->lost_reported : 0);
	json_append_line(&j, &json_end, f);
}
