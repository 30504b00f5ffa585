/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot_entries.h - the entries of an instance in a snapshot.
 */
#ifndef ET_SNAPSHOT_ENTRIES_H
#define ET_SNAPSHOT_ENTRIES_H

#include "sinks/text/snapshot_page.h"

/* Prints their table, with its heading. */
void page_append_entries(struct page *p, const struct snapshot_instance *s);

#endif
