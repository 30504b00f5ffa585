/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that are no recordings, or lie about what they hold: what is said of each. */
#include "tape.h"

#include <sys/resource.h>

#define DAMAGED "recording 'tape' ends early, at 01:00:01.000000, byte 136: it is damaged"
#define NOTHING "recording 'tape' holds nothing that can be read: it is damaged"

static void check_refused(const char *what)
{
	CHECK(tape_read() == -EBADMSG);
	CHECK_STR(failure.what, what);
	CHECK(!deliveries || last_kind == ET_KIND_END);
}

static void test_headers(void)
{
	struct recording_header h = tape_header();

	h.version++;
	tape_begin(h);
	check_refused("recording 'tape' has format 7; this version reads format 6");
	h = tape_header();
	h.order = __builtin_bswap32(h.order);
	h.version = __builtin_bswap16(h.version);
	tape_begin(h);
	check_refused("recording 'tape' was made on a machine of another byte order");
	h = tape_header();
	h.order = 0x01020403;
	tape_begin(h);
	check_refused("recording 'tape' has a damaged header");
	h = tape_header();
	h.clock = CLOCK_REALTIME;
	tape_begin(h);
	check_refused("recording 'tape' has times of an unknown clock, 0");
	h = tape_header();
	h.size += 8;
	tape_begin(h);
	check_refused("recording 'tape' has a damaged header");
	tape_begin(tape_header());
	check_refused("recording 'tape' holds nothing that can be read: it was cut off");
	tape.len--;
	check_refused("recording 'tape' ends within its header");
}

static void test_no_recordings(void)
{
	static const char text[] = "#!/bin/sh\necho 'no recording, but longer than a header is'\n"
				   "exit 23\n# and a line more, of which nobody takes any notice\n";
	struct record_sink sink = {tape_deliver, NULL};

	tape.len = 0;
	check_refused("this is no recording: 'tape'");
	buf_str(&tape, text);
	check_refused("this is no recording: 'tape'");
	CHECK(failure.hint);
	CHECK(replay_file("/proc", &sink, &failure) == -EISDIR);
	CHECK_STR(failure.what, "cannot read '/proc': is a directory");
	CHECK(replay_file("/no/such/file", &sink, &failure) == -ENOENT);
	CHECK_STR(failure.what, "cannot read '/no/such/file': no such file or directory");
	CHECK(replay_file("/dev/zero", &sink, &failure) == -EBADMSG);
}

/* Adds a block of these records, each with its frame as the packer makes it. */
static void add_records(const void *const *records, size_t count)
{
	struct packer p;

	CHECK(!packer_init(&p, tape_block, NULL));
	for (size_t i = 0; i < count; i++)
		tape_add(&p, records[i]);
	CHECK(!packer_flush(&p));
	packer_free(&p);
}

static void test_order(void)
{
	struct et_start start = tape_start();
	struct et_tick tick = {.h = tape_hdr(ET_KIND_TICK, sizeof(tick), 1001)};
	struct et_end end = tape_end(1002);
	struct {
		struct et_end end;
		uint64_t more;
	} long_end = {.end = end};
	const void *all[] = {&start, &tick, &end, &tick, &end};
	const void *two[] = {&start, &tick, &start, &end};
	const void *late[] = {&tick, &start, &end};
	const void *longer[] = {&start, &long_end};

	long_end.end.h.size = sizeof(long_end);
	tape_begin(tape_header());
	add_records(all, 4);
	check_refused("recording 'tape' is wrong at byte 136: it goes on after its end");
	CHECK(deliveries == 3);
	tape_begin(tape_header());
	add_records(all, 5);
	check_refused("recording 'tape' is wrong at byte 136: it goes on after its end");
	tape_begin(tape_header());
	add_records(two, 4);
	check_refused("recording 'tape' ends early, at 01:00:01.001000, byte 136: it is damaged");
	CHECK(deliveries == 3); /* with the end that there is none of */
	tape_begin(tape_header());
	add_records(late, 3);
	check_refused(NOTHING);
	tape_begin(tape_header());
	add_records(longer, 2);
	check_refused(DAMAGED);
}

static void add_whole(void)
{
	struct et_start start = tape_start();
	struct et_end end = tape_end(1002);
	const void *all[] = {&start, &end};

	tape_begin(tape_header());
	add_records(all, 2);
}

static void test_behind_the_end(void)
{
	size_t whole;
	char want[128];
	struct et_end end = tape_end(1003);
	const void *more[] = {&end};

	add_whole();
	whole = tape.len;
	CHECK(!tape_read() && deliveries == 2);
	snprintf(want, sizeof(want),
		 "recording 'tape' is wrong at byte %zu: it goes on after its end", whole);
	buf_char(&tape, 0);
	check_refused(want);
	for (int i = 0; i < 100; i++)
		buf_char(&tape, i);
	check_refused(want);
	tape.len = whole;
	add_records(more, 1);
	check_refused(want);
	CHECK(deliveries == 2);
	tape.len = whole;
	buf_append(&tape, tape.data, whole); /* two in one file */
	check_refused(want);
}

