/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "recording/replay.h"

#include "base/log.h"
#include "recording/delta.h"
#include "recording/recording.h"
#include "../../bpf/wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

static const char no_recording_hint[] = "epolltrace --record FILE makes one";
static const char cut_off[] = "it was cut off";
static const char is_damaged[] = "it is damaged";
static const char is_bomb[] = "it inflates to more than a recording does";
static const char goes_on[] = "it goes on after its end";

struct replay {
	FILE *stream;
	const char *name;
	const struct record_sink *sink;
	uint64_t at; /* byte of the file where the block under way begins */
	z_stream inflater;
	struct delta delta;
	int64_t realtime_offset_ns; /* for the time at which a recording ends early */
	int32_t utc_offset_s;
	uint64_t last_ns;    /* the latest so far */
	bool started, ended; /* the record that says so was there */
	struct recording_block block;
	unsigned char packed[BLOCK_PACKED_MAX], plain[BLOCK_PLAIN_MAX];
};

/* Why reading ends before the end; NULL: it goes on. */
typedef const char *complaint;

/* One start, first, and one end, last; all else is for the decoder to judge. */
static bool is_in_order(const struct replay *r, const void *record, size_t size)
{
	const struct et_hdr *h = record;

	if (size < sizeof(*h) || h->size != size)
		return false;
	if (h->kind == ET_KIND_START || !r->started)
		return h->kind == ET_KIND_START && !r->started && size == sizeof(struct et_start);
	return h->kind != ET_KIND_END || size == sizeof(struct et_end);
}

static void take_clock(struct replay *r, const struct et_hdr *h)
{
	const struct et_start *start = (const struct et_start *)h;
	const struct et_clock *clock = (const struct et_clock *)h;
	bool first = h->kind == ET_KIND_START;

	r->realtime_offset_ns = first ? start->realtime_offset_ns : clock->realtime_offset_ns;
	r->utc_offset_s = first ? start->utc_offset_s : clock->utc_offset_s;
	r->started = true;
}

static int deliver_record(struct replay *r, const void *record, size_t size)
{
	const struct et_hdr *h = record;

	if (h->kind == ET_KIND_START ||
	    (h->kind == ET_KIND_CLOCK && size == sizeof(struct et_clock)))
		take_clock(r, record);
	r->ended = h->kind == ET_KIND_END;
	if (h->time_ns > r->last_ns) /* calls come with the time of their entry */
		r->last_ns = h->time_ns;
	return r->sink->take(r->sink->ctx, record, size);
}

static complaint deliver_block(struct replay *r, int *ret_err)
{
	const unsigned char *at = r->plain, *end = r->plain + r->block.plain_bytes;
	const void *record;
	size_t size;

	delta_reset(&r->delta);
	while (at < end) {
		size_t bytes = delta_get(&r->delta, at, end - at, &record, &size);

		if (r->ended)
			return goes_on;
		if (!bytes || !is_in_order(r, record, size))
			return is_damaged;
		at += bytes;
		*ret_err = deliver_record(r, record, size);
		if (*ret_err)
			return NULL;
	}
	return NULL;
}

static bool inflate_block(struct replay *r)
{
	z_stream *z = &r->inflater;

	inflateReset(z);
	z->next_in = r->packed;
	z->avail_in = r->block.packed_bytes;
	z->next_out = r->plain;
	z->avail_out = r->block.plain_bytes;
	return inflate(z, Z_FINISH) == Z_STREAM_END && !z->avail_out && !z->avail_in;
}

static bool check_fits(const struct replay *r)
{
	struct recording_block b = r->block;
	uint32_t check;

	b.check = 0;
	check = crc32(0, (const unsigned char *)&b, sizeof(b));
	return crc32(check, r->packed, b.packed_bytes) == r->block.check;
}

/* Reads the next block. At the end of the file *ret_end is true. */
static complaint read_block(struct replay *r, bool *ret_end)
{
	struct recording_block *b = &r->block;
	size_t n = fread(b, 1, sizeof(*b), r->stream);

	*ret_end = !n && !ferror(r->stream);
	if (*ret_end)
		return NULL;
	if (ferror(r->stream))
		return log_errno(errno);
	if (n < sizeof(*b))
		return cut_off;
	if (b->magic != BLOCK_MAGIC || !b->plain_bytes || b->plain_bytes > BLOCK_PLAIN_MAX ||
	    !b->packed_bytes || b->packed_bytes > BLOCK_PACKED_MAX)
		return is_damaged;
	if (fread(r->packed, 1, b->packed_bytes, r->stream) < b->packed_bytes)
		return ferror(r->stream) ? log_errno(errno) : cut_off;
	if (!check_fits(r))
		return is_damaged;
	if (b->plain_bytes / BLOCK_RATIO_MAX > b->packed_bytes)
		return is_bomb;
	return inflate_block(r) ? NULL : is_damaged;
}

