/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/proc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * NSpid in /proc/self/status has the process's number in each namespace from that of the mount
 * down to its own (fs/proc/array.c, Linux 4.1): just one if both are the same. /proc/self is not
 * there if the mount's namespace cannot see the process.
 */
int proc_check(struct failure *failure)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long first = -1, second = -1;

	if (!f && access("/proc/version", F_OK))
		return 0; /* no /proc at all: there is nothing to mistake */
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "NSpid:", 6))
			sscanf(line + 6, "%ld %ld", &first, &second);
	if (f)
		fclose(f);
	if (first == getpid() && second < 0)
		return 0;
	return fail(failure, -EINVAL, "mount -t proc proc /proc in this PID namespace",
		    "/proc belongs to another PID namespace: its numbers are not those seen here");
}
