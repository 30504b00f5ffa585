/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pack.h - records into the blocks of a recording.
 */
#ifndef ET_PACK_H
#define ET_PACK_H

#include "recording/delta.h"
#include "recording/recording.h"

#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

/* Takes a finished block: its header with what follows. 0 or -errno, which is handed on. */
typedef int block_fn(void *ctx, const struct recording_block *block, size_t bytes);

struct packer {
	block_fn *fn;
	void *ctx;
	z_stream deflater;
	struct delta *delta;
	unsigned char *plain;
	size_t used;
	uint64_t first_ns, last_ns;    /* of the records in plain */
	struct recording_block *block; /* BLOCK_PACKED_MAX bytes after it */
};

/* 0 or -ENOMEM. */
int packer_init(struct packer *p, block_fn *fn, void *ctx);

void packer_free(struct packer *p);

/* Adds one record of that kind. 0, -EMSGSIZE if no recording holds it, or what fn said. */
int packer_add(struct packer *p, unsigned kind, const void *record, size_t size, uint64_t time_ns);

/* Ends the block. 0 or what fn said. */
int packer_flush(struct packer *p);

#endif
