/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * attach-silent poll|futex|nanosleep|run: a process without any epoll call, busy with just that
 * for a minute at most.
 */
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const struct timespec minute = {.tv_sec = 60};
	int word = 0;

	alarm(60);
	if (!strcmp(what, "poll"))
		poll(NULL, 0, 60000);
	else if (!strcmp(what, "futex"))
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &minute, NULL, 0);
	else if (!strcmp(what, "nanosleep"))
		syscall(SYS_nanosleep, &minute, NULL);
	else if (!strcmp(what, "run"))
		for (;;)
			__asm__ volatile("");
	fprintf(stderr, "attach-silent: nothing to do\n");
	return 2;
}
