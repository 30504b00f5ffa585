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

int setup_report(const struct failure *f)
{
	log_message("%s", f->what);
	if (!limits_hint(f->err) && f->hint)
		log_hint("%s", f->hint);
	return EXIT_FAILED;
}

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
	/* To append: if somebody truncates the file, as to rotate it, there is no hole then. */
	*ret_fd = open(opt->output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (*ret_fd >= 0 && (is_file(*ret_fd, opt->replay) || is_file(*ret_fd, opt->record)))
		return fail(f, -EINVAL, NULL, "-o and the recording are the same file: '%s'",
			    opt->output);
	if (*ret_fd < 0 || (is_file(*ret_fd, opt->output) && ftruncate(*ret_fd, 0)))
		return fail(f, -errno, NULL, "cannot write '%s': %s", opt->output,
			    log_errno(errno));
	return check_terminal(opt, *ret_fd, f);
}

int setup_pipeline(const struct options *o, int fd, struct pipeline *ret_p, struct failure *f)
{
	struct pipeline_options opt = o->pipeline;
	int err;

	opt.fd = fd;
	opt.color = want_color(o, fd);
	err = pipeline_init(ret_p, &opt);
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
