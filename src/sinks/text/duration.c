/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/text/duration.h"

#include <stdio.h>

void print_duration(char text[16], uint64_t ns)
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	double v = ns;
	unsigned u = 0;

	while (u < 3 && v >= 999.5) {
		v /= 1000;
		u++;
	}
	if (u == 0)
		snprintf(text, 16, "%.0f ns", v);
	else
		snprintf(text, 16,
			 v < 9.995   ? "%.2f %s"
			 : v < 99.95 ? "%.1f %s"
				     : "%.0f %s",
			 v, units[u]);
}
