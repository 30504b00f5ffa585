/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/limits.h"

#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>

/* What --io takes if a target has an io_uring, with what scans open for a moment. */
#define DESCRIPTORS 160

void limits_prepare(void)
{
	struct rlimit files;

	signal(SIGXFSZ, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur == files.rlim_max)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files); /* within the hard limit nothing refuses it */
}

unsigned limits_descriptors(const pid_t *pids, unsigned count)
{
	struct rlimit files;
	rlim_t sum = 0;

	for (unsigned i = 0; i < count && sum < UINT_MAX; i++)
		if (!prlimit(pids[i], RLIMIT_NOFILE, NULL, &files))
			sum += files.rlim_cur < UINT_MAX ? files.rlim_cur : UINT_MAX;
	return sum < UINT_MAX ? sum : UINT_MAX;
}

bool limits_hint(int err)
{
	struct rlimit limit;

	if (err == -EMFILE && !getrlimit(RLIMIT_NOFILE, &limit)) {
		log_hint("up to %d are needed, and the hard limit is %llu: see ulimit -Hn",
			 DESCRIPTORS, (unsigned long long)limit.rlim_max);
		return true;
	}
	/* A file system has such an error too. */
	if (err == -EFBIG && !getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_cur != RLIM_INFINITY) {
		log_hint("the limit is %llu bytes: see ulimit -f",
			 (unsigned long long)limit.rlim_cur);
		return true;
	}
	return false;
}
