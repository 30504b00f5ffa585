/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "playback.h"

#include "base/log.h"
#include "pipeline.h"
#include "setup.h"
#include "signals.h"
#include "recording/replay.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* What a recording said that made no sense, and what it lacks. */
static int report_defects(const struct pipeline *p)
{
	if (p->lost)
		log_message("%llu records were lost when this was recorded",
			    (unsigned long long)p->lost);
	if (p->malformed)
		log_message("%llu records of the recording make no sense",
			    (unsigned long long)p->malformed);
	return p->malformed || model_incomplete(p->model) ? EXIT_FAILED : 0;
}

/* The state of a time that the recording does not have is that of its beginning or its end. */
static void report_at_time(const struct pipeline *p)
{
	if (!p->opt.has_at_time)
		return;
	if (p->at_time.before)
		log_message("the recording begins only after that time: this is its beginning");
	else if (!p->at_time.reached)
		log_message("the recording ends before that time: this is its end");
}

/* A wait is in the recording while it blocks only if it blocked for the recorder's --blocked-after. */
static void report_blocked_after(const struct pipeline *p)
{
	uint64_t recorded_ns = model_start(p->model)->blocked_after_ns;

	if (!p->opt.blocked_as_recorded && p->opt.blocked_after_ns < recorded_ns && p->opt.lines)
		log_message("the recording shows a blocked wait only after %g s",
			    recorded_ns / 1e9);
}

static int play(const struct options *opt, struct pipeline *p)
{
	struct record_sink sink = {pipeline_take, p};
	struct failure f = {0};
	int err = replay_file(opt->replay, &sink, &f);
	int status = 0;

	if (f.what[0])
		status = setup_report(&f);
	if (f.what[0] && !pipeline_started(p))
		return status;
	if (!err || f.what[0])
		err = pipeline_finish(p);
	report_at_time(p);
	report_blocked_after(p);
	status |= setup_output_status(opt, p, err) | report_defects(p);
	return status ? status : setup_findings_status(opt, p);
}

int playback_run(const struct options *opt)
{
	struct pipeline p = {0};
	struct failure f = {0};
	int fd = -1, status;

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(opt->replay, "-"))
		signals_spare_reader();
	if (setup_output(opt, &fd, &f) || setup_pipeline(opt, fd, &p, &f))
		status = setup_report(&f);
	else
		status = play(opt, &p);
	pipeline_free(&p);
	if (fd > STDERR_FILENO)
		close(fd);
	return status;
}
