/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_finding.h - findings, and the report on them, as machine output. */
#ifndef ET_JSON_FINDING_H
#define ET_JSON_FINDING_H

#include "report/diagnosis.h"
#include "sinks/json/json_table.h"

extern const struct json_object json_finding_object, json_diagnosis_object;

/* A finding that was raised or resolved just now. */
void json_finding(struct output *out, const struct finding *f, const struct model *m);

/* All findings once more, as they are at the end, and the report. */
void json_diagnosis(struct output *out, const struct diagnosis *d, const struct rules *r,
		    const struct model *m);

#endif
