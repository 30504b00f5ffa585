/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * maps.bpf.c - no program: what maps.bpf.h declares. An object of its own, whose maps and memory
 * the others use, and a part of these.
 */
#include "maps.bpf.h"

#define DEFINE(map) typeof(map) map SEC(".maps")

const volatile struct et_settings settings;
struct et_shared shared;

DEFINE(targets);
DEFINE(ring);
DEFINE(io_files);
DEFINE(ctl_refused);
DEFINE(lapsed);
DEFINE(threads);
DEFINE(threads_by_tid);
DEFINE(scratches);

char LICENSE[] SEC("license") = "Dual BSD/GPL";
