/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * maps.bpf.c - no program: only the maps and the memory that the other objects share.
 */
#include "state.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
