/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * diagnosis.h - all findings, in the order in which they are reported, and what was checked.
 */
#ifndef ET_DIAGNOSIS_H
#define ET_DIAGNOSIS_H

#include "rules/rules.h"

#include <stddef.h>

struct diagnosis {
	const struct finding **findings; /* errors first; those of a rule together, oldest first */
	size_t count;
	size_t by_severity[SEVERITY_ERROR + 1];
	bool full;		 /* not all findings are kept */
	uint64_t checked, asked; /* bits by enum rule_id */
	uint64_t scans, waits;
	uint64_t failed;	 /* of the waits */
	int failed_with;	 /* errno of the last of them */
	const struct pace *busy; /* a thread that waits out of the ordinary often, NULL: none */
	bool many_failed;
	uint64_t passed_over;	       /* of the waits, those that were counted and not read */
	uint64_t ready_unknown;	       /* events of waits that no rule was asked about */
	const struct unjudged *opaque; /* entries of which nothing shows whether input waits */
	const struct unjudged *spins;  /* nor whether anything is done about their events */
	size_t entries, instances;
	uint64_t duration_ns, end_ns;
	const struct halt *halts;
	size_t halt_count;
};

/* Fills *ret_d, to be freed with diagnosis_free; 0 or -ENOMEM. */
int diagnosis_make(const struct rules *r, const struct model *m, struct diagnosis *ret_d);

/* Is there anything out of the ordinary that no rule judges? */
bool diagnosis_is_odd(const struct diagnosis *d);

/* For how long the process was halted, up to the end of the trace. */
uint64_t diagnosis_halted_ns(const struct diagnosis *d, const struct halt *h);

void diagnosis_free(struct diagnosis *d);

#endif
