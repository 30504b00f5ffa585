/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * clock.h - the clock that BPF programs read, and how far other clocks are ahead of it.
 *
 * bpf_ktime_get_ns() is the CLOCK_MONOTONIC of the machine. In a time namespace that of user space
 * is ahead of it (kernel/time/namespace.c, Linux 5.6), by what /proc/self/timens_offsets says.
 */
#ifndef ET_CLOCK_H
#define ET_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* By how much the time namespace of the tool shifts its clocks; in ns, 0 outside of one. */
struct clock_shift {
	int64_t monotonic_ns, boottime_ns;
};

struct clock_shift clock_read_shift(void);

/* The machine's CLOCK_MONOTONIC. To be called by a signal handler too. */
uint64_t clock_now_ns(const struct clock_shift *shift);

/* How far clocks are ahead of the machine's CLOCK_MONOTONIC, and local time of UTC. */
struct clock_offsets {
	int64_t realtime_ns, boottime_ns;
	int32_t utc_offset_s;
};

/* False: the clocks could not be read at one time. They have been read as well as possible. */
bool clock_read_offsets(const struct clock_shift *shift, struct clock_offsets *ret);

/* Has a clock been set, or the machine been suspended, or time zones changed, between the two? */
bool clock_has_stepped(const struct clock_offsets *a, const struct clock_offsets *b);

#endif
