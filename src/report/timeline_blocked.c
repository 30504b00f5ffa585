/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many threads of a process are in a wait that may block. */
#include "report/timeline_internal.h"

#include <stdlib.h>

/* So many changes are kept at most, whatever --blocked-after says. */
#define CHANGES_MAX (1u << 20)

void timeline_release_proc(struct timeline *t, struct proc *p)
{
	if (p->gone && !p->pending)
		bounds_free(timeline_bounds(t), p, sizeof(*p));
}

static void report_count(struct timeline *t, struct proc *p)
{
	if (!p->counted) {
		p->counted = true;
		p->counter = (struct track){
			.kind = TRACK_COUNTER,
			.id = track_id(ID_OTHER, ++t->ids),
			.parent = p->track.id,
			.pid = p->pid,
			.name = "blocked threads",
		};
		t->w.track(t->w.ctx, &p->counter);
	}
	args_clear(&t->args);
	timeline_emit(t, &(struct track_event){.kind = HAPPENS_VALUE,
					       .track = &p->counter,
					       .time_ns = t->emitted_ns,
					       .name = p->counter.name,
					       .value = p->blocked});
}

static bool same_again(const struct heap *c, const struct heap_item *taken)
{
	return c->count && c->at[0].time_ns == taken->time_ns && c->at[0].of == taken->of;
}

static void report_earliest(struct timeline *t)
{
	struct heap_item c = heap_take(&t->changes);
	struct proc *p = c.of;

	if (c.time_ns > t->emitted_ns)
		t->emitted_ns = c.time_ns;
	p->blocked += c.delta;
	p->pending--;
	if (!same_again(&t->changes, &c))
		report_count(t, p);
	timeline_release_proc(t, p);
}

void timeline_emit_counts(struct timeline *t, uint64_t before_ns)
{
	while (t->changes.count && t->changes.at[0].time_ns < before_ns)
		report_earliest(t);
}

static void add_change(struct timeline *t, struct proc *p, uint64_t time_ns, int delta)
{
	if (t->changes.count >= CHANGES_MAX)
		report_earliest(t);
	if (!heap_add(&t->changes, (struct heap_item){time_ns, p, delta}))
		p->pending++;
}

void timeline_blocks(struct timeline *t, struct thread *th, uint64_t from_ns)
{
	if (th->waits_from_ns == from_ns)
		return;
	if (th->waits_from_ns) /* its return was lost */
		add_change(t, th->proc, from_ns, -1);
	add_change(t, th->proc, from_ns, 1);
	th->waits_from_ns = from_ns;
}

void timeline_unblocks(struct timeline *t, struct thread *th, uint64_t from_ns, uint64_t to_ns)
{
	timeline_blocks(t, th, from_ns);
	add_change(t, th->proc, to_ns, -1);
	th->waits_from_ns = 0;
}
