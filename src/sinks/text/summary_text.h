/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * summary_text.h - the tables of -c.
 */
#ifndef ET_SUMMARY_TEXT_H
#define ET_SUMMARY_TEXT_H

#include "report/summary.h"
#include "sinks/output.h"

/*
 * Prints all tables; at most limit entries (0: all), the sum of the rest below them. One of several
 * has the time of day before them, at which its interval ended.
 */
void summary_print(struct output *out, const struct summary *s, const struct model *m,
		   unsigned limit);

#endif
