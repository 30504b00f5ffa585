/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Connects the stages, runs the loop, decides the exit status. */
#include "base/log.h"
#include "cli/completion.h"
#include "cli/launch.h"
#include "cli/options.h"
#include "cli/proc.h"
#include "pipeline.h"
#include "source/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef ET_VERSION
#define ET_VERSION "0.1.0"
#endif

#define EXIT_FAILED	   1
#define EXIT_USAGE	   2
#define EXIT_LAUNCH_FAILED 125

/* All that a trace holds while it runs. */
struct trace {
	const struct options *opt;
	struct launch launch;
	struct live *live;
	struct pipeline pipeline;
	int output;
	int signals; /* signalfd */
	bool ended_by_signal;
	bool tty_interrupt; /* COMMAND has got the terminal's SIGINT too */
};

static int tell(const struct failure *f)
{
	log_message("%s", f->what);
	if (f->hint)
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

static int open_output(const struct options *opt, int *ret_fd, struct failure *f)
{
	if (!opt->output) {
		*ret_fd = opt->command ? STDERR_FILENO : STDOUT_FILENO;
		return 0;
	}
	if (!strcmp(opt->output, "-")) {
		*ret_fd = STDOUT_FILENO;
		return 0;
	}
	*ret_fd = open(opt->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (*ret_fd < 0)
		return fail(f, -errno, NULL, "cannot write '%s': %s", opt->output,
			    log_errno(errno));
	return 0;
}

static int init_pipeline(struct trace *t, struct failure *f)
{
	const struct options *o = t->opt;
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
		.lines = o->summary != SUMMARY_ONLY && !o->snapshot,
		.summary = o->summary != SUMMARY_NONE,
		.snapshot = o->snapshot,
		.json = o->json,
		.limit = o->limit,
		.histograms = o->histograms,
		.interval_ns = o->interval_ns,
		.time_format = (enum time_format)o->time,
		.color = want_color(o, t->output),
		.blocked_after_ns = o->blocked_after_ns,
		.fd = t->output,
	};
	int err = pipeline_init(&t->pipeline, &opt);

	return err ? fail(f, err, NULL, "out of memory") : 0;
}

static int init_signals(struct trace *t, struct failure *f)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (signal(SIGHUP, SIG_DFL) == SIG_IGN)
		signal(SIGHUP, SIG_IGN); /* nohup */
	else
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signals < 0 ? fail(f, -errno, NULL, "signalfd: %s", log_errno(errno)) : 0;
}

static struct live_options live_options(const struct options *o)
{
	return (struct live_options){
		.max_ready = o->max_ready,
		.ring_bytes = o->buffer_bytes,
		.blocked_after_ns = o->blocked_after_ns,
		.follow = !o->no_follow,
		.launched = o->command != NULL,
		.no_task_storage = o->no_task_storage,
		.no_file_iterator = o->no_file_iterator,
		.snapshot = o->snapshot,
		.debug = o->debug,
	};
}

static int start(struct trace *t, struct failure *f)
{
	struct live_options opt = live_options(t->opt);
	int err = live_open(&opt, &t->live, f);

	if (!err)
		err = live_arm(t->live, f);
	if (err)
		return err;
	if (t->launch.pid)
		return live_attach(t->live, &t->launch.pid, 1, false, f);
	return live_attach(t->live, t->opt->pids.at, t->opt->pids.count, t->opt->tree, f);
}

