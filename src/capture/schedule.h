/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * schedule.h - how often threads and descriptors are scanned.
 */
#ifndef ET_SCHEDULE_H
#define ET_SCHEDULE_H

#include "capture/live.h"

/* When what is scanned next. */
struct schedule {
	uint64_t threads_ns;
	uint64_t files_ns;  /* 0: at once */
	uint64_t silent_ns; /* when the threads of silent targets are reported again; 0: done */
};

uint64_t schedule_threads_interval_ns(const struct live_options *opt);

/* Is a scan of threads due? The next one is scheduled then. */
bool schedule_threads_due(struct schedule *s, const struct live_options *opt, uint64_t now_ns);

/* Schedules the next scan of descriptors after one that took so long. */
void schedule_next_files(struct schedule *s, const struct live_options *opt, uint64_t start_ns,
			 uint64_t took_ns);

#endif
