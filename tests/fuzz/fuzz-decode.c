/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The decoder and all that stands behind it. An input is four bytes of options, then records, each
 * behind its length in 16 bits; see set_options().
 */
#include "../../bpf/wire.h"
#include "fuzz.h"
#include "model/model_internal.h"
#include "pipeline.h"

#include <fcntl.h>

/* Bits of the second and of the third byte that are no options of the pipeline. */
#define KEEP_SIZES    0x80 /* sizes in headers stay as they are */
#define OFTEN	      0x80 /* without 0x40: the records come again and again */

#define OFTEN_RECORDS 8192 /* more than what the model keeps of what has gone */

static int filtered_fds[] = {5, 6};

struct how {
	bool keep_sizes, often;
	bool in_bounds; /* few bytes and steps may be taken */
};

/* Bits say what is printed, times are of orders that make things happen. */
static void set_options(struct input *in, struct pipeline_options *opt, struct how *ret)
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
		.rules = {.enabled = what & 4 ? 0 : RULES_ALL, .stall_ns = times[how >> 4 & 3]},
		.findings = what & 1,
		.diagnosis = !(what & 2),
		.time_format = (enum time_format)(how & 3),
		.interval_ns = times[how >> 2 & 3],
		.blocked_after_ns = times[how >> 4 & 3],
		.filter = {.calls = filter & 1 ? take_byte(in) : CALLS_ALL,
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
		opt->has_at_time = opt->snapshot;
		opt->at_time = (struct at_time_options){filter & 128, times[how >> 2 & 3]};
	}
	if (filter & 16)
		opt->filter.fds = (struct int_list){.at = filtered_fds, .count = 2};
	if (filter & 32)
		opt->filter.epfds = (struct int_list){.at = filtered_fds, .count = 1};
	ret->keep_sizes = how & KEEP_SIZES;
	ret->often = (filter & 0xc0) == OFTEN;
	ret->in_bounds = ret->often && what & 64;
}

/* All records once. How many there are. */
static size_t take_records(struct pipeline *p, struct input in, bool keep_sizes)
{
	const uint8_t *bytes;
	size_t len, count = 0;

	for (; (bytes = take_bytes(&in, &len)); count++) {
		struct et_hdr *h = copy_of(bytes, len);

		if (!keep_sizes && len >= sizeof(*h))
			h->size = len;
		MUST(!pipeline_take(p, h, len));
		free(h);
		pipeline_due_ms(p);
	}
	return count;
}

static void run(struct pipeline *p, struct input in, const struct how *how)
{
	size_t count = 0, more;

	if (how->in_bounds)
		p->model->bounds = (struct bounds){.bytes_left = 20000, .steps_left = 2000};
	do {
		more = take_records(p, in, how->keep_sizes);
		count += more;
	} while (how->often && more && count < OFTEN_RECORDS);
	MUST(!pipeline_finish(p));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int null_fd = -1;
	struct input in = {data, size};
	struct pipeline_options opt;
	struct pipeline p;
	struct how how;

	set_options(&in, &opt, &how);
	if (null_fd < 0)
		null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	opt.fd = null_fd;
	MUST(!pipeline_init(&p, &opt));
	run(&p, in, &how);
	pipeline_free(&p);
	return 0;
}
