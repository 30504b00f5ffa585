/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter.h - which lines are shown. The model has seen everything before.
 */
#ifndef ET_FILTER_H
#define ET_FILTER_H

#include "model/model.h"

struct int_list {
	int *at;
	unsigned count;
};

struct filter {
	unsigned calls;	       /* a bit for each enum call_id */
	bool only_ok;	       /* -z */
	bool only_failed;      /* -Z */
	struct int_list fds;   /* --fd: empty: any */
	struct int_list epfds; /* --epfd: empty: any */
	uint64_t slower_than_ns;
};

#define FILTER_ALL_CALLS CALLS_ALL

bool filter_shows(const struct filter *f, const struct view *v);

#endif
