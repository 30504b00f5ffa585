/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The stream of records of a live trace: start, calls, scans, ticks, losses, end. */
#include "capture/live_internal.h"

#include "capture/scan.h"

/*
 * A watched file that has been closed but lives on may be in no table: only fdinfo shows then
 * whether its entry is there. It is read again if that holds the instance up for less than 1 ms.
 */
#define FDINFO_ROWS_MAX 500

static bool wants_fdinfo(const struct live *live)
{
	return live->files.doubtful && live->files.most_rows <= FDINFO_ROWS_MAX;
}

static int scan_and_schedule_files(struct live *live, bool fdinfo)
{
	uint64_t start_ns = delivery_now_ns(&live->delivery);
	int err = scan_files(live, fdinfo);

	schedule_next_files(&live->schedule, &live->opt, start_ns,
			    delivery_now_ns(&live->delivery) - start_ns);
	return err;
}

static int scan_targets(struct live *live, unsigned what, uint64_t blocked_since_ns)
{
	return scan_threads(live->links.tasks, live->programs.shared, what, blocked_since_ns);
}

/*
 * The programs that trace io_uring are attached when a target has a ring; a scan then looks for what
 * was done through it before.
 */
static int attach_io_uring_if_due(struct live *live)
{
	int err;

	if (live->links.io_uring_attached || !live->programs.has_io_uring || live->opt.snapshot ||
	    !live->programs.shared->ring_seen)
		return 0;
	err = links_attach_io_uring(&live->links, &live->programs);
	live->schedule.files_ns = 0;
	return err;
}

static void begin_drain(void *ctx)
{
	struct live *live = ctx;

	ticks_report_clock(&live->ticks, &live->delivery, live->programs.shared);
}

static void take_record(void *ctx, const void *data, size_t size)
{
	struct live *live = ctx;
	struct et_thread completed;

	file_scan_note(&live->files, data, size);
	if (!live->programs.has_pt_regs && scan_ask_proc(&completed, data, size))
		deliver(&live->delivery, &completed, sizeof(completed));
	else
		deliver(&live->delivery, data, size);
}

static void report_progress(void *ctx)
{
	struct live *live = ctx;

	ticks_report_lost(&live->ticks, &live->delivery, live->programs.shared);
	ticks_report_time(&live->ticks, &live->delivery, &live->ring);
}

struct ring_hooks live_ring_hooks(struct live *live)
{
	return (struct ring_hooks){begin_drain, take_record, report_progress, live};
}

#define SNAPSHOT_SCANS 3

/* No call shows a snapshot what changes while it is taken: if something did, it scans again. */
static int scan_before(struct live *live)
{
	int err = scan_and_schedule_files(live, true);

	for (int i = 1; i < SNAPSHOT_SCANS && live->opt.snapshot && live->files.moved && !err; i++)
		err = scan_and_schedule_files(live, true);
	return err;
}

int live_begin(struct live *live, const struct record_sink *sink)
{
	int err;

	live->delivery.sink = sink;
	live_report_start(live);
	err = scan_targets(live, SCAN_PRIOR | (live->opt.snapshot ? SCAN_ALL_THREADS : SCAN_SILENT),
			   0);
	live->schedule.silent_ns = delivery_now_ns(&live->delivery) + live->opt.blocked_after_ns;
	if (!err)
		err = attach_io_uring_if_due(live);
	return err ? err : scan_before(live);
}

int live_interval_ms(const struct live *live)
{
	return schedule_threads_interval_ns(&live->opt) / 1000000;
}

/* Waits that are older than --blocked-after now; once, what silent targets do. */
static int scan_threads_if_due(struct live *live)
{
	struct schedule *s = &live->schedule;
	uint64_t now = delivery_now_ns(&live->delivery), after_ns = live->opt.blocked_after_ns;
	bool silent = s->silent_ns && now >= s->silent_ns;
	int err;

	if (!schedule_threads_due(s, &live->opt, now))
		return 0;
	if (silent)
		s->silent_ns = 0;
	err = scan_targets(live, SCAN_BLOCKED | (silent ? SCAN_SILENT : 0),
			   now > after_ns ? now - after_ns : 1);
	if (!err)
		entries_follow(&live->entries, &live->links, &live->programs);
	return err;
}

static int scan_files_if_due(struct live *live)
{
	if (delivery_now_ns(&live->delivery) < live->schedule.files_ns)
		return 0;
	return scan_and_schedule_files(live, wants_fdinfo(live));
}

int live_read(struct live *live, const struct record_sink *sink)
{
	int err;

	live->delivery.sink = sink;
	err = ring_drain_briefly(&live->ring); /* a full ring has no room for what the scan finds */
	if (!err)
		err = scan_threads_if_due(live);
	if (!err)
		err = attach_io_uring_if_due(live);
	if (!err)
		err = scan_files_if_due(live);
	if (!err)
		err = ring_drain_briefly(&live->ring);
	if (err)
		return err;
	report_progress(live);
	return live->delivery.result;
}

int live_refresh(struct live *live, const struct record_sink *sink)
{
	int err;

	live->delivery.sink = sink;
	err = ring_drain(&live->ring);
	if (!err)
		err = scan_and_schedule_files(live, wants_fdinfo(live));
	if (!err)
		err = ring_drain(&live->ring);
	ticks_report_time(&live->ticks, &live->delivery, &live->ring);
	return err ? err : live->delivery.result;
}

/* The state at the end. If capture ended in a full ring that is long gone: the last scan stands. */
static int scan_at_end(struct live *live)
{
	int err;

	if (live->opt.snapshot || live->ring.stopped_ns)
		return 0;
	err = scan_and_schedule_files(live, live->files.doubtful);
	return err ? err : scan_targets(live, SCAN_BLOCKED | SCAN_SILENT, UINT64_MAX);
}

int live_end(struct live *live, const struct record_sink *sink)
{
	struct delivery *d = &live->delivery;
	struct et_end r = {.h = delivery_header(d, ET_KIND_END, sizeof(r))};
	int err;

	d->sink = sink;
	err = ring_drain(&live->ring);
	if (!err)
		err = scan_at_end(live);
	live->programs.shared->stopped = true;
	if (!err)
		err = ring_drain(&live->ring);
	ticks_report_last_lost(&live->ticks, d, &live->programs);
	r.h.time_ns = live->ring.stopped_ns ? live->ring.stopped_ns : delivery_now_ns(d);
	deliver(d, &r, sizeof(r));
	return err ? err : d->result;
}
