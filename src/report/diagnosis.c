/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/diagnosis.h"

#include <errno.h>
#include <stdlib.h>

static int by_weight(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a;
	const struct finding *y = *(const struct finding *const *)b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->raised_ns != y->raised_ns)
		return x->raised_ns < y->raised_ns ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* Servers under full load stay below these. */
#define FAILED_MIN	20
#define FAILED_SHARE	10 /* one of so many */
#define BUSY_PER_SECOND 50000

static void add_paces(struct diagnosis *d, const struct paces *p)
{
	d->failed = p->failed;
	d->failed_with = p->failed_with;
	d->many_failed = p->failed >= FAILED_MIN && p->failed >= d->waits / FAILED_SHARE;
	if (p->busiest && pace_per_second(p->busiest) >= BUSY_PER_SECOND)
		d->busy = p->busiest;
}

bool diagnosis_is_odd(const struct diagnosis *d)
{
	return d->many_failed || d->busy;
}

int diagnosis_make(const struct rules *r, const struct model *m, struct diagnosis *ret_d)
{
	struct diagnosis d = {
		.full = rules_full(r),
		.scans = rules_scans(r),
		.waits = rules_waits(r),
		.passed_over = rules_waits_passed_over(r),
		.ready_unknown = rules_ready_unknown(r),
		.entries = model_interest(m)->entry_numbers,
		.instances = model_interest(m)->numbers,
		.duration_ns = model_now_ns(m) - model_first_ns(m),
		.end_ns = model_now_ns(m),
	};

	d.opaque = rules_opaque(r);
	d.spins = rules_spins_unjudged(r);
	for (const struct finding *f = rules_next(r, NULL); f; f = rules_next(r, f))
		d.count++;
	d.findings = calloc(d.count + 1, sizeof(*d.findings));
	if (!d.findings)
		return -ENOMEM;
	d.count = 0;
	for (const struct finding *f = rules_next(r, NULL); f; f = rules_next(r, f)) {
		d.findings[d.count++] = f;
		d.by_severity[f->severity]++;
	}
	qsort(d.findings, d.count, sizeof(*d.findings), by_weight);
	for (unsigned id = 0; id < RULE_COUNT; id++) {
		d.asked |= rules_asked(r, id) ? RULE_BIT(id) : 0;
		d.checked |= rules_unchecked(r, id) ? 0 : RULE_BIT(id);
	}
	add_paces(&d, rules_paces(r));
	d.halt_count = rules_halts(r, &d.halts);
	*ret_d = d;
	return 0;
}

uint64_t diagnosis_halted_ns(const struct diagnosis *d, const struct halt *h)
{
	return h->total_ns + (h->since_ns ? d->end_ns - h->since_ns : 0);
}

void diagnosis_free(struct diagnosis *d)
{
	free(d->findings);
	*d = (struct diagnosis){0};
}
