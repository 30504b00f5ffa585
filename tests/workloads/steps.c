/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * steps: does epoll and descriptor operations as asked, and prints each with what it returned.
 *
 *   steps TEXT...    steps, separated by ";" or a new line
 *
 * A line of output is "TID STEP = RESULT [MORE]", an error is "-EBADF". Descriptors from 3 on are
 * closed first, so numbers can be foretold. Every process ends after 60 s, whatever happens.
 *
 * Calls:   create [CLOEXEC]; create0 SIZE; pipe [CLOEXEC]; socketpair; eventfd [N]; open PATH;
 *          add|mod EP FD EVENTS DATA; del EP FD; wait|pwait EP TIMEOUT MAX; write|read FD N;
 *          dup FD; dup2 FD NEW; close FD; close_range A B [CLOEXEC|UNSHARE]; cloexec FD; unshare;
 *          send SOCKET FD; recv SOCKET; fdinfo EP (tfd:events:data of each entry);
 *          pwait2 EP TIMEOUT MAX; refuse CALL ERRNO; trap CALL; answer CALL RESULT
 * Flow:    fork|clone_files|vfork [bg] { ... }   in a child; without bg it is waited for
 *          thread [bg] { ... }                   in a thread; without bg it is joined
 *          exec { ... }                          the same program goes on with these
 *          run PATH                              another program
 *          loop N { ... }; quiet { ... }
 *          reap (a child), sync (waits for a line on stdin), say TEXT, pid, pause,
 *          handle SIGNAL, kill PID SIGNAL, leave (this thread ends), exit N
 *          -                                     steps that come on stdin, up to its end
 */
#include "steps-calls.h"
#include "steps-seccomp.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define LIFE_S	 60
#define TEXT_MAX 4096

static void run(const char *text, bool quiet);

static void say(const struct step *s, long ret, const char *extra)
{
	char line[EXTRA_MAX + 512];
	size_t len = snprintf(line, sizeof(line), "%ld", syscall(SYS_gettid));

	for (int i = 0; i < s->count && len < 400; i++)
		len += snprintf(line + len, 100, " %s", s->words[i]);
	if (ret < 0)
		len += snprintf(line + len, 100, " = -%s", strerrorname_np(-ret));
	else
		len += snprintf(line + len, 100, " = %ld", ret);
	len += snprintf(line + len, sizeof(line) - len, "%s%s\n", extra[0] ? " " : "", extra);
	if (write(STDOUT_FILENO, line, len) != (ssize_t)len)
		_exit(1);
}

static void begin_process(void)
{
	alarm(LIFE_S);
}

/* Without a buffer, since several processes may read: false at the end. */
static bool read_line(char *line, size_t room)
{
	size_t len = 0;

	while (len < room - 1) {
		if (read(STDIN_FILENO, line + len, 1) != 1)
			return false;
		if (line[len] == '\n')
			break;
		len++;
	}
	line[len] = 0;
	return true;
}

static void run_stdin(bool quiet)
{
	char line[TEXT_MAX];

	while (read_line(line, sizeof(line)))
		run(line, quiet);
}

static long reap(long pid, char *extra, size_t room)
{
	int status;
	pid_t ended;

	do
		ended = waitpid(pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (ended < 0)
		return -errno;
	if (WIFSIGNALED(status))
		snprintf(extra, room, "killed %d", WTERMSIG(status));
	else
		snprintf(extra, room, "exited %d", WEXITSTATUS(status));
	return ended;
}

static bool in_background(const struct step *s)
{
	return s->count > 1 && !strcmp(s->words[1], "bg");
}

static void exec_self(const char *text)
{
	char name[] = "steps", go_on[] = "--go-on";
	char *argv[] = {name, go_on, (char *)text, NULL};

	execv("/proc/self/exe", argv);
}

/* fork, and clone as fork does it but with one descriptor table for both. */
static long make_child(const struct step *s, bool quiet)
{
	bool share = !strcmp(s->words[0], "clone_files");
	long pid = share ? syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0) : fork();

	if (!pid) {
		begin_process();
		run(s->block, quiet);
		_exit(0);
	}
	return pid < 0 ? -errno : pid;
}

static long make_vfork(const struct step *s)
{
	const char *text = s->block;
	pid_t pid = vfork();

	if (!pid) {
		exec_self(text);
		_exit(127);
	}
	return pid < 0 ? -errno : pid;
}

static void step_child(const struct step *s, bool quiet)
{
	char extra[64] = "";
	long pid = !strcmp(s->words[0], "vfork") ? make_vfork(s) : make_child(s, quiet);

	if (pid > 0 && !in_background(s))
		pid = reap(pid, extra, sizeof(extra));
	say(s, pid, extra);
}

struct thread_start {
	char *text;
	bool quiet;
};

static void *thread_main(void *arg_start)
{
	struct thread_start *start = arg_start;
	char text[TEXT_MAX];
	bool quiet = start->quiet;

	snprintf(text, sizeof(text), "%s", start->text);
	free(start->text);
	free(start);
	run(text, quiet);
	return NULL;
}

static void step_thread(const struct step *s, bool quiet)
{
	struct thread_start *start = malloc(sizeof(*start));
	pthread_t thread;
	int err;

	if (!start)
		_exit(1);
	*start = (struct thread_start){strdup(s->block), quiet};
	err = pthread_create(&thread, NULL, thread_main, start);
	if (!err && in_background(s))
		pthread_detach(thread);
	else if (!err)
		pthread_join(thread, NULL);
	say(s, -err, "");
}

