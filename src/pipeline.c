/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "pipeline.h"

#include "report/snapshot.h"
#include "sinks/notices.h"
#include "sinks/snapshot_json.h"
#include "sinks/snapshot_text.h"
#include "sinks/summary_text.h"

#include <ctype.h>
#include <errno.h>

static void take_view(void *ctx, const struct view *v)
{
	struct pipeline *p = ctx;

	summary_view(&p->report, v);
	if (v->kind != VIEW_NO_EPOLL || !p->opt.snapshot) /* a snapshot tells it itself */
		notices_view(v);
	if (p->opt.lines && filter_shows(&p->opt.filter, v))
		text_view(&p->text, v);
}

int pipeline_init(struct pipeline *p, const struct pipeline_options *opt)
{
	struct model_options model_options = {
		.blocked_after_ns = opt->blocked_after_ns,
		.keeps_seen = opt->snapshot,
	};

	*p = (struct pipeline){.opt = *opt, .out = {.fd = opt->fd}};
	summary_init(&p->report);
	p->model = model_new(&model_options, take_view, p);
	if (!p->model)
		return -ENOMEM;
	p->text = (struct text){
		.out = &p->out,
		.time_format = opt->time_format,
		.color = opt->color,
		.clocks = model_start(p->model),
	};
	return 0;
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
		snapshot_json(&p->out, &s, p->model, p->report.lost + p->malformed);
	else
		snapshot_print(&p->out, &s, p->model, &style);
	snapshot_free(&s);
	return 0;
}

int pipeline_take(void *pipeline, const void *data, size_t size)
{
	struct pipeline *p = pipeline;
	struct event ev;

	if (decode(&p->decoder, data, size, &ev)) {
		p->malformed++;
		return p->out.err;
	}
	if (ev.kind == EVENT_END && p->opt.snapshot && take_snapshot(p))
		return -ENOMEM;
	model_apply(p->model, &ev);
	return p->out.err;
}

int pipeline_flush(struct pipeline *p)
{
	return output_flush(&p->out);
}

int pipeline_finish(struct pipeline *p)
{
	if (p->opt.lines)
		text_end(&p->text, p->report.lost + p->malformed);
	if (p->opt.summary)
		summary_print(&p->out, &p->report, p->model, p->opt.limit);
	return output_flush(&p->out);
}

void pipeline_free(struct pipeline *p)
{
	model_free(p->model);
	summary_free(&p->report);
	decoder_free(&p->decoder);
	buf_free(&p->out.buf);
}