/* Fields of a block that do not fit what is there, with a check sum that fits. */
static void test_lying_blocks(void)
{
	struct et_start start = tape_start();
	static const int lies[][2] = {{0, 1},	    {0, -1},	       {1, 0}, {-1, 0},
				      {0, 1 << 20}, {0, 23},	       {5, 0}, {1 << 30, 0},
				      {0, 1 << 30}, {1 << 20, 1 << 20}};
	unsigned char frame[FRAME_MAX], packed[512];
	struct delta *d = calloc(1, sizeof(*d));
	size_t plain = delta_put(d, ET_KIND_START, &start, sizeof(start), frame);
	uLongf room = sizeof(packed);

	CHECK(compress2(packed, &room, frame, plain, 1) == Z_OK);
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct recording_block b = {.magic = BLOCK_MAGIC,
					    .packed_bytes = room + lies[i][0],
					    .plain_bytes = plain + lies[i][1]};

		tape_begin(tape_header());
		tape_add_raw(b, packed, lies[i][0] < 0 ? room - 1 : room);
		CHECK(tape_read() == -EBADMSG && failure.what[0] && !deliveries);
	}
	for (int zero = 0; zero < 2; zero++) {
		struct recording_block b = {.magic = BLOCK_MAGIC,
					    .packed_bytes = zero ? room : 0,
					    .plain_bytes = zero ? 0 : plain};

		tape_begin(tape_header());
		tape_add_raw(b, packed, b.packed_bytes);
		check_refused(NOTHING);
	}
	free(d);
}

/* Behind a start that can be read, a block of these bytes. */
static void check_frames(const void *plain, size_t bytes)
{
	struct et_start start = tape_start();
	unsigned char all[1024];
	struct delta *d = calloc(1, sizeof(*d));
	size_t len = delta_put(d, ET_KIND_START, &start, sizeof(start), all);

	free(d);
	memcpy(all + len, plain, bytes);
	tape_begin(tape_header());
	tape_add_plain(all, len + bytes, 1);
	check_refused(DAMAGED);
	CHECK(deliveries == 2);
}

#define FRAMES(...)                                                                                \
	do {                                                                                       \
		static const unsigned char bytes[] = {__VA_ARGS__};                                \
		check_frames(bytes, sizeof(bytes));                                                \
	} while (0)

/* A tick is kind 5, of 32 bytes: 4 words. */
static void test_lying_frames(void)
{
	FRAMES(5);	   /* no size */
	FRAMES(5, 0x80);   /* half a size */
	FRAMES(5, 0);	   /* none */
	FRAMES(5 | 0x80);  /* as the last one was, and there was none */
	FRAMES(64, 32, 0); /* no such kind */
	FRAMES(127, 32, 0);
	FRAMES(5, 32);	  /* no bits */
	FRAMES(5, 32, 1); /* no difference behind them */
	FRAMES(5, 32, 1, 0x80, 0x80);
	FRAMES(5, 31, 0); /* less than a header */
	FRAMES(5, 8, 0);
	FRAMES(5, 1, 0);
	FRAMES(5, 32, 0);	     /* its size, 0, is not that of the record */
	FRAMES(5, 0x81, 0xa0, 1, 0); /* 20481 bytes */
	FRAMES(5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0);
	FRAMES(5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0); /* 65 bits */
	FRAMES(5, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 32);
	FRAMES(5, 32, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1);
}

static long peak_kb(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return use.ru_maxrss;
}

/* Zeros inflate a thousandfold: such a block is refused before it is inflated. */
static void test_bombs(void)
{
	static unsigned char zeros[BLOCK_PLAIN_MAX + 1];
	struct recording_block b = {.magic = BLOCK_MAGIC, .plain_bytes = 1000};
	unsigned char packed[1024];
	uLongf room = sizeof(packed);

	tape_begin(tape_header());
	tape_add_plain(zeros, BLOCK_PLAIN_MAX, 9);
	check_refused("recording 'tape' holds nothing that can be read: it inflates to more than "
		      "a recording does");
	tape_begin(tape_header());
	tape_add_plain(zeros, BLOCK_PLAIN_MAX + 1, 0);
	check_refused(NOTHING);
	/* It says 1000 bytes, and holds more. */
	CHECK(compress2(packed, &room, zeros, sizeof(zeros), 9) == Z_OK);
	b.packed_bytes = room;
	tape_begin(tape_header());
	tape_add_raw(b, packed, room);
	check_refused(NOTHING);
}

/* The largest record, of a frame without any difference but those of its header. */
static size_t put_large(struct delta *d, unsigned char *at)
{
	static unsigned char record[DELTA_RECORD_MAX];
	struct et_hdr h = tape_hdr(ET_KIND_WAIT, sizeof(record), 1001);

	memcpy(record, &h, sizeof(h));
	return delta_put(d, ET_KIND_WAIT, record, sizeof(record), at);
}

/* A thousand small blocks full of frames that are sixty times as large as records. */
static void test_expansion(void)
{
	static unsigned char plain[8192];
	struct et_start start = tape_start();
	const void *first[] = {&start};
	struct delta *d = calloc(1, sizeof(*d));
	size_t bytes = 0, per_block = 0;
	long before;

	for (; bytes + 400 < sizeof(plain); per_block++)
		bytes += put_large(d, plain + bytes);
	free(d);
	tape_begin(tape_header());
	add_records(first, 1);
	for (int i = 0; i < 1000; i++)
		tape_add_plain(plain, bytes, 0);
	before = peak_kb();
	CHECK(tape_read_bytes(tape.data, tape.len, false) == -EBADMSG);
	CHECK_STR(failure.hint, "what came before has been read");
	CHECK(deliveries == 2 + 1000 * per_block);
	CHECK(peak_kb() - before < 64 * 1024);
}

int main(void)
{
	test_headers();
	test_no_recordings();
	test_order();
	test_behind_the_end();
	test_lying_blocks();
	test_lying_frames();
	test_bombs();
	test_expansion();
	tape_free();
	return unit_failed;
}
