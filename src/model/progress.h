/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * progress.h - what has been done to a file between two scans, by the counters that these report.
 */
#ifndef ET_PROGRESS_H
#define ET_PROGRESS_H

#include "event/event.h"

/* Has input been taken? */
bool pending_was_taken(const struct pending *then, const struct pending *now);

#endif
