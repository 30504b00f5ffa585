/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "setup.h"

#include "base/log.h"
#include "cli/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int setup_tell(const struct failure *f)
{
	log_message("%s", f->what);
	if (!limits_hint(f->err) && f->hint)
		log_hint("%s", f->hint);
	return EXIT_FAILED;
}

#define DEFAULT_MAX_READY 64 /* that lines show; what else wants them has all */

static bool want_color(const struct options *opt, int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (opt->color != COLOR_AUTO)
		return opt->color == COLOR_ALWAYS;
	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

/* Bytes that no terminal can show. */
static int check_terminal(const struct options *opt, int fd, struct failure *f)
{
	if (opt->format != FORMAT_PERFETTO || !isatty(fd))
		return 0;
	return fail(f, -EINVAL, "-o FILE takes it", "a Perfetto trace is not for a terminal");
}

/* Is the regular file that is open that of the path, by whatever name? */
static bool is_file(int fd, const char *path)
{
	struct stat open_st, st;

	return path && !fstat(fd, &open_st) && !stat(path, &st) && S_ISREG(st.st_mode) &&
	       st.st_dev == open_st.st_dev && st.st_ino == open_st.st_ino;
}

int setup_output(const struct options *opt, int *ret_fd, struct failure *f)
{
	if (!opt->output || !strcmp(opt->output, "-")) {
		*ret_fd = opt->output || !opt->command ? STDOUT_FILENO : STDERR_FILENO;
		return check_terminal(opt, *ret_fd, f);
	}
	/* To append: where somebody truncates the file, as to rotate it, there is no hole then. */
	*ret_fd = open(opt->output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (*ret_fd >= 0 && (is_file(*ret_fd, opt->replay) || is_file(*ret_fd, opt->record)))
		return fail(f, -EINVAL, NULL, "-o and the recording are the same file: '%s'",
			    opt->output);
	if (*ret_fd < 0 || (is_file(*ret_fd, opt->output) && ftruncate(*ret_fd, 0)))
		return fail(f, -errno, NULL, "cannot write '%s': %s", opt->output,
			    log_errno(errno));
	return check_terminal(opt, *ret_fd, f);
}

static enum timeline_format timeline_format(const struct options *o)
{
	if (o->format == FORMAT_PERFETTO)
		return TIMELINE_PERFETTO;
	return o->format == FORMAT_CHROME ? TIMELINE_CHROME : TIMELINE_NONE;
}

int setup_pipeline(const struct options *o, int fd, struct pipeline *ret_p, struct failure *f)
{
	struct pipeline_options opt = {
		.filter =
			{
				.calls = o->calls,
				.only_ok = o->only_ok,
				.only_failed = o->only_failed,
				.fds = {o->fds.at, o->fds.count},
				.epfds = {o->epfds.at, o->epfds.count},
				.slower_than_ns = o->slower_than_ns,
			},
		.replayed = o->replay != NULL,
		.lines = o->summary != SUMMARY_ONLY && !o->snapshot && !o->silent && !o->diagnose &&
			 !timeline_format(o),
		.timeline = timeline_format(o),
		.rules = o->rules,
		.stall_ns = o->stall_ns,
		.findings = !timeline_format(o) && o->summary != SUMMARY_ONLY,
		.diagnosis = o->diagnose,
		.summary = o->summary != SUMMARY_NONE,
		.snapshot = o->snapshot,
		.has_moment = o->has_at,
		.moment = {o->at.of_day, o->at.ns},
		.json = o->format == FORMAT_JSON,
		.limit = o->limit,
		.max_ready = o->max_ready ? o->max_ready : DEFAULT_MAX_READY,
		.histograms = o->histograms,
		.interval_ns = o->interval_ns,
		.time_format = (enum time_format)o->time,
		.color = want_color(o, fd),
		.prompt = o->replay && !strcmp(o->replay, "-"),
		.blocked_after_ns = o->blocked_after_ns,
		.blocked_as_recorded = o->replay && !o->has_blocked_after,
		.fd = fd,
	};
	int err = pipeline_init(ret_p, &opt);

	return err ? fail(f, err, NULL, "out of memory") : 0;
}

int setup_findings_status(const struct options *opt, const struct pipeline *p)
{
	return opt->fail_on && pipeline_worst(p) >= opt->fail_on ? EXIT_FOUND : 0;
}

int setup_output_status(const struct options *opt, const struct pipeline *p, int err)
{
	if (!err || err == -EPIPE)
		return 0;
	if (p->out.err)
		log_message("cannot write %s: %s", opt->output ? opt->output : "output",
			    log_errno(err));
	else
		log_message("cannot read the trace: %s", log_errno(err));
	limits_hint(err);
	return EXIT_FAILED;
}
