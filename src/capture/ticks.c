/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/ticks.h"

#include <bpf/bpf.h>

void ticks_report_clock(struct ticks *t, struct delivery *d, const struct et_shared *shared)
{
	struct et_clock r = {.h = delivery_header(d, ET_KIND_CLOCK, sizeof(r))};
	struct clock_offsets now;

	if (!clock_read_offsets(&d->shift, &now) || !clock_has_stepped(&t->offsets, &now))
		return;
	t->offsets = now;
	r.h.time_ns = t->last_ns ? t->last_ns : shared->armed_ns;
	r.realtime_offset_ns = now.realtime_ns;
	r.boottime_offset_ns = now.boottime_ns;
	r.utc_offset_s = now.utc_offset_s;
	deliver(d, &r, sizeof(r));
}

void ticks_report_time(struct ticks *t, struct delivery *d, const struct ring *ring)
{
	struct et_tick r = {.h = delivery_header(d, ET_KIND_TICK, sizeof(r))};

	if (ring->progress_ns)
		r.h.time_ns = ring->progress_ns;
	if (ring->stopped_ns && r.h.time_ns > ring->stopped_ns)
		r.h.time_ns = ring->stopped_ns;
	t->last_ns = r.h.time_ns;
	deliver(d, &r, sizeof(r));
}

static uint64_t count_missed_of(const struct bpf_object *obj)
{
	struct bpf_program *prog;
	uint64_t missed = 0;

	bpf_object__for_each_program(prog, obj) {
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);
		int fd = bpf_program__fd(prog);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len))
			missed += info.recursion_misses;
	}
	return missed;
}

/* Programs that the kernel left out because one was running on that CPU already. */
static uint64_t count_missed(const struct programs *p)
{
	uint64_t missed = 0;

	for (unsigned i = 0; i < p->object_count; i++)
		missed += count_missed_of(p->objects[i]);
	return missed;
}

/* Notes the losses since the last time; were there any? */
static bool count_lost(struct ticks *t, const struct et_shared *shared, struct et_lost *r)
{
	bool any = false;

	for (unsigned i = 0; i < ET_KIND_COUNT; i++) {
		uint64_t now = __atomic_load_n(&shared->lost[i], __ATOMIC_RELAXED);

		r->count[i] = now - t->lost[i];
		t->lost[i] = now;
		any |= r->count[i] != 0;
	}
	return any;
}

void ticks_report_lost(struct ticks *t, struct delivery *d, const struct et_shared *shared)
{
	struct et_lost r = {.h = delivery_header(d, ET_KIND_LOST, sizeof(r))};

	if (count_lost(t, shared, &r))
		deliver(d, &r, sizeof(r));
}

void ticks_report_last_lost(struct ticks *t, struct delivery *d, const struct programs *p)
{
	struct et_lost r = {.h = delivery_header(d, ET_KIND_LOST, sizeof(r))};

	count_lost(t, p->shared, &r);
	r.missed = count_missed(p);
	deliver(d, &r, sizeof(r));
}
