/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "pipeline.h"

#include "report/diagnosis.h"
#include "report/snapshot.h"
#include "sinks/json/json_finding.h"
#include "sinks/json/json_snapshot.h"
#include "sinks/json/json_summary.h"
#include "sinks/notices.h"
#include "sinks/text/finding_text.h"
#include "sinks/text/loop_text.h"
#include "sinks/text/snapshot_text.h"
#include "sinks/text/summary_text.h"

#include <errno.h>
#include <limits.h>

static void show_view(struct pipeline *p, const struct view *v)
{
	if (v->kind == VIEW_LOST)
		p->lost += v->ev->lost.total;
	if (p->opt.summary)
		summary_view(&p->report, v);
	if (v->kind != VIEW_NO_EPOLL || !p->opt.snapshot) /* a snapshot says so itself */
		notices_view(v);
	if (p->timeline)
		timeline_view(p->timeline, v);
	if (p->opt.json)
		json_frame_view(&p->json, v);
	if (!p->opt.lines || !filter_shows(&p->opt.filter, v))
		return;
	if (p->opt.json)
		json_frame_line(&p->json, v);
	else
		text_view(&p->text, v);
}

static void take_view(void *ctx, const struct view *v)
{
	struct pipeline *p = ctx;

	show_view(p, v);
	if (p->rules)
		rules_view(p->rules, v);
}

/* A finding was raised or resolved. */
static void take_finding(void *ctx, const struct finding *f)
{
	struct pipeline *p = ctx;

	if (p->timeline)
		timeline_finding(p->timeline, f);
	if (!p->opt.findings || f->repeated)
		return;
	if (p->opt.json)
		json_finding(&p->out, f, p->model);
	else
		finding_text(&p->text, f);
}

static int init_rules(struct pipeline *p)
{
	if (!p->opt.rules.enabled)
		return 0;
	p->rules = rules_new(&p->opt.rules, p->model, take_finding, p);
	return p->rules ? 0 : -ENOMEM;
}

static int init_timeline(struct pipeline *p)
{
	struct timeline_writer w;

	if (p->opt.timeline == TIMELINE_NONE)
		return 0;
	if (p->opt.timeline == TIMELINE_CHROME) {
		w = chrome_writer(&p->chrome, &p->out);
	} else {
		p->perfetto = perfetto_new(&p->out);
		if (!p->perfetto)
			return -ENOMEM;
		w = perfetto_writer(p->perfetto);
	}
	p->timeline = timeline_new(p->model, &w, p->opt.blocked_after_ns);
	return p->timeline ? 0 : -ENOMEM;
}

int pipeline_init(struct pipeline *p, const struct pipeline_options *opt)
{
	struct model_options model_options = {
		.blocked_after_ns = opt->blocked_after_ns,
		.blocked_as_recorded = opt->blocked_as_recorded,
		.bounded = opt->replayed,
		.keeps_observed = opt->snapshot || opt->timeline || opt->rules.enabled,
	};

	int err;

	*p = (struct pipeline){.opt = *opt, .out = {.fd = opt->fd}};
	summary_init(&p->report, opt->interval_ns != 0, opt->limit);
	p->model = model_new(&model_options, take_view, p);
	if (!p->model)
		return -ENOMEM;
	p->text = (struct text){
		.out = &p->out,
		.time_format = opt->time_format,
		.color = opt->color,
		.max_ready = opt->max_ready,
		.clocks = model_clocks(p->model),
	};
	p->json = (struct json_frame){.out = &p->out, .model = p->model};
	p->at_time.wanted = opt->at_time;
	err = init_rules(p);
	return err ? err : init_timeline(p);
}

/* The state before the end ends everything. */
static int take_snapshot(struct pipeline *p)
{
	struct snapshot_style style = {.limit = p->opt.limit, .color = p->opt.color};
	struct snapshot s;
	int err = snapshot_make(p->model, &s);

	if (err)
		return err;
	if (p->opt.json)
		json_snapshot(&p->out, &s, p->model);
	else
		snapshot_print(&p->out, &s, p->model, &style);
	snapshot_free(&s);
	return 0;
}

static void print_summary(struct pipeline *p)
{
	summary_settle(&p->report);
	if (p->opt.json) {
		json_summary_print(&p->out, &p->report, p->model, p->opt.histograms);
		return;
	}
	summary_print(&p->out, &p->report, p->model, p->opt.limit);
	if (p->opt.histograms)
		loop_print_histograms(&p->out.buf, &p->report.loops);
}

static void finish_summary(struct pipeline *p)
{
	loops_end(&p->report.loops, p->model);
	print_summary(p);
}

