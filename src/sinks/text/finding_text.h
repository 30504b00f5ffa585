/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* finding_text.h - findings for people: when they become known, and in the report at the end. */
#ifndef ET_FINDING_TEXT_H
#define ET_FINDING_TEXT_H

#include "report/diagnosis.h"
#include "sinks/text/text.h"

/* A finding that was raised or resolved just now. */
void finding_text(struct text *t, const struct finding *f);

/* All of them, with at most limit of each rule if that is not 0, and what was checked. */
void diagnosis_text(struct text *t, const struct diagnosis *d, const struct rules *r,
		    unsigned limit);

/* What a rule means. */
void explain_text(struct buf *b, enum rule_id id);

/* All rules, a line each. */
void explain_list(struct buf *b);

#endif