static void step_exec(const struct step *s)
{
	exec_self(s->block);
	say(s, -errno, "");
}

static void step_run(const struct step *s)
{
	execv(s->words[1], s->words + 1);
	say(s, -errno, "");
}

static void on_signal(int number)
{
	(void)number;
}

static int signal_number(const char *word)
{
	static const char *const names[] = {"KILL", "TERM", "STOP", "CONT", "USR1", "HUP", "SYS"};
	static const int numbers[] = {SIGKILL, SIGTERM, SIGSTOP, SIGCONT, SIGUSR1, SIGHUP, SIGSYS};

	for (size_t i = 0; word && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(names[i], word))
			return numbers[i];
	usage("no such signal", word ? word : "");
}

static void step_handle(const struct step *s)
{
	struct sigaction action = {.sa_handler = on_signal};

	say(s, result(sigaction(signal_number(s->words[1]), &action, NULL)), "");
}

static void step_kill(const struct step *s)
{
	pid_t pid = s->words[1] && strcmp(s->words[1], "self") ? atoi(s->words[1]) : getpid();

	say(s, result(kill(pid, signal_number(s->words[2]))), "");
}

static void step_loop(const struct step *s, bool quiet)
{
	long n = s->count > 1 ? strtol(s->words[1], NULL, 0) : 0;

	for (long i = 0; i < n; i++)
		run(s->block, quiet);
}

/* Steps that have a block. */
static void run_block(const struct step *s, bool quiet)
{
	const char *name = s->words[0];

	if (!strcmp(name, "fork") || !strcmp(name, "clone_files") || !strcmp(name, "vfork"))
		step_child(s, quiet);
	else if (!strcmp(name, "thread"))
		step_thread(s, quiet);
	else if (!strcmp(name, "exec"))
		step_exec(s);
	else if (!strcmp(name, "loop"))
		step_loop(s, quiet);
	else if (!strcmp(name, "quiet"))
		run(s->block, true);
	else
		usage("no such step with a block", name);
}

/* Steps that are neither a block nor a single call; false: not one of them. */
static bool run_flow(const struct step *s, bool quiet)
{
	const char *name = s->words[0];
	char extra[64] = "";

	if (!strcmp(name, "-")) {
		run_stdin(quiet);
	} else if (!strcmp(name, "sync")) {
		say(s, 0, "");
		read_line(extra, sizeof(extra));
	} else if (!strcmp(name, "say")) {
		say(s, 0, "");
	} else if (!strcmp(name, "pid")) {
		say(s, getpid(), "");
	} else if (!strcmp(name, "reap")) {
		say(s, reap(-1, extra, sizeof(extra)), extra);
	} else if (!strcmp(name, "pause")) {
		pause();
	} else if (!strcmp(name, "handle")) {
		step_handle(s);
	} else if (!strcmp(name, "kill")) {
		step_kill(s);
	} else if (!strcmp(name, "run")) {
		step_run(s);
	} else if (!strcmp(name, "leave")) {
		pthread_exit(NULL);
	} else if (!strcmp(name, "exit")) {
		_exit(s->words[1] ? atoi(s->words[1]) : 0);
	} else {
		return false;
	}
	return true;
}

static const struct {
	const char *name;
	long (*make)(struct call *c);
} calls[] = {
	{"create", step_create},   {"create0", step_create0}, {"pipe", step_pipe},
	{"eventfd", step_eventfd}, {"open", step_open},	      {"socketpair", step_socketpair},
	{"add", step_add},	   {"mod", step_mod},	      {"del", step_del},
	{"wait", step_wait},	   {"pwait", step_pwait},     {"write", step_write},
	{"read", step_read},	   {"dup", step_dup},	      {"dup2", step_dup2},
	{"close", step_close},	   {"cloexec", step_cloexec}, {"close_range", step_close_range},
	{"send", step_send},	   {"recv", step_recv},	      {"unshare", step_unshare},
	{"fdinfo", step_fdinfo},   {"pwait2", step_pwait2},   {"refuse", step_refuse},
	{"trap", step_trap},	   {"answer", step_answer},
};

static void run_call(const struct step *s, bool quiet)
{
	struct call c = {.words = s->words};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		long ret;

		if (strcmp(calls[i].name, s->words[0]))
			continue;
		ret = calls[i].make(&c);
		if (!quiet)
			say(s, ret, c.extra);
		return;
	}
	usage("no such step", s->words[0]);
}

static void run(const char *text, bool quiet)
{
	char copy[TEXT_MAX], *at = copy;
	struct step s;

	if (strlen(text) >= sizeof(copy))
		usage("too long", text);
	snprintf(copy, sizeof(copy), "%s", text);
	while (next_step(&at, &s)) {
		if (s.block)
			run_block(&s, quiet);
		else if (!run_flow(&s, quiet))
			run_call(&s, quiet);
	}
}

int main(int argc, char **argv)
{
	bool go_on = argc > 1 && !strcmp(argv[1], "--go-on");

	if (!go_on && syscall(SYS_close_range, 3U, ~0U, 0))
		usage("close_range", strerror(errno));
	begin_process();
	for (int i = go_on ? 2 : 1; i < argc; i++)
		run(argv[i], false);
	_exit(0);
}