/* Prints the summary of an interval that has ended, and begins the next one. */
static void end_interval(struct pipeline *p)
{
	uint64_t now_ns = model_now_ns(p->model);

	print_summary(p);
	if (!p->opt.json)
		buf_char(&p->out.buf, '\n');
	summary_new_interval(&p->report, p->model);
	model_new_interval(p->model);
	/* A late tick makes the next interval shorter, and none of the later ones late. */
	p->due_ns += ((now_ns - p->due_ns) / p->opt.interval_ns + 1) * p->opt.interval_ns;
	output_flush(&p->out);
}

/* If ticks are made up, and there are too many of them, the interval goes on. */
static bool affords_summary(struct pipeline *p)
{
	unsigned limit = p->opt.json ? 0 : p->opt.limit;

	return model_affords(p->model, summary_cost(&p->report, p->model, limit));
}

/* Is the event about the trace itself? The header has that. */
static bool is_prologue(const struct event *ev)
{
	return ev->kind == EVENT_START || ev->kind == EVENT_FEATURE || ev->kind == EVENT_SYSCALLS ||
	       ev->kind == EVENT_TARGET;
}

static int take_event(struct pipeline *p, const struct event *ev)
{
	int err = 0;

	if (p->opt.json && !is_prologue(ev))
		json_frame_begin(&p->json);
	if (ev->kind == EVENT_END && p->opt.snapshot)
		err = take_snapshot(p);
	model_apply(p->model, ev);
	if (p->timeline)
		timeline_event(p->timeline, ev);
	if (p->opt.prompt && ev->kind == EVENT_TICK)
		output_flush(&p->out);
	if (!p->opt.interval_ns)
		return err;
	if (!p->due_ns)
		p->due_ns = model_first_ns(p->model) + p->opt.interval_ns;
	if (ev->kind == EVENT_TICK && model_now_ns(p->model) >= p->due_ns && affords_summary(p))
		end_interval(p);
	return err;
}

/* Takes an event of a stream of which only the state at a time is wanted. */
static int take_for_time(struct pipeline *p, struct event *ev)
{
	enum at_time_action action = at_time_take(&p->at_time, ev);

	if (action == AT_TIME_REACH) {
		struct event tick = {.kind = EVENT_TICK, .time_ns = p->at_time.at_ns};
		int err = take_event(p, &tick);

		if (err)
			return err;
		action = at_time_take(&p->at_time, ev);
	}
	return action == AT_TIME_APPLY ? take_event(p, ev) : 0;
}

int pipeline_take(void *pipeline, const void *data, size_t size)
{
	struct pipeline *p = pipeline;
	struct event ev;
	int err;

	if (decode(&p->decoder, data, size, &ev)) {
		p->malformed++;
		return p->out.err;
	}
	err = p->opt.has_at_time ? take_for_time(p, &ev) : take_event(p, &ev);
	return err ? err : p->out.err;
}

bool pipeline_started(const struct pipeline *p)
{
	return model_first_ns(p->model) != 0;
}

int pipeline_flush(struct pipeline *p)
{
	return output_flush(&p->out);
}

int pipeline_due_ms(const struct pipeline *p)
{
	uint64_t now_ns = model_now_ns(p->model), ms;

	if (!p->due_ns)
		return INT_MAX;
	if (now_ns >= p->due_ns)
		return 0;
	ms = (p->due_ns - now_ns + 999999) / 1000000;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

enum severity pipeline_worst(const struct pipeline *p)
{
	return p->rules ? rules_worst(p->rules) : SEVERITY_NONE;
}

/* All findings; beside other output only if there are any. */
static int report_findings(struct pipeline *p)
{
	struct diagnosis d;
	int err;

	if (!p->rules || p->opt.timeline)
		return 0;
	err = diagnosis_make(p->rules, p->model, &d);
	if (err)
		return err;
	if (p->opt.json && p->opt.diagnosis) {
		json_diagnosis(&p->out, &d, p->rules, p->model);
	} else if (!p->opt.json && (p->opt.diagnosis || d.count)) {
		if (!p->opt.diagnosis || d.count)
			buf_char(&p->out.buf, '\n');
		diagnosis_text(&p->text, &d, p->rules, p->opt.limit);
	}
	diagnosis_free(&d);
	return 0;
}

int pipeline_finish(struct pipeline *p)
{
	int err;

	if (p->opt.lines && !p->opt.json)
		text_end(&p->text, p->lost + p->malformed);
	if (p->opt.summary)
		finish_summary(p);
	err = report_findings(p);
	if (p->opt.json)
		json_frame_end(&p->json, p->lost + p->malformed);
	if (p->timeline)
		timeline_finish(p->timeline);
	notices_end(p->model);
	return err ? err : output_flush(&p->out);
}

void pipeline_free(struct pipeline *p)
{
	rules_free(p->rules);
	timeline_free(p->timeline);
	perfetto_free(p->perfetto);
	model_free(p->model);
	summary_free(&p->report);
	at_time_free(&p->at_time);
	decoder_free(&p->decoder);
	buf_free(&p->out.buf);
}
