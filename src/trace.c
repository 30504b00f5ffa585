/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "trace.h"

#include "base/log.h"
#include "cli/launch.h"
#include "cli/limits.h"
#include "cli/proc.h"
#include "pipeline.h"
#include "setup.h"
#include "signals.h"
#include "recording/flight.h"
#include "capture/live.h"
#include "recording/recorder.h"
#include "recording/tee.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* All that a trace holds while it runs. */
struct trace {
	const struct options *opt;
	struct launch launch;
	struct live *live;
	struct pipeline pipeline;
	struct recorder *recorder;
	struct flight *flight;
	bool asked; /* SIGUSR1 asks for a recording */
	bool flight_failed;
	struct tee tee;
	struct record_sink sink; /* all of the above */
	int output;
	int signals; /* of signals_init */
};

/* Where records go. */
static int init_sink(struct trace *t, struct failure *f)
{
	int err = setup_pipeline(t->opt, t->output, &t->pipeline, f);

	if (!err && t->opt->flight.span_ns)
		err = flight_open(&t->opt->flight, &t->flight, f);
	else if (!err && t->opt->record)
		err = recorder_open(t->opt->record, &t->recorder, f);
	t->tee.shown = (struct record_sink){pipeline_take, &t->pipeline};
	t->tee.messages_only = t->opt->silent;
	if (t->recorder)
		t->tee.recording = (struct record_sink){recorder_take, t->recorder};
	if (t->flight)
		t->tee.recording = (struct record_sink){flight_take, t->flight};
	t->sink = (struct record_sink){tee_take, &t->tee};
	return err;
}

static int start_trace(struct trace *t, struct failure *f)
{
	struct live_options opt = t->opt->live;
	int err;

	opt.io_files = t->launch.pid ? limits_descriptors(&t->launch.pid, 1)
				     : limits_descriptors(t->opt->pids.at, t->opt->pids.count);
	if (t->opt->tree) /* how many they are is not known yet */
		opt.io_files = UINT_MAX;
	err = live_open(&opt, &t->live, f);

	if (!err)
		err = live_arm(t->live, f);
	if (err)
		return err;
	signals_watch(t->live, &t->pipeline.out);
	if (t->launch.pid)
		return live_attach(t->live, &t->launch.pid, 1, false, setup_report, f);
	return live_attach(t->live, t->opt->pids.at, t->opt->pids.count, t->opt->tree, setup_report,
			   f);
}

static void write_flight(struct trace *t, const char *why)
{
	struct flight_written w;
	struct failure f = {0};

	if (flight_write(t->flight, &w, &f)) {
		setup_report(&f);
		t->flight_failed = true;
		return;
	}
	log_message("recorded the last %.1f s to '%s': %s", w.span_ns / 1e9, w.path, why);
	if (w.short_of_memory)
		log_hint("a larger --ring-memory keeps more");
}

/* Records if that was asked for, with the state of now. */
static int serve_flight(struct trace *t)
{
	uint64_t blocked_ns;
	uint32_t tid;
	bool triggered = flight_triggered(t->flight, &tid, &blocked_ns);
	bool wanted = triggered || t->asked;
	char why[64] = "SIGUSR1";
	int err = 0;

	if (triggered)
		snprintf(why, sizeof(why), "thread %u blocked for %.3f s", tid, blocked_ns / 1e9);

	if (wanted || flight_wants_scan(t->flight))
		err = live_refresh(t->live, &t->sink);
	if (wanted && !err)
		write_flight(t, why);
	t->asked = false;
	return err;
}

/* Output is flushed so often for readers that follow it as it comes. */
#define FLUSH_MS 50

/* How long it may read nothing: until a scan is due, or a tick that ends an interval. */
static int patience_ms(const struct trace *t)
{
	int scan_ms = live_interval_ms(t->live), due_ms = pipeline_due_ms(&t->pipeline);

	if (scan_ms > FLUSH_MS && t->pipeline.opt.lines)
		scan_ms = FLUSH_MS;
	return due_ms < scan_ms ? due_ms : scan_ms;
}

/* For a script, say, that waits for it before it begins what is to be traced. */
static void report_begun(const struct trace *t)
{
	long n = live_targets(t->live);

	if (!t->opt->quiet && !t->opt->command)
		log_message("tracing %ld process%s", n, n == 1 ? "" : "es");
}

