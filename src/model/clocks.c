/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/clocks.h"

#include <string.h>

void clocks_step(struct clocks *c, uint64_t since_ns, const struct clock_event *offsets)
{
	if (c->count == CLOCKS_STEPS_MAX)
		memmove(c->steps, c->steps + 1, --c->count * sizeof(c->steps[0]));
	c->steps[c->count].since_ns = since_ns;
	c->steps[c->count++].offsets = *offsets;
}

const struct clock_event *clocks_at(const struct clocks *c, uint64_t time_ns)
{
	static const struct clock_event none;
	unsigned i = c->count;

	while (i > 1 && c->steps[i - 1].since_ns > time_ns)
		i--;
	return i ? &c->steps[i - 1].offsets : &none;
}

uint64_t clocks_real_ns(const struct clocks *c, uint64_t time_ns)
{
	return time_ns + clocks_at(c, time_ns)->realtime_offset_ns;
}
