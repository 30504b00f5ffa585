/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * perfetto.h - a timeline as a trace of Perfetto: a sequence of packets in Protocol Buffers' format.
 */
#ifndef ET_PERFETTO_H
#define ET_PERFETTO_H

#include "report/timeline.h"
#include "sinks/output.h"

struct perfetto;

/* NULL if memory ran out. */
struct perfetto *perfetto_new(struct output *out);

/* Takes NULL. */
void perfetto_free(struct perfetto *p);

struct timeline_writer perfetto_writer(struct perfetto *p);

#endif
