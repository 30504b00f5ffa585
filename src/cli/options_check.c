/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which options go together. */
#include "cli/options_check.h"

#include <errno.h>
#include <string.h>

#define DEFAULT_MAX_READY 64 /* that lines show; what else wants them has all */

/* Where the records come from: a PID, COMMAND or a recording. */
static int check_source(const struct options *o, struct failure *f)
{
	if (options_given(o, pids) && o->command)
		return fail(f, -EINVAL, NULL, "-p and COMMAND exclude each other");
	if (o->replay && (options_given(o, pids) || o->command))
		return fail(f, -EINVAL, NULL, "--replay excludes -p and COMMAND");
	if (o->replay && o->record)
		return fail(f, -EINVAL, NULL, "--replay and --record exclude each other");
	if (!o->replay && !options_given(o, pids) && !o->command)
		return fail(f, -EINVAL, HELP_HINT, "must have COMMAND, -p PID or --replay FILE");
	if (options_given(o, pipeline.at_time) && !o->replay)
		return fail(f, -EINVAL, NULL, "--at goes with --replay");
	if (o->pipeline.snapshot && o->command)
		return fail(f, -EINVAL, NULL, "--snapshot goes with -p or --replay");
	if (o->duration_ns && (o->pipeline.snapshot || o->replay))
		return fail(f, -EINVAL, NULL, "--duration excludes %s",
			    o->replay ? "--replay" : "--snapshot");
	if (o->tree && !options_given(o, pids))
		return fail(f, -EINVAL, NULL, "--tree goes with -p");
	if (o->user && !o->command)
		return fail(f, -EINVAL, NULL, "-u goes with COMMAND");
	return 0;
}

/* Where the results go. */
static int check_output(const struct options *o, struct failure *f)
{
	bool to_stdout = o->output ? !strcmp(o->output, "-") : !o->command;

	if (o->record && !strcmp(o->record, "-") && o->command)
		return fail(f, -EINVAL, NULL, "--record - goes with -p: stdout belongs to COMMAND");
	if (o->record && !strcmp(o->record, "-") && to_stdout && !o->silent)
		return fail(f, -EINVAL, NULL, "stdout cannot take the recording and more");
	return 0;
}

/* The flight recorder. */
static int check_ring(const struct options *o, struct failure *f)
{
	if (o->flight.span_ns && (!o->record || !strcmp(o->record, "-")))
		return fail(f, -EINVAL, NULL, "--ring needs --record and the name of a file");
	if (o->flight.span_ns && o->pipeline.snapshot)
		return fail(f, -EINVAL, NULL, "--ring and --snapshot exclude each other");
	if (o->flight.trigger_ns && !o->flight.span_ns)
		return fail(f, -EINVAL, NULL, "--trigger-blocked goes with --ring");
	if (options_given(o, flight.memory_bytes) && !o->flight.span_ns)
		return fail(f, -EINVAL, NULL, "--ring-memory goes with --ring");
	return 0;
}

/* A timeline is all that its output holds. */
static int check_timeline(const struct options *o, struct failure *f)
{
	const char *name = o->format == FORMAT_PERFETTO ? "perfetto" : "chrome";

	if (o->format != FORMAT_PERFETTO && o->format != FORMAT_CHROME)
		return 0;
	if (o->pipeline.snapshot || o->summary != SUMMARY_NONE)
		return fail(f, -EINVAL, NULL, "--format=%s excludes %s", name,
			    o->pipeline.snapshot ? "--snapshot" : "summaries");
	if (o->command && !o->output)
		return fail(f, -EINVAL, "-o FILE takes the trace",
			    "--format=%s with COMMAND must have -o", name);
	return 0;
}

