/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The decoder and all that stands behind it. An input is four bytes of options, then records, each
 * behind its length in 16 bits; see set_options().
 */
#include "../../bpf/wire.h"
#include "fuzz.h"
#include "pipeline.h"

#include <fcntl.h>

#define KEEP_SIZES 0x80 /* of the second byte: sizes in headers stay as they are */

static int filtered_fds[] = {5, 6};

/* Bits say what is printed, times are of orders that make things happen. */
static unsigned set_options(struct input *in, struct pipeline_options *opt)
{
	static const uint64_t times[] = {0, 1, 1000000, 1000000000};
	unsigned what = take_byte(in), how = take_byte(in), filter = take_byte(in);

	*opt = (struct pipeline_options){
		.replayed = true,
		.lines = what & 1,
		.summary = what & 2,
		.snapshot = what & 4,
		.json = what & 8,
		.histograms = what & 16,
		.color = what & 32,
		.limit = what & 64 ? 3 : 0,
		.timeline = what & 128 ? 1 + (how >> 6 & 1) : TIMELINE_NONE,
		.time_format = (enum time_format)(how & 3),
		.interval_ns = times[how >> 2 & 3],
		.blocked_after_ns = times[how >> 4 & 3],
		.filter = {.calls = filter & 1 ? take_byte(in) : FILTER_ALL_CALLS,
			   .only_ok = filter & 2,
			   .only_failed = filter & 4,
			   .slower_than_ns = filter & 8 ? 1000 : 0},
	};
	if (what & 128) { /* a timeline is all that is printed */
		opt->timeline = opt->json ? TIMELINE_CHROME : TIMELINE_PERFETTO;
		opt->lines = opt->summary = opt->snapshot = opt->json = false;
		opt->interval_ns = 0;
	}
	if (filter & 64) {
		opt->has_moment = opt->snapshot;
		opt->moment = (struct moment_wanted){filter & 128, times[how >> 2 & 3]};
	}
	if (filter & 16)
		opt->filter.fds = (struct int_list){filtered_fds, 2};
	if (filter & 32)
		opt->filter.epfds = (struct int_list){filtered_fds, 1};
	return how;
}

static void take_records(struct pipeline *p, struct input *in, bool keep_sizes)
{
	const uint8_t *bytes;
	size_t len;

	while ((bytes = take_bytes(in, &len))) {
		struct et_hdr *h = copy_of(bytes, len);

		if (!keep_sizes && len >= sizeof(*h))
			h->size = len;
		MUST(!pipeline_take(p, h, len));
		free(h);
		pipeline_due_ms(p);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int null_fd = -1;
	struct input in = {data, size};
	struct pipeline_options opt;
	struct pipeline p;
	unsigned how = set_options(&in, &opt);

	if (null_fd < 0)
		null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	opt.fd = null_fd;
	MUST(!pipeline_init(&p, &opt));
	take_records(&p, &in, how & KEEP_SIZES);
	MUST(!pipeline_finish(&p));
	pipeline_free(&p);
	return 0;
}
