/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The stream of records of a live trace: start, calls, looks, ticks, losses, end. */
#include "capture/live_internal.h"

#include "base/buf.h"
#include "event/names.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#define LOOK_MIN_NS 10000000ULL	 /* no look more often than each 10 ms */
#define LOOK_MAX_NS 100000000ULL /* blocked lines come at most so much too late */

/*
 * Descriptors are looked at again from time to time, at a thousandth of a CPU's time at most; where
 * findings hang on it as often as they want it, at a twentieth at most.
 */
#define FILES_MIN_NS 2000000000ULL
#define FILES_SHARE  1000
#define RULES_SHARE  20

struct et_hdr live_header(const struct live *live, enum et_kind kind, size_t size)
{
	return (struct et_hdr){.kind = kind, .size = size, .time_ns = live_now_ns(live)};
}

int live_deliver(struct live *live, const void *rec, size_t size)
{
	if (!live->sink_result)
		live->sink_result = live->sink->take(live->sink->ctx, rec, size);
	return live->sink_result;
}

static void tell_start(struct live *live)
{
	struct et_start r = {.h = live_header(live, ET_KIND_START, sizeof(r))};
	struct utsname uts;

	clock_read_offsets(&live->shift, &live->offsets);
	r.h.time_ns = live->shared->armed_ns;
	r.realtime_offset_ns = live->offsets.realtime_ns;
	r.boottime_offset_ns = live->offsets.boottime_ns;
	r.blocked_after_ns = live->opt.blocked_after_ns;
	r.utc_offset_s = live->offsets.utc_offset_s;
	r.launched = live->opt.launched;
	if (!uname(&uts))
		memcpy(r.kernel, uts.release, strnlen(uts.release, sizeof(r.kernel)));
	live_deliver(live, &r, sizeof(r));
}

static void tell_feature(void *ctx, const char *name, const char *state)
{
	struct live *live = ctx;
	struct et_feature r = {.h = live_header(live, ET_KIND_FEATURE, sizeof(r))};

	memcpy(r.name, name, strnlen(name, sizeof(r.name)));
	memcpy(r.state, state, strnlen(state, sizeof(r.state)));
	live_deliver(live, &r, sizeof(r));
}

/* The numbers that calls have are of this architecture. */
static void tell_syscalls(struct live *live)
{
	struct et_syscalls r = {.h = live_header(live, ET_KIND_SYSCALLS, 0)};
	struct buf b = {0};

	buf_put(&b, (char *)&r, sizeof(r));
	for (unsigned i = 0; i < syscall_name_count; i++) {
		buf_str(&b, syscall_names[i] ? syscall_names[i] : "");
		buf_char(&b, 0);
	}
	if (!b.failed) {
		((struct et_hdr *)b.data)->size = b.len;
		live_deliver(live, b.data, b.len);
	}
	buf_free(&b);
}

/* A 32-bit descendant is told as if it had just begun to run its program. */
static void tell_compat(struct live *live, unsigned i)
{
	struct et_exec r = {.h = live_header(live, ET_KIND_EXEC, sizeof(r))};

	r.h.flags = ET_F_COMPAT;
	r.h.user_tgid = live->named[i].user_tgid;
	r.h.user_tid = live->named[i].user_tgid;
	memcpy(r.comm, live->named[i].comm, sizeof(r.comm));
	live_deliver(live, &r, sizeof(r));
}

static void tell_targets(struct live *live)
{
	for (unsigned i = 0; i < live->named_count; i++) {
		struct et_target r = {.h = live_header(live, ET_KIND_TARGET, sizeof(r))};

		if (live->named[i].compat) {
			tell_compat(live, i);
			continue;
		}

		r.h.user_tgid = live->named[i].user_tgid;
		r.h.user_tid = live->named[i].user_tgid;
		r.root = live->named[i].root;
		r.children = live->named[i].children;
		live_deliver(live, &r, sizeof(r));
	}
}

