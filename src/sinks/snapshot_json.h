/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot_json.h - a snapshot as NDJSON: header, instances, threads, lost, end.
 */
#ifndef ET_SNAPSHOT_JSON_H
#define ET_SNAPSHOT_JSON_H

#include "report/snapshot.h"
#include "sinks/output.h"

void snapshot_json(struct output *out, const struct snapshot *s, const struct model *m,
		   uint64_t lost);

#endif
