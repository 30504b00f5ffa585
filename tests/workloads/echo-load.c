/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * echo-load: clients for an echo server, each of which checks what comes back byte for byte.
 * Status 0: as it should be; 1: not; 2: usage. alarm() ends what hangs (signal 14).
 */
#include "echo-load-conns.h"
#include "echo-load-share.h"

#include <sys/resource.h>
#include <sys/syscall.h>

/* Sends signal number `count`; the server's end is awaited, but not for ever. */
static void run_end(const struct target *target)
{
	int pidfd = (int)syscall(SYS_pidfd_open, target->pid, 0);

	kill(target->pid, (int)target->count);
	kill(target->pid, SIGCONT);
	if (pidfd < 0 || !await(pidfd, POLLIN, ANSWER_MS)) {
		kill(target->pid, SIGKILL);
		die("the server does not end");
	}
	close(pidfd);
}

static const struct {
	const char *name;
	void (*run)(const struct target *target);
	int numbers; /* how many follow HOST PORT at least */
	const char *args;
} modes[] = {
	{"conns", run_conns, 1, "N"},
	{"stream", run_stream, 1, "BYTES"},
	{"halfclose", run_halfclose, 1, "BYTES [PID]"},
	{"slow", run_slow, 1, "BYTES"},
	{"drain", run_drain, 2, "BYTES PID"},
	{"stuck", run_stuck, 2, "BYTES PID"},
	{"flood", run_flood, 1, "N"},
	{"fair", run_fair, 2, "BYTES PID"},
	{"reset", run_reset, 1, "N"},
	{"reset-queued", run_reset_queued, 1, "BYTES"},
	{"gone", run_gone, 2, "BYTES PID"},
	{"unread", run_unread, 2, "BYTES PID"},
	{"crowd", run_crowd, 2, "N PID"},
	{"retry", run_retry, 2, "LIMIT PID"},
	{"end", run_end, 2, "SIGNAL PID"},
	{"half", run_half, 1, "BYTES"},
	{"replace", run_replace, 2, "BYTES PID"},
	{"urgent", run_urgent, 2, "BYTES PID"},
};

#define MODES (sizeof(modes) / sizeof(modes[0]))

static int usage(void)
{
	for (size_t i = 0; i < MODES; i++)
		fprintf(stderr, "usage: echo-load %s HOST PORT %s\n", modes[i].name, modes[i].args);
	return 2;
}

int main(int argc, char **argv)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
	struct target target = {0};
	struct rlimit limit;
	size_t mode = 0;

	while (mode < MODES && (argc < 2 || strcmp(argv[1], modes[mode].name)))
		mode++;
	if (mode == MODES || argc < 4 + modes[mode].numbers || argc > 6)
		return usage();
	target.count = strtoul(argv[4], NULL, 10);
	target.pid = argc > 5 ? (pid_t)strtol(argv[5], NULL, 10) : 0;
	if (getaddrinfo(argv[2], argv[3], &hints, &target.addr))
		return usage();
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(ALARM_S);
	modes[mode].run(&target);
	freeaddrinfo(target.addr);
	return 0;
}
