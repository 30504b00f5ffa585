/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Recordings: what goes in comes out, and a damaged one gives what stands before the damage. */
#include "tape.h"

#include <fcntl.h>
#include <sys/mman.h>

static struct buf written; /* as delivered is, what went in */
static uint64_t seed;

static uint64_t random64(void)
{
	seed += 0x9e3779b97f4a7c15ULL;
	uint64_t x = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9ULL;

	return x ^ (x >> 29);
}

static void note(const void *record)
{
	uint32_t size = ((const struct et_hdr *)record)->size;

	buf_append(&written, &size, sizeof(size));
	buf_append(&written, record, size);
}

/* A record of that size, of noise, or like the last one but for some words. */
static void *next_record(unsigned kind, size_t size, bool noise, uint64_t ms)
{
	static uint64_t words[DELTA_WORDS];
	size_t count = (size + 7) / 8;
	struct et_hdr h = tape_hdr(kind, size, ms);

	if (noise)
		for (size_t i = 0; i < count; i++)
			words[i] = random64();
	else
		for (int i = 0; i < 3; i++)
			words[random64() % count] += random64() % 1000 - 500;
	memcpy(words, &h, sizeof(h));
	return words;
}

static void record(struct recorder *r, const void *data)
{
	note(data);
	CHECK(!recorder_take(r, data, ((const struct et_hdr *)data)->size));
}

/* Every kind in every one of these sizes, twice. */
static void record_all(struct recorder *r)
{
	static const size_t sizes[] = {32,  33,	  39,	40,   41,   64,	   71,	  72,	80,
				       200, 1000, 1001, 4096, 9999, 20472, 20479, 20480};
	const size_t count = sizeof(sizes) / sizeof(sizes[0]);
	uint64_t ms = 1001;

	for (unsigned round = 0; round < 2; round++)
		for (unsigned kind = 0; kind < DELTA_KINDS; kind++)
			for (size_t i = 0; i < count; i++)
				if (kind != ET_KIND_START && kind != ET_KIND_END)
					record(r, next_record(kind, sizes[(i * 5 + kind) % count],
							      random64() % 4 == 0, ms++));
}

/* The file that a recorder has written, back into the tape. */
static void load(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);

	tape.len = 0;
	if (buf_room(&tape, size))
		tape.len = pread(fd, tape.data, size, 0);
	CHECK(tape.len == (size_t)size);
}

static void test_round_trip(void)
{
	struct et_start start = tape_start();
	struct et_end end = tape_end(100000);
	struct failure f = {0};
	struct recorder *r;
	char path[64];
	int fd = memfd_create("tape", MFD_CLOEXEC);

	written.len = 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(!recorder_open(path, &r, &f));
	record(r, &start);
	record_all(r);
	CHECK(recorder_take(r, next_record(5, 32, false, 1), 0) == -EMSGSIZE);
	CHECK(recorder_take(r, next_record(5, 32, false, 1), DELTA_RECORD_MAX + 1) == -EMSGSIZE);
	CHECK(recorder_take(r, next_record(DELTA_KINDS, 32, false, 1), 32) == -EMSGSIZE);
	record(r, &end);
	CHECK(!recorder_close(r));
	load(fd);
	close(fd);
	CHECK(tape.len > 4 * BLOCK_PLAIN_MAX);
	CHECK(!tape_read() && !failure.what[0]);
	CHECK(delivered.len == written.len && !memcmp(delivered.data, written.data, written.len));
}

/* A small recording of four blocks. */
static void make_small(void)
{
	struct et_start start = tape_start();
	struct et_end end = tape_end(1100);
	struct packer p;

	written.len = 0;
	tape_begin(tape_header());
	CHECK(!packer_init(&p, tape_block, NULL));
	note(&start);
	tape_add(&p, &start);
	for (uint64_t i = 0; i < 24; i++) {
		unsigned kind = ET_KIND_TICK + i % 7;
		void *rec = next_record(kind == ET_KIND_END ? ET_KIND_TICK : kind, 32 + i % 3 * 8,
					i == 9, 1001 + i);

		note(rec);
		tape_add(&p, rec);
		if (i % 8 == 7)
			CHECK(!packer_flush(&p));
	}
	note(&end);
	tape_add(&p, &end);
	CHECK(!packer_flush(&p));
	packer_free(&p);
	CHECK(!tape_read() && delivered.len == written.len);
}

/* What came out: so much of what went in, and then an end, or nothing at all. */
static bool is_beginning(void)
{
	size_t end_bytes = sizeof(uint32_t) + sizeof(struct et_end);

	if (!deliveries)
		return true;
	return last_kind == ET_KIND_END && delivered.len >= end_bytes &&
	       delivered.len <= written.len &&
	       !memcmp(delivered.data, written.data, delivered.len - end_bytes);
}

static void test_truncated(void)
{
	size_t most = 0;

	make_small();
	for (size_t size = 0; size < tape.len; size++) {
		CHECK(tape_read_bytes(tape.data, size, true) == -EBADMSG);
		CHECK(failure.what[0] && is_beginning());
		CHECK(deliveries >= most); /* the more there is, the more comes out */
		most = deliveries;
	}
	CHECK(most > 16);
}

static void test_flipped(void)
{
	size_t most = 0;

	make_small();
	for (size_t bit = 0; bit < tape.len * 8; bit++) {
		tape.data[bit / 8] ^= 1 << bit % 8;
		CHECK(tape_read() == -EBADMSG);
		CHECK(failure.what[0] && is_beginning());
		if (deliveries > most)
			most = deliveries;
		tape.data[bit / 8] ^= 1 << bit % 8;
	}
	CHECK(most > 16);
	CHECK(!tape_read());
}

/* Streams so regular that zlib would make nearly nothing of them are blocks that can be read. */
static void test_regular(void)
{
	struct et_start start = tape_start();
	struct et_close r = {.h = tape_hdr(ET_KIND_CLOSE, sizeof(r), 1001)};
	struct et_end end = tape_end(1100);
	struct packer p;

	tape_begin(tape_header());
	CHECK(!packer_init(&p, tape_block, NULL));
	tape_add(&p, &start);
	for (r.fd = 0; r.fd < 200000; r.fd++) {
		r.file += 256;
		tape_add(&p, &r);
	}
	tape_add(&p, &end);
	CHECK(!packer_flush(&p));
	packer_free(&p);
	CHECK(!tape_read_bytes(tape.data, tape.len, false));
	CHECK(deliveries == 200002 && tape.len < 1000000);
}

static int refuse(void *ctx, const void *data, size_t size)
{
	(void)ctx;
	(void)data;
	(void)size;
	return -EPIPE;
}

/* What the sink says is no fault of the file. */
static void test_sink_fails(void)
{
	struct record_sink sink = {refuse, NULL};
	struct failure f = {0};
	FILE *stream;

	make_small();
	stream = fmemopen(tape.data, tape.len, "r");
	CHECK(replay_stream(stream, "tape", &sink, &f) == -EPIPE && !f.what[0]);
	fclose(stream);
}

int main(void)
{
	test_round_trip();
	test_truncated();
	test_flipped();
	test_regular();
	test_sink_fails();
	tape_free();
	buf_free(&written);
	return unit_failed;
}
