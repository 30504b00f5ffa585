/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/entries.h"

/* Each change makes the kernel wait for every CPU. */
#define FAST_SCANS 2
#define CALM_SCANS 10

void entries_follow(struct entries *e, struct links *links, struct programs *p)
{
	struct et_shared *shared = p->shared;

	if (shared->scan_sampled) {
		e->fast++;
		e->calm = 0;
	} else {
		e->calm++;
		e->fast = 0;
	}
	if (!e->off && e->fast >= FAST_SCANS) {
		shared->entries_off = true; /* before: what comes without an entry is no surprise */
		links_detach_entries(links);
		e->off = true;
	} else if (e->off && e->calm >= CALM_SCANS) {
		e->off = links_attach_entries(links, p) != 0;
	} else if (!e->off) {
		shared->entries_off =
			false; /* this scan has observed the waits that began meanwhile */
	}
}
