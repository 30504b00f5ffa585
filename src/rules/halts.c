/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes that were stopped or frozen. */
#include "rules/rule.h"

/* How a process was halted before, or a new row; NULL: there is no room. */
static struct halt *halt_of(struct rules *r, const struct view *v)
{
	for (size_t i = 0; i < r->halt_count; i++)
		if (r->halts[i].pid == v->pid && r->halts[i].how == v->halt.how)
			return &r->halts[i];
	if (r->halt_count == HALTS_MAX)
		return NULL;
	r->halts[r->halt_count] = (struct halt){.pid = v->pid, .how = v->halt.how};
	return &r->halts[r->halt_count++];
}

void halts_note(struct rules *r, const struct view *v)
{
	struct halt *h = halt_of(r, v);

	if (!h)
		return;
	if (v->kind == VIEW_RESUMED)
		h->total_ns += v->time_ns - v->halt.since_ns;
	h->since_ns = v->kind == VIEW_HALTED ? v->time_ns : 0;
}

/* It may be killed meanwhile. */
void halts_end(struct rules *r, const struct view *v)
{
	for (struct halt *h = r->halts; h < r->halts + r->halt_count; h++) {
		if (h->pid != v->pid || !h->since_ns)
			continue;
		h->total_ns += v->time_ns - h->since_ns;
		h->since_ns = 0;
	}
}

size_t rules_halts(const struct rules *r, const struct halt **ret_halts)
{
	*ret_halts = r->halts;
	return r->halt_count;
}
