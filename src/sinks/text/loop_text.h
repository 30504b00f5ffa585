/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loop_text.h - event loops in the summary: their table, and their histograms.
 */
#ifndef ET_LOOP_TEXT_H
#define ET_LOOP_TEXT_H

#include "base/buf.h"
#include "report/loop.h"

/* What the column TID has: "*1" for threads of the first name. */
void loop_thread(char text[16], const struct loop_row *r);

/* Which names these are, a line each. */
void loop_print_names(struct buf *b, const struct loops *l);

/* A row for each thread that waited; rates are over length_ns. Nothing if none did. */
void loop_print_table(struct buf *b, const struct loops *l, uint64_t length_ns);

/* Two histograms for each thread, as bcc prints them: time in the wait, time away from it. */
void loop_print_histograms(struct buf *b, const struct loops *l);

#endif
