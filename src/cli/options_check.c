/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which options go together. */
#include "cli/options_check.h"

#include <errno.h>
#include <string.h>

/* Where the records come from: a PID, COMMAND or a recording. */
static int check_source(const struct options *o, struct failure *f)
{
	if (o->attach && o->command)
		return fail(f, -EINVAL, NULL, "-p and COMMAND exclude each other");
	if (o->replay && (o->attach || o->command))
		return fail(f, -EINVAL, NULL, "--replay excludes -p and COMMAND");
	if (o->replay && o->record)
		return fail(f, -EINVAL, NULL, "--replay and --record exclude each other");
	if (!o->replay && !o->attach && !o->command)
		return fail(f, -EINVAL, HELP_HINT, "must have COMMAND, -p PID or --replay FILE");
	if (o->pipeline.has_moment && !o->replay)
		return fail(f, -EINVAL, NULL, "--at goes with --replay");
	if (o->pipeline.snapshot && o->command)
		return fail(f, -EINVAL, NULL, "--snapshot goes with -p or --replay");
	if (o->tree && !o->attach)
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
	if (o->has_ring_memory && !o->flight.span_ns)
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

/* What is looked for, and where that is told. */
static int check_rules(struct options *o, struct failure *f)
{
	bool timeline = o->format == FORMAT_PERFETTO || o->format == FORMAT_CHROME;

	if (o->pipeline.diagnosis &&
	    (o->pipeline.snapshot || o->summary == SUMMARY_ONLY || timeline))
		return fail(f, -EINVAL, NULL, "--diagnose excludes %s",
			    o->pipeline.snapshot ? "--snapshot"
			    : timeline		 ? "timelines"
						 : "-c, whose report has findings too");
	if (o->pipeline.diagnosis && !o->pipeline.rules)
		return fail(f, -EINVAL, NULL, "--diagnose has nothing to do without rules");
	if (o->fail_on && (o->pipeline.snapshot || !o->pipeline.rules))
		return fail(f, -EINVAL, NULL, "--fail-on excludes %s",
			    o->pipeline.snapshot ? "--snapshot" : "--rules=none");
	if (o->pipeline.snapshot)
		o->pipeline.rules = 0;
	return 0;
}

/* Does it only make a recording? */
static bool only_records(const struct options *o)
{
	return o->record && !o->output && !o->has_format && !o->pipeline.snapshot &&
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
	o->pipeline.snapshot |= o->pipeline.has_moment;
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
		o->pipeline.rules = 0; /* they run where the recording is read */
	err = check_rules(o, f);
	err = err ? err : check_ring(o, f);
	err = err ? err : check_timeline(o, f);
	return err ? err : check_output(o, f);
}
