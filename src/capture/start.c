/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a stream begins with. */
#include "base/syscalls.h"
#include "capture/live_internal.h"

#include "base/buf.h"
#include "event/names.h"

#include <string.h>
#include <sys/utsname.h>

static void report_start(struct live *live)
{
	struct delivery *d = &live->delivery;
	struct et_start r = {.h = delivery_header(d, ET_KIND_START, sizeof(r))};
	struct utsname uts;

	clock_read_offsets(&d->shift, &live->ticks.offsets);
	r.h.time_ns = live->programs.shared->armed_ns;
	r.realtime_offset_ns = live->ticks.offsets.realtime_ns;
	r.boottime_offset_ns = live->ticks.offsets.boottime_ns;
	r.blocked_after_ns = live->opt.blocked_after_ns;
	r.utc_offset_s = live->ticks.offsets.utc_offset_s;
	r.launched = live->opt.launched;
	if (!uname(&uts))
		memcpy(r.kernel, uts.release, strnlen(uts.release, sizeof(r.kernel)));
	deliver(d, &r, sizeof(r));
}

static void report_feature(void *ctx, const char *name, const char *state)
{
	struct delivery *d = ctx;
	struct et_feature r = {.h = delivery_header(d, ET_KIND_FEATURE, sizeof(r))};

	memcpy(r.name, name, strnlen(name, sizeof(r.name)));
	memcpy(r.state, state, strnlen(state, sizeof(r.state)));
	deliver(d, &r, sizeof(r));
}

/* The numbers that calls have are of this architecture. */
static void report_syscalls(struct delivery *d)
{
	struct et_syscalls r = {.h = delivery_header(d, ET_KIND_SYSCALLS, 0)};
	struct buf b = {0};

	buf_append(&b, (char *)&r, sizeof(r));
	for (unsigned i = 0; i < syscall_name_count; i++) {
		buf_str(&b, syscall_names[i] ? syscall_names[i] : "");
		buf_char(&b, 0);
	}
	if (!b.failed) {
		((struct et_hdr *)b.data)->size = b.len;
		deliver(d, b.data, b.len);
	}
	buf_free(&b);
}

/* A 32-bit descendant is reported as if it had just begun to run its program. */
static void report_compat(struct delivery *d, const struct named_process *p)
{
	struct et_exec r = {.h = delivery_header(d, ET_KIND_EXEC, sizeof(r))};

	r.h.flags = ET_F_COMPAT;
	r.h.user_tgid = p->user_tgid;
	r.h.user_tid = p->user_tgid;
	memcpy(r.comm, p->comm, sizeof(r.comm));
	deliver(d, &r, sizeof(r));
}

static void report_target(struct delivery *d, const struct named_process *p)
{
	struct et_target r = {.h = delivery_header(d, ET_KIND_TARGET, sizeof(r))};

	r.h.user_tgid = p->user_tgid;
	r.h.user_tid = p->user_tgid;
	r.root = p->root;
	r.children = p->children;
	deliver(d, &r, sizeof(r));
}

void live_report_start(struct live *live)
{
	struct delivery *d = &live->delivery;

	report_start(live);
	live_features(live, report_feature, d);
	report_syscalls(d);
	for (unsigned i = 0; i < live->named_count; i++)
		if (live->named[i].compat)
			report_compat(d, &live->named[i]);
		else
			report_target(d, &live->named[i]);
}
