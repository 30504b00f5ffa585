/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_summary.h - the figures of -c as machine output: a line a summary.
 */
#ifndef ET_JSON_SUMMARY_H
#define ET_JSON_SUMMARY_H

#include "report/summary.h"
#include "sinks/json/json_table.h"
#include "sinks/output.h"

extern const struct json_object json_summary;

/* All rows; with histograms those of each loop too. */
void json_summary_print(struct output *out, const struct summary *s, const struct model *m,
			bool histograms);

#endif
