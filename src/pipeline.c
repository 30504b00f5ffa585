/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "pipeline.h"

#include "sinks/notices.h"
#include "sinks/summary_text.h"

#include <ctype.h>
#include <errno.h>

static void take_view(void *ctx, const struct view *v)
{
	struct pipeline *p = ctx;

	summary_view(&p->report, v);
	notices_view(v);
	if (p->opt.lines && filter_shows(&p->opt.filter, v))
		text_view(&p->text, v);
}

int pipeline_init(struct pipeline *p, const struct pipeline_options *opt)
{
	struct model_options model_options = {.blocked_after_ns = opt->blocked_after_ns};

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

int pipeline_take(void *pipeline, const void *data, size_t size)
{
	struct pipeline *p = pipeline;
	struct event ev;

	if (decode(&p->decoder, data, size, &ev))
		p->malformed++;
	else
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
		summary_print(&p->out, &p->report, p->model, p->opt.summary_limit);
	return output_flush(&p->out);
}

void pipeline_free(struct pipeline *p)
{
	model_free(p->model);
	summary_free(&p->report);
	decoder_free(&p->decoder);
	buf_free(&p->out.buf);
}