void live_watch_clock(struct live *live)
{
	struct et_clock r = {.h = live_header(live, ET_KIND_CLOCK, sizeof(r))};
	struct clock_offsets now;

	if (!clock_read_offsets(&live->shift, &now) || !clock_has_stepped(&live->offsets, &now))
		return;
	live->offsets = now;
	r.h.time_ns = live->tick_ns ? live->tick_ns : live->shared->armed_ns;
	r.realtime_offset_ns = now.realtime_ns;
	r.boottime_offset_ns = now.boottime_ns;
	r.utc_offset_s = now.utc_offset_s;
	live_deliver(live, &r, sizeof(r));
}

/* The time up to which all records have been delivered, which a busy ring leaves behind the clock. */
static void tell_tick(struct live *live)
{
	struct et_tick r = {.h = live_header(live, ET_KIND_TICK, sizeof(r))};

	if (live->progress_ns)
		r.h.time_ns = live->progress_ns;
	if (live->stopped_ns && r.h.time_ns > live->stopped_ns)
		r.h.time_ns = live->stopped_ns;
	live->tick_ns = r.h.time_ns;
	live_deliver(live, &r, sizeof(r));
}

static uint64_t count_missed_of(const struct bpf_object *obj)
{
	struct bpf_program *prog;
	uint64_t missed = 0;

	bpf_object__for_each_program(prog, obj) {
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);
		int fd = bpf_program__fd(prog);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len))
			missed += info.recursion_misses;
	}
	return missed;
}

/* Programs that the kernel left out because one was running on that CPU already. */
static uint64_t count_missed(const struct live *live)
{
	uint64_t missed = 0;

	for (unsigned i = 0; i < live->object_count; i++)
		missed += count_missed_of(live->objects[i]);
	return missed;
}

/* Losses since the last time; at the end also where there were none. */
static void tell_lost(struct live *live, bool end)
{
	struct et_lost r = {.h = live_header(live, ET_KIND_LOST, sizeof(r))};
	bool any = end;

	for (unsigned i = 0; i < ET_KIND_COUNT; i++) {
		uint64_t now = __atomic_load_n(&live->shared->lost[i], __ATOMIC_RELAXED);

		r.count[i] = now - live->lost[i];
		live->lost[i] = now;
		any |= r.count[i] != 0;
	}
	if (end)
		r.missed = count_missed(live);
	if (any)
		live_deliver(live, &r, sizeof(r));
}

void live_report_progress(struct live *live)
{
	tell_lost(live, false);
	tell_tick(live);
}

/*
 * A watched file that has been closed but lives on may be in no table: only fdinfo tells then
 * whether its entry is there. It is read again where that holds the instance up for less than 1 ms.
 */
#define FDINFO_ROWS_MAX 500

static bool wants_fdinfo(const struct live *live)
{
	return live->doubtful && live->most_rows <= FDINFO_ROWS_MAX;
}

static int look_files(struct live *live, bool fdinfo)
{
	uint64_t start_ns = live_now_ns(live), took_ns;
	uint64_t wait_ns = live->opt.stall_ns ? live->opt.stall_ns : FILES_MIN_NS;
	uint64_t share = live->opt.stall_ns ? RULES_SHARE : FILES_SHARE;
	int err = live_look_files(live, fdinfo);

	took_ns = live_now_ns(live) - start_ns;
	if (wait_ns < took_ns * share)
		wait_ns = took_ns * share;
	live->next_files_ns = start_ns + wait_ns;
	return err;
}

/*
 * What sees io_uring is attached when a target has one, and what was done through it before is
 * looked at then.
 */
static int arm_io_uring_if_due(struct live *live)
{
	int err;

	if (live->io_uring_armed || !live->has_io_uring || live->opt.snapshot ||
	    !live->shared->ring_seen)
		return 0;
	err = live_arm_io_uring(live);
	live->next_files_ns = 0;
	return err;
}

