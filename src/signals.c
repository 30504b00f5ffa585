/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "signals.h"

#include "base/log.h"
#include "setup.h"
#include "sinks/output.h"
#include "capture/live.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* What a handler must reach. */
static struct {
	struct live *volatile live; /* NULL: nothing is captured */
	const struct output *output;
	bool launched;
	volatile sig_atomic_t interrupted; /* COMMAND has got the terminal's SIGINT too */
	volatile sig_atomic_t ended;
	uint64_t first_ns; /* when the first signal came */
} state;

/* timeout(1) sends its signal to the tool and then to the group that the tool is in. */
#define TWIN_NS 200000000ULL

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static bool is_twin(void)
{
	return now_ns() - state.first_ns < TWIN_NS;
}

/* Words and numbers of a message, put together without stdio. */
struct line {
	char text[160];
	size_t len;
};

static void add_text(struct line *l, const char *text)
{
	size_t n = strlen(text);

	if (n > sizeof(l->text) - l->len)
		n = sizeof(l->text) - l->len;
	memcpy(l->text + l->len, text, n);
	l->len += n;
}

static void add_number(struct line *l, uint64_t n)
{
	char digits[24] = {0}, *at = digits + sizeof(digits) - 1;

	do
		*--at = '0' + n % 10;
	while (n /= 10);
	add_text(l, at);
}

/* Not if that would block: stderr may be as stuck as the output. */
static void print_line(const struct line *l)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&p, 1, 0) == 1 && write(STDERR_FILENO, l->text, l->len) < 0)
		return; /* there is nobody left to report to */
}

static void __attribute__((noreturn)) end_at_once(void)
{
	struct line l = {.len = 0};

	add_text(&l, "epolltrace: ended at once");
	if (state.live) {
		add_text(&l, ": ");
		add_number(&l, live_backlog(state.live));
		add_text(&l, " records and ");
		add_number(&l, output_pending(state.output));
		add_text(&l, " bytes of output were not written");
	}
	add_text(&l, "\n");
	print_line(&l);
	_exit(state.launched ? EXIT_LAUNCH_FAILED : EXIT_FAILED);
}

/* Has COMMAND, and all that it started, gone? Then nothing is left for a SIGINT to end but the tool. */
static bool only_tool_left(void)
{
	return state.live && live_targets(state.live) <= 0;
}

static void end_capture(void)
{
	state.first_ns = now_ns();
	state.ended = 1;
	if (state.live)
		live_stop(state.live);
}

static void on_signal(int signo, siginfo_t *info, void *context)
{
	bool terminal = state.launched && signo == SIGINT && info->si_code == SI_KERNEL;
	int err = errno;

	(void)context;
	if ((state.ended || state.interrupted) && is_twin())
		return;
	if (state.ended || (state.interrupted && only_tool_left()))
		end_at_once();
	if (terminal && !state.interrupted) {
		state.first_ns = now_ns();
		state.interrupted = 1;
		return;
	}
	end_capture();
	errno = err;
}

/* The end of --duration, which does not count as a second signal. */
static void on_alarm(int signo)
{
	int err = errno;

	(void)signo;
	if (!state.ended)
		end_capture();
	errno = err;
}

/* Without SA_RESTART, so that poll returns. */
static void handle_signal(int signo)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

	sigaction(signo, &action, NULL);
}

int signals_init(bool launched, bool usr1, struct failure *f)
{
	sigset_t set;
	int fd;

	state.launched = launched;
	signal(SIGPIPE, SIG_IGN);
	handle_signal(SIGINT);
	handle_signal(SIGTERM);
	if (signal(SIGHUP, SIG_IGN) != SIG_IGN)
		handle_signal(SIGHUP);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	if (usr1)
		sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? fail(f, -errno, NULL, "cannot make a signalfd: %s", log_errno(errno)) : fd;
}

void signals_watch(struct live *live, const struct output *output)
{
	state.output = output;
	state.live = live;
	if (state.ended)
		live_stop(live);
}

void signals_unwatch(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	state.live = NULL;
}

void signals_end_after(uint64_t ns)
{
	struct sigaction action = {.sa_handler = on_alarm};
	uint64_t us = (ns + 999) / 1000;
	struct itimerval timer = {.it_value = {us / 1000000, us % 1000000}};
	sigset_t set;

	if (ns) {
		sigaction(SIGALRM, &action, NULL);
		sigemptyset(&set); /* whoever started the tool may have blocked it */
		sigaddset(&set, SIGALRM);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
	}
	setitimer(ITIMER_REAL, &timer, NULL);
}

bool signals_ended(void)
{
	return state.ended;
}

bool signals_usr1(int fd)
{
	struct signalfd_siginfo info;
	bool usr1 = false;

	while (read(fd, &info, sizeof(info)) == sizeof(info))
		usr1 |= info.ssi_signo == SIGUSR1;
	return usr1;
}

static void on_reader_signal(int signo)
{
	(void)signo;
	if (state.ended && is_twin())
		return;
	if (state.ended)
		end_at_once();
	state.first_ns = now_ns();
	state.ended = 1;
}

void signals_spare_reader(void)
{
	struct sigaction action = {.sa_handler = on_reader_signal, .sa_flags = SA_RESTART};

	sigaction(SIGINT, &action, NULL);
}
