/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "recording/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Records of one loop resemble each other so much that looking harder gains little. */
#define LEVEL 1

int packer_init(struct packer *p, block_fn *fn, void *ctx)
{
	*p = (struct packer){.fn = fn, .ctx = ctx};
	p->plain = malloc(BLOCK_PLAIN_MAX);
	p->block = malloc(sizeof(*p->block) + BLOCK_PACKED_MAX);
	p->delta = calloc(1, sizeof(*p->delta));
	if (!p->delta || !p->plain || !p->block || deflateInit(&p->deflater, LEVEL) != Z_OK) {
		packer_free(p);
		return -ENOMEM;
	}
	return 0;
}

void packer_free(struct packer *p)
{
	free(p->delta);
	free(p->plain);
	free(p->block);
	deflateEnd(&p->deflater);
	*p = (struct packer){0};
}

/* Never fails: BLOCK_PACKED_MAX is more than deflateBound() of a full block. */
static size_t pack_by(struct packer *p, int strategy)
{
	z_stream *z = &p->deflater;

	deflateReset(z);
	z->next_out = (unsigned char *)(p->block + 1);
	z->avail_out = BLOCK_PACKED_MAX;
	z->avail_in = 0;
	deflateParams(z, LEVEL, strategy);
	z->next_in = p->plain;
	z->avail_in = p->used;
	deflate(z, Z_FINISH);
	return z->total_out;
}

/* Huffman codes alone take a bit a byte at least: less than BLOCK_RATIO_MAX. */
static size_t pack_block(struct packer *p)
{
	size_t bytes = pack_by(p, Z_DEFAULT_STRATEGY);

	return p->used / BLOCK_RATIO_MAX > bytes ? pack_by(p, Z_HUFFMAN_ONLY) : bytes;
}

int packer_flush(struct packer *p)
{
	struct recording_block *b = p->block;
	size_t bytes;

	if (!p->used)
		return 0;
	*b = (struct recording_block){
		.magic = BLOCK_MAGIC,
		.packed_bytes = pack_block(p),
		.plain_bytes = p->used,
		.first_ns = p->first_ns,
		.last_ns = p->last_ns,
	};
	bytes = sizeof(*b) + b->packed_bytes;
	b->check = crc32(0, (unsigned char *)b, bytes);
	p->used = 0;
	delta_reset(p->delta);
	return p->fn(p->ctx, b, bytes);
}

int packer_add(struct packer *p, unsigned kind, const void *record, size_t size, uint64_t time_ns)
{
	size_t bytes;
	int err;

	if (BLOCK_PLAIN_MAX - p->used < FRAME_MAX) {
		err = packer_flush(p);
		if (err)
			return err;
	}
	bytes = delta_put(p->delta, kind, record, size, p->plain + p->used);
	if (!bytes)
		return -EMSGSIZE;
	if (!p->used)
		p->first_ns = time_ns;
	if (time_ns > p->last_ns) /* calls come with the time of their entry */
		p->last_ns = time_ns;
	p->used += bytes;
	return 0;
}
