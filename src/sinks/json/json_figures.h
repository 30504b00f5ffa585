/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_figures.h - the figures of entries within a summary.
 */
#ifndef ET_JSON_FIGURES_H
#define ET_JSON_FIGURES_H

#include "report/summary.h"
#include "sinks/json/json_table.h"

struct figures_row {
	const struct entry_row *r;
	const struct clocks *clocks;
};

extern const struct json_object json_figures; /* from a struct figures_row */
extern const struct json_object json_totals;  /* from a struct totals */

#endif
