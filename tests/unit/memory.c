/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory that runs out at any allocation, and the bounds of what the model keeps: nothing crashes,
 * what could not be kept is reported. The linker puts fail_*() before the allocator, see the Makefile.
 */
#include "feed-scan.h"

#include "model/model_internal.h"
#include "recording/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

static long countdown; /* allocations until one fails; 0: none does */
static bool for_good;  /* and all after it */
static bool ran_out;   /* one has failed */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static bool fails(void)
{
	if (!countdown || --countdown)
		return false;
	countdown = for_good;
	ran_out = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

static struct pipeline_options options(unsigned what)
{
	return (struct pipeline_options){
		.filter = {.calls = CALLS_ALL},
		.replayed = true,
		.lines = what & 1,
		.summary = what & 2,
		.snapshot = what & 4,
		.json = what & 8,
		.timeline = what >> 4,
		.rules = {.enabled = what & 4 ? 0 : RULES_ALL, .stall_ns = 1},
		.findings = what & 1,
		.diagnosis = true,
		.histograms = true,
		.interval_ns = what & 2 ? 300 * MS : 0,
		.blocked_after_ns = 100 * MS,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};
}

static int take_any(void *ctx, const void *data, size_t size)
{
	pipeline_take(ctx, data, size); /* an error is what is wanted */
	return 0;
}

static void target(void)
{
	struct et_target r = {.h = header(ET_KIND_TARGET, sizeof(r), 1000, 7), .root = 7};

	take(&r, sizeof(r));
}

static void created(uint64_t ms, uint64_t ep, int fd)
{
	struct et_create r = {
		.c = {.h = header(ET_KIND_CREATE, sizeof(r), ms, 7),
		      .ep = ep,
		      .ret = fd,
		      .id = ET_CALL_EPOLL_CREATE1},
	};

	take(&r, sizeof(r));
}

static void thread(uint64_t ms, uint32_t tid)
{
	struct et_thread r = {.h = header(ET_KIND_THREAD, sizeof(r), ms, tid),
			      .state = ET_THREAD_BLOCKED,
			      .fd = 5,
			      .file = {.addr = 505, .kind = ET_FILE_PIPE, .ino = 505}};

	r.h.flags = ET_F_CALLFILE;
	take(&r, sizeof(r));
}

/* Something of everything. */
static void play(void)
{
	start();
	target();
	created(1000, EP2, 9);
	scan(1001, 0);
	instance(1001, EP, 3);
	instance(1001, 0, 4);
	for (int fd = 4; fd < 70; fd++)
		entry(1002, fd, fd);
	row(1003, 4, 4);
	row(1003, 80, 80);
	rows_end(1003);
	thread(1003, 7);
	thread(1003, 8);
	scan(1004, ET_SCAN_END);
	for (uint64_t ms = 1005; ms < 1009; ms++) { /* of which rules find something */
		scan(ms, 0);
		instance(ms, EP, 3);
		watched(ms, FILE_OF(4), 5);
		read_and_written(ms, FILE_OF(4), 4, ET_F_FIRST * (ms & 1));
		entry_of_file(ms, FILE_OF(4), 4, 4, EPOLLIN | EPOLLET, ET_ENTRY_AT_NUMBER);
		entry_met(ms, FILE_OF(6), 6, 9, 6, EPOLLIN, 0);
		inflight(7, 1004, false);
		scan(ms, ET_SCAN_END);
	}
	ctl(1010, EPOLL_CTL_ADD, 90, 90);
	ctl(1010, EPOLL_CTL_MOD, 90, 91);
	ctl(1011, EPOLL_CTL_DEL, 5, 0);
	for (uint32_t tid = 7; tid < 12; tid++) {
		waited(tid, 1020, 1030, 1);
		more_ready(tid, 1035, 8, 1);
		more_ready(tid, 1035, 8, 9);
		waited(tid, 1032, 1035, 16);
		more_ready(tid, 1036, 8, 9); /* whose wait is lost */
		waited(tid, 1040, 1050, -EINTR);
		inflight(tid, 1060, false);
	}
	tick(1200);
	tick(1400);
	closed(1410, 6, 1);
	closed(1411, 7, 2);
	created(1420, EP, 5);
	exited(8, 1430, false);
	exited(7, 1440, true);
	finish_alive(1500);
}

/* Plays it with memory that runs out at the n-th allocation. Has it come so far? */
static bool play_short_of_memory(unsigned what, long n)
{
	struct pipeline_options opt = options(what);

	ran_out = false;
	process = 7;
	feed = (struct record_sink){take_any, &pipeline};
	countdown = n;
	if (!pipeline_init(&pipeline, &opt)) {
		play();
		pipeline_finish(&pipeline);
	}
	countdown = 0;
	pipeline_free(&pipeline);
	close(opt.fd);
	return ran_out;
}

static void test_pipeline(void)
{
	static const unsigned whats[] = {
		1, 2, 4, 1 | 8, 2 | 8, 4 | 8, TIMELINE_PERFETTO << 4, TIMELINE_CHROME << 4,
	};
	long n;

	for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++) {
		for_good = false;
		for (n = 1; play_short_of_memory(whats[i], n); n++)
			;
		CHECK(n > 100);
		for_good = true;
		for (n = 1; play_short_of_memory(whats[i], n); n++)
			;
		CHECK(n > 100);
	}
	for_good = false;
}