/* The sink gets an end even if the file has none. */
static void deliver_end(struct replay *r)
{
	struct et_end end = {
		.h = {.kind = ET_KIND_END, .size = sizeof(end), .time_ns = r->last_ns}};

	r->sink->take(r->sink->ctx, &end, sizeof(end));
}

/* What is wrong so far is said in *failure. */
static int end_early(struct replay *r, complaint why, struct failure *f)
{
	uint64_t real_ns = r->last_ns + r->realtime_offset_ns;
	time_t local_s = real_ns / 1000000000 + r->utc_offset_s;
	struct tm tm = {0};

	if (!r->started)
		return fail(f, -EBADMSG, NULL, "recording '%s' holds nothing that can be read: %s",
			    r->name, why);
	if (r->ended)
		return fail(f, -EBADMSG, "what came before has been read",
			    "recording '%s' is wrong at byte %llu: %s", r->name,
			    (unsigned long long)r->at, why);
	gmtime_r(&local_s, &tm);
	deliver_end(r);
	return fail(f, -EBADMSG, "what came before has been read",
		    "recording '%s' ends early, at %02d:%02d:%02d.%06d, byte %llu: %s", r->name,
		    tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(real_ns % 1000000000 / 1000),
		    (unsigned long long)r->at, why);
}

static int read_blocks(struct replay *r, struct failure *f)
{
	int err = 0;

	while (!err) {
		bool end;
		complaint why = read_block(r, &end);

		if (end && r->ended)
			return 0;
		if (end)
			why = cut_off;
		else if (r->ended && !ferror(r->stream))
			why = goes_on;
		if (!why)
			why = deliver_block(r, &err);
		if (why)
			return end_early(r, why, f);
		r->at += sizeof(r->block) + r->block.packed_bytes;
	}
	return err;
}

static int read_header(struct replay *r, struct failure *f)
{
	struct recording_header h = {0}, zeroed;
	size_t n = fread(&h, 1, sizeof(h), r->stream);
	int err = ferror(r->stream) ? -errno : 0;

	if (err)
		return fail(f, err, NULL, "cannot read '%s': %s", r->name, log_errno(err));
	if (n < sizeof(h.magic) || memcmp(h.magic, RECORDING_MAGIC, sizeof(h.magic)))
		return fail(f, -EBADMSG, no_recording_hint, "this is no recording: '%s'", r->name);
	if (n < sizeof(h))
		return fail(f, -EBADMSG, NULL, "recording '%s' ends within its header", r->name);
	if (h.order == __builtin_bswap32(RECORDING_ORDER))
		return fail(f, -EBADMSG, "read it on a machine of that byte order",
			    "recording '%s' was made on a machine of another byte order", r->name);
	if (h.version != RECORDING_VERSION)
		return fail(f, -EBADMSG, "the version of epolltrace that made it can read it",
			    "recording '%s' has format %u; this version reads format %u", r->name,
			    h.version, RECORDING_VERSION);
	zeroed = h;
	zeroed.check = 0;
	if (h.order != RECORDING_ORDER || h.size != sizeof(h) ||
	    crc32(0, (unsigned char *)&zeroed, sizeof(zeroed)) != h.check)
		return fail(f, -EBADMSG, NULL, "recording '%s' has a damaged header", r->name);
	if (h.clock != CLOCK_MONOTONIC)
		return fail(f, -EBADMSG, NULL, "recording '%s' has times of an unknown clock, %u",
			    r->name, h.clock);
	r->at = sizeof(h);
	return 0;
}

int replay_stream(FILE *stream, const char *name, const struct record_sink *sink,
		  struct failure *failure)
{
	struct replay *r = calloc(1, sizeof(*r));
	int err;

	if (!r || inflateInit(&r->inflater) != Z_OK) {
		free(r);
		return fail(failure, -ENOMEM, NULL, "out of memory");
	}
	r->stream = stream;
	r->name = name;
	r->sink = sink;
	err = read_header(r, failure);
	if (!err)
		err = read_blocks(r, failure);
	inflateEnd(&r->inflater);
	free(r);
	return err;
}

int replay_file(const char *path, const struct record_sink *sink, struct failure *failure)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *stream = is_stdin ? stdin : fopen(path, "re");
	int err;

	if (!stream)
		return fail(failure, -errno, NULL, "cannot read '%s': %s", path, log_errno(errno));
	err = replay_stream(stream, is_stdin ? "standard input" : path, sink, failure);
	if (!is_stdin)
		fclose(stream);
	return err;
}
