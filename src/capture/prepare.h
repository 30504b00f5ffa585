/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * prepare.h - programs that name functions of the kernel, made ready without libbpf's help.
 *
 * libbpf would read all types of the kernel (5 MiB, twice while it parses them) for each object that
 * has an iterator or calls a kernel function, to find a number that core_btf.h knows already.
 */
#ifndef ET_PREPARE_H
#define ET_PREPARE_H

#include "capture/core_btf.h"

#define PREPARE_HANDLERS 3

struct prepare {
	struct core_ids ids; /* to be known before objects are loaded */
	int handlers[PREPARE_HANDLERS];
	unsigned count;
};

/* From here on libbpf hands programs that it opens to prepare. 0 or -errno. */
int prepare_begin(struct prepare *prepare);

void prepare_end(struct prepare *prepare);

#endif
