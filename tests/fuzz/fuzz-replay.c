/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The reader of recordings. The first byte of an input says what the rest is:
 *
 *	RAW	a file as it is;
 *	FIXED	a file whose check sums are made right, and its lengths where they run over its end;
 *	FRAMES	blocks, each behind its length in 16 bits, of what they inflate to;
 *	RECORDS	records, each behind its length in 16 bits: they must come out as they went in.
 */
#include "../../bpf/wire.h"
#include "fuzz.h"
#include "recording/pack.h"
#include "recording/recorder.h"
#include "recording/replay.h"

#include <errno.h>
#include <stdbool.h>

enum {
	RAW,
	FIXED,
	FRAMES,
	RECORDS,
	KINDS
};

#define FILE_MAX    (1u << 20)
#define RECORDS_MAX 20000 /* bounds the time of one input */

static unsigned char file[FILE_MAX];
static size_t file_size;

/* What came out, and for RECORDS what went in. */
struct delivery {
	struct input expected;
	bool compares, cut;
	size_t count;
	unsigned last_kind;
	unsigned sum; /* of all bytes, so that all are read */
};

/* Is it what went in? If what follows is refused, an end is delivered that nobody wrote. */
static void compare(struct delivery *d, const void *data, size_t size)
{
	size_t len = 0;
	const uint8_t *want = take_bytes(&d->expected, &len);

	if (want && len == size && !memcmp(data, want, size))
		return;
	MUST(d->last_kind == ET_KIND_END);
	d->cut = true;
}

static int take(void *ctx, const void *data, size_t size)
{
	struct delivery *d = ctx;
	const struct et_hdr *h = data;
	const unsigned char *bytes = data;

	MUST((uintptr_t)data % 8 == 0 && size >= sizeof(*h) && h->size == size);
	MUST((h->kind == ET_KIND_START) == !d->count && d->last_kind != ET_KIND_END);
	d->last_kind = h->kind;
	for (size_t i = 0; i < size; i++)
		d->sum += bytes[i];
	if (d->compares)
		compare(d, data, size);
	return ++d->count < RECORDS_MAX ? 0 : -ECANCELED;
}

static void replay(struct delivery *d)
{
	struct record_sink sink = {take, d};
	struct failure f = {0};
	FILE *stream = file_size ? fmemopen(file, file_size, "r") : fopen("/dev/null", "r");
	int err;

	MUST(stream);
	err = replay_stream(stream, "input", &sink, &f);
	fclose(stream);
	if (err == -ECANCELED)
		return;
	MUST(!err == !f.what[0]);
	MUST(err || (d->count && !d->cut && !d->expected.left));
	MUST(!d->count || d->last_kind == ET_KIND_END);
}

static void append(const void *data, size_t size)
{
	if (size > FILE_MAX - file_size)
		return;
	memcpy(file + file_size, data, size);
	file_size += size;
}

static void put_header(void)
{
	struct recording_header h;

	recording_header_fill(&h);
	append(&h, sizeof(h));
}

static void mend_header(void)
{
	struct recording_header h;

	if (file_size < sizeof(h))
		return;
	memcpy(&h, file, sizeof(h));
	memcpy(h.magic, RECORDING_MAGIC, sizeof(h.magic));
	h.order = RECORDING_ORDER;
	h.version = RECORDING_VERSION;
	h.check = 0;
	h.check = crc32(0, (const unsigned char *)&h, sizeof(h));
	memcpy(file, &h, sizeof(h));
}

static void fix(void)
{
	size_t at = sizeof(struct recording_header);
	struct recording_block b;

	mend_header();
	while (at + sizeof(b) <= file_size) {
		size_t room = file_size - at - sizeof(b);

		memcpy(&b, file + at, sizeof(b));
		if (b.packed_bytes > room)
			b.packed_bytes = room;
		b.magic = BLOCK_MAGIC;
		b.check = 0;
		b.check = crc32(crc32(0, (const unsigned char *)&b, sizeof(b)),
				file + at + sizeof(b), b.packed_bytes);
		memcpy(file + at, &b, sizeof(b));
		at += sizeof(b) + b.packed_bytes;
	}
}

static void put_block(const uint8_t *plain, size_t len)
{
	static unsigned char packed[80000];
	struct recording_block b = {.magic = BLOCK_MAGIC, .plain_bytes = len};
	uLongf packed_len = sizeof(packed);

	MUST(compress2(packed, &packed_len, plain, len, 1) == Z_OK);
	b.packed_bytes = packed_len;
	b.check = crc32(crc32(0, (const unsigned char *)&b, sizeof(b)), packed, packed_len);
	append(&b, sizeof(b));
	append(packed, packed_len);
}

static int append_block(void *ctx, const struct recording_block *block, size_t bytes)
{
	(void)ctx;
	append(block, bytes);
	return 0;
}

/* Packs what can be packed; an input with other records is not compared. */
static bool pack_records(struct input in)
{
	static struct packer p; /* making one takes longer than all else */
	const uint8_t *bytes;
	bool sound = true;
	size_t len;

	if (!p.fn)
		MUST(!packer_init(&p, append_block, NULL));
	while (sound && (bytes = take_bytes(&in, &len))) {
		struct et_hdr h;

		sound = len >= sizeof(h);
		if (!sound)
			break;
		memcpy(&h, bytes, sizeof(h));
		sound = h.size == len && h.kind < DELTA_KINDS && len <= DELTA_RECORD_MAX;
		if (sound)
			MUST(!packer_add(&p, h.kind, bytes, len, h.time_ns));
	}
	MUST(!packer_flush(&p));
	return sound;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	unsigned kind = take_byte(&in);
	struct delivery d = {0};
	const uint8_t *bytes;
	size_t len;

	file_size = 0;
	if (kind % KINDS >= FRAMES)
		put_header();
	if (kind % KINDS < FRAMES)
		append(in.at, in.left);
	if (kind % KINDS == FIXED)
		fix();
	if (kind % KINDS == RECORDS) {
		d.compares = pack_records(in);
		d.expected = d.compares ? in : d.expected;
	}
	while (kind % KINDS == FRAMES && (bytes = take_bytes(&in, &len)))
		put_block(bytes, len);
	replay(&d);
	return 0;
}
