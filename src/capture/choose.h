/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * choose.h - which programs of an opened object are loaded, and their settings, by what the kernel
 * has and what is asked for.
 */
#ifndef ET_CHOOSE_H
#define ET_CHOOSE_H

#include "capture/load.h"

/* Asks what the kernel has; tracefs is open. */
void programs_probe(struct programs *p, const struct live_options *opt, int tracefs);

void choose_scans(struct programs *p);
void choose_calls(struct programs *p, const struct live_options *opt);
void choose_io_uring(struct programs *p);

void choose_settings(struct programs *p, const struct live_options *opt, size_t ring_bytes);

/* The system call tracepoint of a program, NULL if it is of another kind. */
const char *program_tracepoint(const struct bpf_program *prog);

#endif
