/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/schedule.h"

#define THREADS_MIN_NS 10000000ULL  /* threads are scanned every 10 ms at most */
#define THREADS_MAX_NS 100000000ULL /* blocked lines come at most so much too late */

/*
 * Descriptors are scanned again from time to time, at a thousandth of a CPU's time at most; if
 * findings depend on it as often as these want it, at a twentieth at most.
 */
#define FILES_MIN_NS 2000000000ULL
#define FILES_SHARE  1000
#define RULES_SHARE  20

uint64_t schedule_threads_interval_ns(const struct live_options *opt)
{
	uint64_t ns = opt->blocked_after_ns / 4;

	if (opt->stall_ns && opt->stall_ns / 4 < ns)
		ns = opt->stall_ns / 4;
	if (ns < THREADS_MIN_NS)
		ns = THREADS_MIN_NS;
	if (ns > THREADS_MAX_NS)
		ns = THREADS_MAX_NS;
	return ns;
}

bool schedule_threads_due(struct schedule *s, const struct live_options *opt, uint64_t now_ns)
{
	if (now_ns < s->threads_ns)
		return false;
	s->threads_ns = now_ns + schedule_threads_interval_ns(opt);
	return true;
}

void schedule_next_files(struct schedule *s, const struct live_options *opt, uint64_t start_ns,
			 uint64_t took_ns)
{
	uint64_t wait_ns = opt->stall_ns ? opt->stall_ns : FILES_MIN_NS;
	uint64_t share = opt->stall_ns ? RULES_SHARE : FILES_SHARE;

	if (wait_ns < took_ns * share)
		wait_ns = took_ns * share;
	s->files_ns = start_ns + wait_ns;
}
