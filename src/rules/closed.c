/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "rules/closed.h"

#include "rules/facts.h"

struct search {
	int fd;
	uint64_t table;
	uint32_t closer;
	uint64_t before_ns;
	const struct entry *last;
};

static void take_if_later(struct search *s, const struct entry *e)
{
	if (e->fd != s->fd || !e->closer || (s->closer && e->closer != s->closer))
		return;
	if ((s->table && e->table && e->table != s->table) || e->closed_ns >= s->before_ns)
		return;
	if (!s->last || e->closed_ns > s->last->closed_ns)
		s->last = e;
}

/* Gone ones are newest first. */
static void search_instance(const struct rules *r, const struct instance *inst, struct search *s)
{
	const struct entry *e = interest_by_number(model_interest(r->model), inst, s->fd);

	for (; e && model_affords(r->model, 1); e = interest_by_number_next(e))
		if (e->state == ENTRY_CLOSED)
			take_if_later(s, e);
	for (e = inst->gone_entries; e && model_affords(r->model, 1); e = e->next) {
		if (s->last && e->ended_ns < s->last->closed_ns)
			break;
		take_if_later(s, e);
	}
}

const struct entry *closed_before(const struct rules *r, int fd, uint64_t table, uint32_t closer,
				  uint64_t before_ns)
{
	struct search s = {fd, table, closer, before_ns, NULL};

	for (const struct instance *i = model_interest(r->model)->instances; i; i = i->next)
		search_instance(r, i, &s);
	return s.last;
}

bool evidence_closed(struct rules *r, struct finding *f, int fd, uint64_t table, uint64_t at_ns)
{
	const struct entry *e = closed_before(r, fd, table, 0, at_ns);

	if (!e)
		return false;
	evidence(f, "descriptor %d was <%s> until thread %u closed it, %.1f s before", fd,
		 e->name ? e->name : "?", e->closer, seconds(at_ns - e->closed_ns));
	return true;
}