#define SNAPSHOT_LOOKS 3

/* No call tells a snapshot what changes while it is taken: where something did, it looks again. */
static int look_before(struct live *live)
{
	int err = look_files(live, true);

	for (int i = 1; i < SNAPSHOT_LOOKS && live->opt.snapshot && live->moved && !err; i++)
		err = look_files(live, true);
	return err;
}

int live_begin(struct live *live, const struct record_sink *sink)
{
	int err;

	live->sink = sink;
	tell_start(live);
	live_features(live, tell_feature, live);
	tell_syscalls(live);
	tell_targets(live);
	err = live_look(live, LOOK_PRIOR | (live->opt.snapshot ? LOOK_ALL_THREADS : LOOK_SILENT),
			0);
	live->threads_due_ns = live_now_ns(live) + live->opt.blocked_after_ns;
	if (!err)
		err = arm_io_uring_if_due(live);
	return err ? err : look_before(live);
}

int live_interval_ms(const struct live *live)
{
	uint64_t ns = live->opt.blocked_after_ns / 4;

	if (live->opt.stall_ns && live->opt.stall_ns / 4 < ns)
		ns = live->opt.stall_ns / 4;
	if (ns < LOOK_MIN_NS)
		ns = LOOK_MIN_NS;
	if (ns > LOOK_MAX_NS)
		ns = LOOK_MAX_NS;
	return ns / 1000000;
}

/* Waits that are older than --blocked-after now; once, what silent targets do. */
static int look_if_due(struct live *live)
{
	uint64_t now = live_now_ns(live);
	bool threads = live->threads_due_ns && now >= live->threads_due_ns;

	if (now < live->next_look_ns)
		return 0;
	live->next_look_ns = now + (uint64_t)live_interval_ms(live) * 1000000;
	if (threads)
		live->threads_due_ns = 0;
	return live_look(live, LOOK_BLOCKED | (threads ? LOOK_SILENT : 0),
			 now > live->opt.blocked_after_ns ? now - live->opt.blocked_after_ns : 1);
}

int live_read(struct live *live, const struct record_sink *sink)
{
	int err;

	live->sink = sink;
	err = live_drain_briefly(live); /* a full ring has no room for what the look finds */
	if (!err)
		err = look_if_due(live);
	if (!err)
		err = arm_io_uring_if_due(live);
	if (!err && live_now_ns(live) >= live->next_files_ns)
		err = look_files(live, wants_fdinfo(live));
	if (!err)
		err = live_drain_briefly(live);
	if (err)
		return err;
	live_report_progress(live);
	return live->sink_result;
}

int live_refresh(struct live *live, const struct record_sink *sink)
{
	int err;

	live->sink = sink;
	err = live_drain(live);
	if (!err)
		err = look_files(live, wants_fdinfo(live));
	if (!err)
		err = live_drain(live);
	tell_tick(live);
	return err ? err : live->sink_result;
}

/* The state at the end. Where capture ended in a full ring that is long gone: the last look stands. */
static int look_at_end(struct live *live)
{
	int err;

	if (live->opt.snapshot || live->stopped_ns)
		return 0;
	err = look_files(live, live->doubtful);
	return err ? err : live_look(live, LOOK_BLOCKED | LOOK_SILENT, UINT64_MAX);
}

int live_end(struct live *live, const struct record_sink *sink)
{
	struct et_end r = {.h = live_header(live, ET_KIND_END, sizeof(r))};
	int err;

	live->sink = sink;
	err = live_drain(live);
	if (!err)
		err = look_at_end(live);
	live->shared->stopped = true;
	if (!err)
		err = live_drain(live);
	tell_lost(live, true);
	r.h.time_ns = live->stopped_ns ? live->stopped_ns : live_now_ns(live);
	live_deliver(live, &r, sizeof(r));
	return err ? err : live->sink_result;
}
