/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * looks.bpf.c - what is, as iterators see it.
 *
 *   look.h        who is who, and what threads are doing
 *   look_files.h  instances, their entries, and the files watched
 *   pending.h     what waits in a file
 *   touched.h     whether anybody has read from it or written to it
 */
#include "look_files.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
