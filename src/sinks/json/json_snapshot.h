/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_snapshot.h - a snapshot as machine output: a line an instance, a line a thread in no wait.
 */
#ifndef ET_JSON_SNAPSHOT_H
#define ET_JSON_SNAPSHOT_H

#include "report/snapshot.h"
#include "sinks/json/json_table.h"
#include "sinks/output.h"

extern const struct json_object json_instance, json_thread;

void json_snapshot(struct output *out, const struct snapshot *s, const struct model *m);

#endif
