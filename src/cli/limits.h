/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * limits.h - the resource limits that the tool runs into (getrlimit(2)).
 */
#ifndef ET_LIMITS_H
#define ET_LIMITS_H

#include <stdbool.h>

/*
 * Lets the tool open as many descriptors as it may, and has a file that may not grow (RLIMIT_FSIZE)
 * be an error and no signal. To be called when COMMAND has been made: that keeps what it was given.
 */
void limits_prepare(void);

/* Tells the user which limit an error, -errno, comes from; false: from none. */
bool limits_hint(int err);

#endif
