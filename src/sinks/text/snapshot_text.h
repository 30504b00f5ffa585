/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot_text.h - a snapshot for people, in at most 80 columns but for long names.
 */
#ifndef ET_SNAPSHOT_TEXT_H
#define ET_SNAPSHOT_TEXT_H

#include "report/snapshot.h"
#include "sinks/output.h"

struct snapshot_style {
	unsigned limit; /* rows of a table, 0: all */
	bool color;
};

void snapshot_print(struct output *out, const struct snapshot *s, const struct model *m,
		    const struct snapshot_style *style);

#endif
