/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trace.h - a live trace from its start to its end: COMMAND or PIDs, signals, records, output.
 */
#ifndef ET_TRACE_H
#define ET_TRACE_H

#include "cli/options.h"

/* Returns the exit status, or ends by the signal that ended COMMAND. */
int trace_run(const struct options *opt);

/* Prints what this kernel and these privileges allow. Returns the exit status. */
int trace_features(const struct options *opt);

#endif
