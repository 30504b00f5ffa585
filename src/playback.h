/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * playback.h - --replay: a recording through the pipeline.
 */
#ifndef ET_PLAYBACK_H
#define ET_PLAYBACK_H

#include "cli/options.h"

/* Returns the exit status. */
int playback_run(const struct options *opt);

#endif