static int run_loop(struct trace *t)
{
	struct pollfd fds[] = {{.fd = live_fd(t->live), .events = POLLIN},
			       {.fd = t->signals, .events = POLLIN}};
	int err = live_begin(t->live, &t->sink);

	if (!err) {
		report_begun(t);
		signals_end_after(t->opt->duration_ns);
	}
	while (!err && !signals_ended()) {
		bool over = live_targets(t->live) <= 0;

		if (!over && poll(fds, 2, patience_ms(t)) < 0 && errno != EINTR)
			return -errno;
		t->asked |= signals_usr1(t->signals);
		err = live_read(t->live, &t->sink);
		if (!err && t->flight)
			err = serve_flight(t);
		if (!err)
			err = pipeline_flush(&t->pipeline);
		if (over || t->tee.recording_err)
			break;
	}
	signals_end_after(0);
	return err;
}

static void report_losses(const struct trace *t)
{
	uint64_t lost = t->pipeline.lost + t->pipeline.malformed;

	if (!lost)
		return;
	log_message("%llu records lost", (unsigned long long)lost);
	log_hint("a larger --buffer-size, or -c instead of lines, may help");
}

/* What was there, unless a process has ended while it was scanned: then it may be half of it. */
static int take_snapshot(struct trace *t, struct failure *f)
{
	int err = live_begin(t->live, &t->sink);

	return err ? err : live_confirm(t->live, setup_report, f);
}

/* A recording that failed has ended the trace, but not what else it shows. */
static int end_recording(struct trace *t)
{
	int err = recorder_close(t->recorder);

	t->recorder = NULL;
	if (t->flight && !t->tee.recording_err)
		write_flight(t, "the end");
	if (t->tee.recording_err)
		err = t->tee.recording_err;
	if (!err || err == -EPIPE)
		return t->flight_failed ? EXIT_FAILED : 0;
	log_message("cannot write recording '%s': %s", t->opt->record, log_errno(err));
	limits_hint(err);
	log_hint("what was written until then can be read");
	return EXIT_FAILED;
}

static int run_armed(struct trace *t)
{
	struct failure f = {0};
	int err, status;

	if (t->launch.pid) {
		status = launch_release(&t->launch, t->opt->command, &f);
		if (status) {
			setup_report(&f);
			return status;
		}
	}
	err = t->opt->pipeline.snapshot ? take_snapshot(t, &f) : run_loop(t);
	if (err && f.what[0])
		return setup_report(&f);
	if (!err)
		err = live_end(t->live, &t->sink);
	if (!err)
		err = pipeline_finish(&t->pipeline);
	status = setup_output_status(t->opt, &t->pipeline, err) | end_recording(t);
	report_losses(t);
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

static void clean_up(struct trace *t)
{
	signals_unwatch();
	live_close(t->live);
	recorder_close(t->recorder);
	flight_close(t->flight);
	pipeline_free(&t->pipeline);
	if (t->signals >= 0)
		close(t->signals);
	if (t->output > STDERR_FILENO)
		close(t->output);
}

int trace_run(const struct options *opt)
{
	struct trace t = {.opt = opt, .output = -1, .signals = -1};
	struct failure f = {0};
	int status, found, err = proc_check(&f);

	if (!err && opt->command)
		err = launch_hold(opt->command, opt->user, &t.launch, &f);
	limits_prepare();
	if (!err)
		err = setup_output(opt, &t.output, &f);
	if (!err)
		err = init_sink(&t, &f);
	if (!err) { /* until here they end what waits, as for the reader of a FIFO */
		t.signals = signals_init(t.launch.pid, opt->flight.span_ns, &f);
		err = t.signals < 0 ? t.signals : start_trace(&t, &f);
	}
	if (err) {
		status = setup_report(&f);
		launch_abandon(&t.launch);
	} else {
		status = run_armed(&t);
	}
	found = status ? 0 : setup_findings_status(opt, &t.pipeline);
	clean_up(&t);
	if (status && opt->command)
		return status == EXIT_FAILED ? EXIT_LAUNCH_FAILED : status;
	if (found)
		return found;
	return t.launch.pid && !signals_ended() ? as_command(&t) : status;
}

static void print_feature(void *ctx, const char *name, const char *state)
{
	(void)ctx;
	printf("%-30s %s\n", name, state);
}

int trace_features(const struct options *opt)
{
	struct live *live = NULL;
	struct failure f = {0};
	int err = live_open(&opt->live, &live, &f);

	if (!err)
		err = live_arm(live, &f);
	if (err)
		setup_report(&f);
	else
		live_features(live, print_feature, NULL);
	live_close(live);
	return err ? EXIT_FAILED : 0;
}