/* A signal that ends the trace? SIGINT from the terminal ends COMMAND first, and then the trace. */
static void take_signals(struct trace *t)
{
	struct signalfd_siginfo info;

	while (read(t->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (t->launch.pid && info.ssi_signo == SIGINT && info.ssi_code == SI_KERNEL &&
		    !t->tty_interrupt)
			t->tty_interrupt = true;
		else
			t->ended_by_signal = true;
	}
}

/* How long nothing may be read: till a look is due, or a tick that ends an interval. */
static int patience_ms(const struct trace *t)
{
	int look_ms = live_interval_ms(t->live), due_ms = pipeline_due_ms(&t->pipeline);

	return due_ms < look_ms ? due_ms : look_ms;
}

static int loop(struct trace *t, const struct record_sink *sink)
{
	struct pollfd fds[] = {{.fd = live_fd(t->live), .events = POLLIN},
			       {.fd = t->signals, .events = POLLIN}};
	int err = live_begin(t->live, sink);

	while (!err) {
		bool over = live_targets(t->live) <= 0;

		if (!over && !t->ended_by_signal && poll(fds, 2, patience_ms(t)) < 0 &&
		    errno != EINTR)
			return -errno;
		take_signals(t);
		err = live_read(t->live, sink);
		if (!err)
			err = pipeline_flush(&t->pipeline);
		if (over || t->ended_by_signal)
			break;
	}
	return err;
}

/* Tells why output failed; a reader that went away is no failure. */
static int output_status(const struct trace *t, int err)
{
	if (!err || err == -EPIPE)
		return 0;
	if (t->pipeline.out.err)
		log_message("cannot write %s: %s", t->opt->output ? t->opt->output : "output",
			    log_errno(err));
	else
		log_message("cannot read the trace: %s", log_errno(err));
	return EXIT_FAILED;
}

static void tell_losses(const struct trace *t)
{
	uint64_t lost = t->pipeline.lost + t->pipeline.malformed;

	if (!lost)
		return;
	log_message("%llu records lost", (unsigned long long)lost);
	log_hint("a larger --buffer-size, or -c instead of lines, may help");
}

/* What was there, unless a process has ended while it was looked at: then it may be half of it. */
static int take_snapshot(struct trace *t, const struct record_sink *sink, struct failure *f)
{
	int err = live_begin(t->live, sink);

	return err ? err : live_confirm(t->live, f);
}

static int run_armed(struct trace *t)
{
	struct record_sink sink = {pipeline_take, &t->pipeline};
	struct failure f = {0};
	int err, status;

	if (t->launch.pid) {
		status = launch_release(&t->launch, t->opt->command, &f);
		if (status) {
			tell(&f);
			return status;
		}
	}
	err = t->opt->snapshot ? take_snapshot(t, &sink, &f) : loop(t, &sink);
	if (err && f.what[0])
		return tell(&f);
	if (!err)
		err = live_end(t->live, &sink);
	if (!err)
		err = pipeline_finish(&t->pipeline);
	status = output_status(t, err);
	tell_losses(t);
	return status;
}

/* Ends as COMMAND ended: with its status, or by its signal. */
static int as_command(struct trace *t)
{
	static const struct rlimit no_core;
	int status = launch_wait(&t->launch);
	sigset_t set;

	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &no_core); /* the core is COMMAND's, not ours */
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	sigemptyset(&set);
	sigaddset(&set, WTERMSIG(status));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	return 128 + WTERMSIG(status);
}

static void clean(struct trace *t)
{
	live_close(t->live);
	pipeline_free(&t->pipeline);
	if (t->signals >= 0)
		close(t->signals);
	if (t->output > STDERR_FILENO)
		close(t->output);
}

static int trace(const struct options *opt)
{
	struct trace t = {.opt = opt, .output = -1, .signals = -1};
	struct failure f = {0};
	int status, err = proc_check(&f);

	if (!err && opt->command)
		err = launch_hold(opt->command, opt->user, &t.launch, &f);
	if (!err)
		err = open_output(opt, &t.output, &f);
	if (!err)
		err = init_signals(&t, &f);
	if (!err)
		err = init_pipeline(&t, &f);
	if (!err)
		err = start(&t, &f);
	if (err) {
		status = tell(&f);
		launch_abandon(&t.launch);
	} else {
		status = run_armed(&t);
	}
	clean(&t);
	if (status && opt->command)
		return status == EXIT_FAILED ? EXIT_LAUNCH_FAILED : status;
	if (t.launch.pid && !t.ended_by_signal)
		return as_command(&t);
	return status;
}

static void print_feature(const char *name, const char *state)
{
	printf("%-30s %s\n", name, state);
}

static int features(const struct options *opt)
{
	struct live_options live_opt = live_options(opt);
	struct live *live = NULL;
	struct failure f = {0};
	int err = live_open(&live_opt, &live, &f);

	if (!err)
		err = live_arm(live, &f);
	if (err)
		tell(&f);
	else
		live_features(live, print_feature);
	live_close(live);
	return err ? EXIT_FAILED : 0;
}

/* Nothing of ours may become a standard stream that we were started without. Writing fails. */
static void occupy_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct options opt;
	struct failure f = {0};
	int status = 0;

	occupy_standard_streams();
	if (options_parse(argc, argv, &opt, &f)) {
		tell(&f);
		options_free(&opt);
		return opt.command && !opt.attach ? EXIT_LAUNCH_FAILED : EXIT_USAGE;
	}
	switch (opt.action) {
	case ACTION_HELP:
		options_help();
		break;
	case ACTION_VERSION:
		puts("epolltrace " ET_VERSION);
		break;
	case ACTION_FEATURES:
		status = features(&opt);
		break;
	case ACTION_COMPLETION:
		completion_print(opt.shell);
		break;
	case ACTION_TRACE:
		status = trace(&opt);
		break;
	}
	options_free(&opt);
	if (fflush(stdout) && !status) {
		log_message("cannot write output: %s", log_errno(errno));
		status = EXIT_FAILED;
	}
	return status;
}