/* Which rules are asked, and where their findings go. */
static int check_rules(struct options *o, struct failure *f)
{
	bool timeline = o->format == FORMAT_PERFETTO || o->format == FORMAT_CHROME;

	if (o->pipeline.diagnosis &&
	    (o->pipeline.snapshot || o->summary == SUMMARY_ONLY || timeline))
		return fail(f, -EINVAL, NULL, "--diagnose excludes %s",
			    o->pipeline.snapshot ? "--snapshot"
			    : timeline		 ? "timelines"
						 : "-c, whose report has findings too");
	if (o->pipeline.diagnosis && !o->pipeline.rules.enabled)
		return fail(f, -EINVAL, NULL, "--diagnose has nothing to do without rules");
	if (o->fail_on && (o->pipeline.snapshot || !o->pipeline.rules.enabled))
		return fail(f, -EINVAL, NULL, "--fail-on excludes %s",
			    o->pipeline.snapshot ? "--snapshot" : "--rules=none");
	if (o->pipeline.snapshot)
		o->pipeline.rules.enabled = 0;
	return 0;
}

/* Does it only make a recording? */
static bool only_records(const struct options *o)
{
	return o->record && !o->output && !options_given(o, format) && !o->pipeline.snapshot &&
	       !o->pipeline.diagnosis && o->summary == SUMMARY_NONE;
}

/* What only makes sense together, or not together. */
int options_check(struct options *o, struct failure *f)
{
	int err;

	if (o->action != ACTION_TRACE)
		return 0;
	err = check_source(o, f);
	if (err)
		return err;
	o->pipeline.snapshot |= options_given(o, pipeline.at_time);
	if (o->pipeline.snapshot &&
	    (o->summary != SUMMARY_NONE || o->pipeline.interval_ns || o->pipeline.histograms))
		return fail(f, -EINVAL, NULL, "--snapshot excludes summaries");
	if (o->pipeline.filter.only_ok && o->pipeline.filter.only_failed)
		return fail(f, -EINVAL, NULL, "-z and -Z exclude each other");
	if (o->summary == SUMMARY_NONE && (o->pipeline.histograms || o->pipeline.interval_ns))
		o->summary = SUMMARY_ONLY;
	if (o->fail_on && only_records(o))
		o->pipeline.diagnosis = true;
	o->silent = only_records(o);
	if (o->silent)
		o->pipeline.rules.enabled = 0; /* they run when the recording is read */
	err = check_rules(o, f);
	err = err ? err : check_ring(o, f);
	err = err ? err : check_timeline(o, f);
	return err ? err : check_output(o, f);
}

/* What the pipeline does, by several options. */
static void derive_pipeline(const struct options *o, struct pipeline_options *p)
{
	p->has_at_time = options_given(o, pipeline.at_time);
	p->json = o->format == FORMAT_JSON;
	p->timeline = o->format == FORMAT_PERFETTO ? TIMELINE_PERFETTO
		      : o->format == FORMAT_CHROME ? TIMELINE_CHROME
						   : TIMELINE_NONE;
	p->summary = o->summary != SUMMARY_NONE;
	p->lines = o->summary != SUMMARY_ONLY && !p->snapshot && !o->silent && !p->diagnosis &&
		   !p->timeline;
	p->findings = !p->timeline && o->summary != SUMMARY_ONLY;
	p->max_ready = o->live.max_ready ? o->live.max_ready : DEFAULT_MAX_READY;
	p->replayed = o->replay != NULL;
	p->prompt = o->replay && !strcmp(o->replay, "-");
	p->blocked_as_recorded = o->replay && !options_given(o, pipeline.blocked_after_ns);
}

/* What is traced, by several options. */
static void derive_live(const struct options *o, struct live_options *live)
{
	const struct pipeline_options *p = &o->pipeline;
	uint64_t trigger_ns = o->flight.trigger_ns;
	bool sooner = trigger_ns && trigger_ns < p->blocked_after_ns;

	live->blocked_after_ns = sooner ? trigger_ns : p->blocked_after_ns;
	live->launched = o->command != NULL;
	live->threads = o->record || p->rules.enabled;
	live->stall_ns = live->threads ? p->rules.stall_ns : 0;
	live->snapshot = p->snapshot;
	live->light = p->diagnosis && !o->record;
	live->sampling = live->light && !live->io && !p->summary && !p->timeline;
}

void options_derive(struct options *o)
{
	derive_pipeline(o, &o->pipeline);
	derive_live(o, &o->live);
	o->flight.path = o->record;
}
