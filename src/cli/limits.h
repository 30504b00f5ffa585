/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * limits.h - resource limits (getrlimit(2)): those that the tool runs into, and those of targets.
 */
#ifndef ET_LIMITS_H
#define ET_LIMITS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Lets the tool open as many descriptors as it may, and has a file that may not grow (RLIMIT_FSIZE)
 * be an error and no signal. To be called when COMMAND has been made: that keeps what it was given.
 */
void limits_prepare(void);

/*
 * How many descriptors processes may have open between them, by their soft limits. Those that
 * cannot be asked count as none.
 */
unsigned limits_descriptors(const pid_t *pids, unsigned count);

/* Reports the limit that caused an error, -errno; false: none did. */
bool limits_hint(int err);

#endif