/* The same for the bound of what is kept, at every byte that can matter. */
static void test_bytes(void)
{
	unsigned reached = 0;

	for (uint64_t bytes = 0; bytes < 65536; bytes += 40) {
		struct pipeline_options opt =
			options(bytes / 40 % 2 ? 4 : 3 | TIMELINE_PERFETTO << 4);

		feed = (struct record_sink){take_any, &pipeline};
		CHECK(!pipeline_init(&pipeline, &opt));
		pipeline.model->bounds.bytes_left = bytes;
		play();
		reached += model_incomplete(pipeline.model);
		CHECK(!pipeline_finish(&pipeline));
		pipeline_free(&pipeline);
		close(opt.fd);
	}
	CHECK(reached > 100 && reached < 65536 / 40);
}

/* What was taken is given back. */
static void test_balance(void)
{
	struct pipeline_options opt = options(4 | TIMELINE_CHROME << 4);
	struct bounds b;

	CHECK(!pipeline_init(&pipeline, &opt));
	play();
	CHECK(pipeline.model->bounds.bytes_left < BOUNDS_BYTES);
	CHECK(!model_incomplete(pipeline.model));
	timeline_free(pipeline.timeline);
	pipeline.timeline = NULL;
	interest_free(&pipeline.model->interest);
	tasks_free(&pipeline.model->tasks);
	b = pipeline.model->bounds;
	CHECK(b.bytes_left == BOUNDS_BYTES);
	pipeline.model->interest = (struct interest){0};
	pipeline.model->tasks = (struct tasks){0};
	pipeline_free(&pipeline);
	close(opt.fd);
}

static uint64_t steps_per_event;

static int take_with_steps(void *ctx, const void *data, size_t size)
{
	pipeline.model->bounds.steps_left = steps_per_event - BOUNDS_STEPS_PER_EVENT;
	return pipeline_take(ctx, data, size);
}

/* Steps that are used up: every search ends early. */
static void test_steps(void)
{
	for (steps_per_event = 0; steps_per_event < 1000; steps_per_event += 3) {
		struct pipeline_options opt = options(7);

		feed = (struct record_sink){take_with_steps, &pipeline};
		CHECK(!pipeline_init(&pipeline, &opt));
		play();
		CHECK(model_incomplete(pipeline.model) || steps_per_event > 20);
		CHECK(!model_incomplete(pipeline.model) || steps_per_event < 900);
		CHECK(!pipeline_finish(&pipeline));
		pipeline_free(&pipeline);
		close(opt.fd);
	}
}

/* With an argument messages are shown. */
int main(int argc, char **argv)
{
	(void)argv;
	if (argc < 2)
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
	test_pipeline();
	test_bytes();
	test_balance();
	test_steps();
	return unit_failed;
}
