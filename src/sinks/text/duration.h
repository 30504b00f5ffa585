/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * duration.h - durations in tables and sentences.
 */
#ifndef ET_DURATION_H
#define ET_DURATION_H

#include <stdint.h>

/* A duration with three digits and its unit: "850 ns", "1.23 ms", "12.3 s". At most 8 characters. */
void print_duration(char text[16], uint64_t ns);

#endif
