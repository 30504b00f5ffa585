/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000LL
#define TRIES	 5
#define SPAN_NS	 50000	 /* within which clocks are taken to be read at one time */
#define STEP_NS	 1000000 /* less is the clock being slewed, or the reading of it */

static int64_t read_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

struct clock_shift clock_read_shift(void)
{
	struct clock_shift shift = {0};
	FILE *f = fopen("/proc/self/timens_offsets", "re"); /* "monotonic  SECONDS  NS" */
	long long s, ns;
	char name[16];

	while (f && fscanf(f, "%15s %lld %lld", name, &s, &ns) == 3) {
		if (!strcmp(name, "monotonic"))
			shift.monotonic_ns = s * NS_PER_S + ns;
		else if (!strcmp(name, "boottime"))
			shift.boottime_ns = s * NS_PER_S + ns;
	}
	if (f)
		fclose(f);
	return shift;
}

uint64_t clock_now_ns(const struct clock_shift *shift)
{
	return read_ns(CLOCK_MONOTONIC) - shift->monotonic_ns;
}

static int32_t utc_offset_s(void)
{
	time_t now = time(NULL);
	struct tm tm;

	return localtime_r(&now, &tm) ? tm.tm_gmtoff : 0;
}

bool clock_read_offsets(const struct clock_shift *shift, struct clock_offsets *ret)
{
	int64_t span_ns = INT64_MAX;

	for (int i = 0; i < TRIES && span_ns > SPAN_NS; i++) {
		int64_t before_ns = clock_now_ns(shift), real_ns = read_ns(CLOCK_REALTIME);
		int64_t boot_ns = read_ns(CLOCK_BOOTTIME) - shift->boottime_ns;
		int64_t took_ns = clock_now_ns(shift) - before_ns;

		if (took_ns >= span_ns)
			continue;
		span_ns = took_ns;
		ret->realtime_ns = real_ns - before_ns;
		ret->boottime_ns = boot_ns - before_ns;
	}
	ret->utc_offset_s = utc_offset_s();
	return span_ns <= SPAN_NS;
}

static bool offsets_differ(int64_t a, int64_t b)
{
	return llabs(a - b) >= STEP_NS;
}

bool clock_has_stepped(const struct clock_offsets *a, const struct clock_offsets *b)
{
	return offsets_differ(a->realtime_ns, b->realtime_ns) ||
	       offsets_differ(a->boottime_ns, b->boottime_ns) || a->utc_offset_s != b->utc_offset_s;
}
