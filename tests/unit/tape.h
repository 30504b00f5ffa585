/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tape.h - recordings in memory: made of records, or of whatever bytes, and read again.
 */
#ifndef ET_UNIT_TAPE_H
#define ET_UNIT_TAPE_H

#include "../../bpf/wire.h"
#include "recording/pack.h"
#include "recording/recorder.h"
#include "recording/replay.h"
#include "base/buf.h"
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ULL

static struct buf tape;	     /* the file */
static struct buf delivered; /* sizes in 32 bits, each with its record, as they came out */
static size_t deliveries;
static unsigned last_kind;
static struct failure failure; /* of the last reading */

static inline int tape_block(void *ctx, const struct recording_block *block, size_t bytes)
{
	(void)ctx;
	buf_append(&tape, block, bytes);
	return 0;
}

static inline struct recording_header tape_header(void)
{
	struct recording_header h;

	recording_header_fill(&h);
	return h;
}

/* A file with that header, its check sum made right, and no block. */
static inline void tape_begin(struct recording_header h)
{
	h.check = 0;
	h.check = crc32(0, (unsigned char *)&h, sizeof(h));
	tape.len = 0;
	buf_append(&tape, &h, sizeof(h));
}

/* Adds a block as b says, whatever is in it; only the check sum is right. */
static inline void tape_add_raw(struct recording_block b, const void *packed, size_t bytes)
{
	b.check = 0;
	b.check = crc32(crc32(0, (unsigned char *)&b, sizeof(b)), packed, bytes);
	buf_append(&tape, &b, sizeof(b));
	buf_append(&tape, packed, bytes);
}

/* Adds a block of these plain bytes. */
static inline void tape_add_plain(const void *plain, size_t bytes, int level)
{
	struct recording_block b = {.magic = BLOCK_MAGIC, .plain_bytes = bytes};
	uLongf room = compressBound(bytes);
	unsigned char *packed = malloc(room);

	CHECK(compress2(packed, &room, plain, bytes, level) == Z_OK);
	b.packed_bytes = room;
	tape_add_raw(b, packed, room);
	free(packed);
}

static inline int tape_deliver(void *ctx, const void *data, size_t size)
{
	const struct et_hdr *h = data;
	uint32_t bytes = size;

	if (ctx) {
		buf_append(&delivered, &bytes, sizeof(bytes));
		buf_append(&delivered, data, size);
	}
	deliveries++;
	last_kind = h->kind;
	return 0;
}

/* Reads a file of these bytes; what came out is kept where keeps is true. */
static inline int tape_read_bytes(const void *bytes, size_t size, bool keeps)
{
	struct record_sink sink = {tape_deliver, keeps ? &delivered : NULL};
	FILE *stream = size ? fmemopen((void *)bytes, size, "r") : fopen("/dev/null", "r");
	int err;

	delivered.len = 0;
	deliveries = 0;
	last_kind = ET_KIND_NONE;
	failure = (struct failure){0};
	err = replay_stream(stream, "tape", &sink, &failure);
	fclose(stream);
	return err;
}

static inline int tape_read(void)
{
	return tape_read_bytes(tape.data, tape.len, true);
}

static inline struct et_hdr tape_hdr(enum et_kind kind, size_t size, uint64_t ms)
{
	return (struct et_hdr){
		.kind = kind, .size = size, .time_ns = ms * MS, .user_tgid = 7, .user_tid = 7};
}

static inline struct et_start tape_start(void)
{
	return (struct et_start){.h = tape_hdr(ET_KIND_START, sizeof(struct et_start), 1000),
				 .utc_offset_s = 3600};
}

static inline struct et_end tape_end(uint64_t ms)
{
	return (struct et_end){.h = tape_hdr(ET_KIND_END, sizeof(struct et_end), ms)};
}

static inline void tape_add(struct packer *p, const void *record)
{
	const struct et_hdr *h = record;

	CHECK(!packer_add(p, h->kind, record, h->size, h->time_ns));
}

static inline void tape_free(void)
{
	buf_free(&tape);
	buf_free(&delivered);
}

#endif
