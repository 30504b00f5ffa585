/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * launch-pty TEXT COMMAND...: runs COMMAND on a terminal of its own and, once it has printed TEXT
 * (unless TEXT is empty), types ^C there. What it prints comes to stdout; ends as COMMAND ended,
 * 128 and the signal for one that a signal ended.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void run_command(const char *terminal, char **command)
{
	int fd;

	setsid();
	fd = open(terminal, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0))
		_exit(99);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	execvp(command[0], command);
	_exit(99);
}

/* Copies until no process has the terminal open any more. */
static void copy(int master, const char *text)
{
	static char seen[1 << 16];
	size_t len = 0;
	bool typed = !*text;
	ssize_t n;

	while (len < sizeof(seen) - 1 &&
	       (n = read(master, seen + len, sizeof(seen) - 1 - len)) > 0) {
		if (write(STDOUT_FILENO, seen + len, n) != n)
			return;
		len += n;
		if (typed || !strstr(seen, text))
			continue;
		typed = write(master, "\003", 1) == 1;
	}
}

int main(int argc, char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;
	char terminal[64];
	pid_t child;

	if (argc < 3 || master < 0 || grantpt(master) || unlockpt(master) ||
	    ptsname_r(master, terminal, sizeof(terminal)))
		return 99;
	alarm(30);
	child = fork();
	if (!child)
		run_command(terminal, argv + 2);
	copy(master, argv[1]);
	if (waitpid(child, &status, 0) < 0)
		return 99;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
