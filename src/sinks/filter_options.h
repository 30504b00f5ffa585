/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* filter_options.h - what filter.h goes by. */
#ifndef ET_FILTER_OPTIONS_H
#define ET_FILTER_OPTIONS_H

#include "base/int_list.h"
#include "event/event.h"

#include <stdbool.h>
#include <stdint.h>

struct filter {
	uint64_t calls;	       /* a bit for each enum call_id */
	bool only_ok;	       /* -z */
	bool only_failed;      /* -Z */
	struct int_list fds;   /* --fd: empty: any */
	struct int_list epfds; /* --epfd: empty: any */
	uint64_t slower_than_ns;
};

#endif
