/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "recording/flight.h"

#include "base/buf.h"
#include "base/log.h"
#include "recording/flight_targets.h"
#include "recording/pack.h"
#include "recording/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPORTED_WAITS 1024

/* A block of a recording. */
struct chunk {
	struct chunk *next;
	size_t bytes;
	char data[];
};

/* From one scan to the next. */
struct segment {
	struct segment *next;
	uint64_t begin_ns;
	struct et_clock clock;	/* as it was then */
	struct targets targets; /* that were alive then */
	struct chunk *chunks, *last;
	size_t bytes;
};

struct flight {
	struct flight_options opt;
	struct packer packer;
	int fd; /* where blocks go while a recording is written, else -1 */
	struct et_start start;
	struct et_clock clock; /* as it is */
	struct buf prologue;   /* records that follow the start, each padded to 8 bytes */
	struct targets targets;
	struct segment *oldest, *newest;
	size_t bytes;
	uint64_t now_ns;
	bool short_of_memory; /* something was let go before its time */
	bool triggered;
	uint32_t trigger_tid; /* as the user sees it */
	uint64_t trigger_blocked_ns;
	unsigned written;
	struct {
		uint32_t tid;
		uint64_t entry_ns;
	} reported[REPORTED_WAITS]; /* waits that have triggered, by thread */
};

static int keep_block(struct flight *f, const struct recording_block *block, size_t bytes)
{
	struct chunk *c = malloc(sizeof(*c) + bytes);
	struct segment *s = f->newest;

	if (!c)
		return -ENOMEM;
	c->next = NULL;
	c->bytes = bytes;
	memcpy(c->data, block, bytes);
	if (s->last)
		s->last->next = c;
	else
		s->chunks = c;
	s->last = c;
	s->bytes += sizeof(*c) + bytes;
	f->bytes += sizeof(*c) + bytes;
	return 0;
}

static int take_block(void *ctx, const struct recording_block *block, size_t bytes)
{
	struct flight *f = ctx;

	return f->fd >= 0 ? recording_write(f->fd, block, bytes) : keep_block(f, block, bytes);
}

static void drop_oldest(struct flight *f)
{
	struct segment *s = f->oldest;

	f->oldest = s->next;
	f->bytes -= s->bytes;
	while (s->chunks) {
		struct chunk *c = s->chunks;

		s->chunks = c->next;
		free(c);
	}
	targets_free(&s->targets);
	free(s);
}

/* Lets go what is older than was asked for, and what there is no memory for. */
static void drop_excess(struct flight *f)
{
	while (f->oldest && f->oldest->next &&
	       f->oldest->next->begin_ns + f->opt.span_ns <= f->now_ns)
		drop_oldest(f);
	while (f->bytes > f->opt.memory_bytes && f->oldest->next) {
		drop_oldest(f);
		f->short_of_memory = true;
	}
}

/* Ends the segment, if there is one, and begins the next. */
static int begin_segment(struct flight *f)
{
	struct segment *s = calloc(1, sizeof(*s));
	int err = s ? 0 : -ENOMEM;

	if (!err && f->newest)
		err = packer_flush(&f->packer);
	if (!err)
		err = targets_copy(&s->targets, &f->targets);
	if (err) {
		free(s);
		return err;
	}
	s->begin_ns = f->now_ns;
	s->clock = f->clock;
	s->bytes = sizeof(*s) + targets_bytes(&s->targets);
	f->bytes += s->bytes;
	if (f->newest)
		f->newest->next = s;
	else
		f->oldest = s;
	f->newest = s;
	drop_excess(f);
	return 0;
}

/* What stands before all segments. */
static int keep_prologue(struct flight *f, const struct et_hdr *h, size_t size)
{
	static const char zeros[8];

	if (h->kind == ET_KIND_START) {
		memcpy(&f->start, h, size < sizeof(f->start) ? size : sizeof(f->start));
		f->clock.realtime_offset_ns = f->start.realtime_offset_ns;
		f->clock.boottime_offset_ns = f->start.boottime_offset_ns;
		f->clock.utc_offset_s = f->start.utc_offset_s;
		return 0;
	}
	buf_append(&f->prologue, h, size);
	buf_append(&f->prologue, zeros, -size & 7);
	return f->prologue.failed ? -ENOMEM : 0;
}

static void note_wait(struct flight *f, const struct et_hdr *h, uint64_t blocked_ns)
{
	unsigned slot = h->tid % REPORTED_WAITS;

	if (!f->opt.trigger_ns || blocked_ns < f->opt.trigger_ns ||
	    (f->reported[slot].tid == h->tid && f->reported[slot].entry_ns == h->time_ns))
		return;
	f->reported[slot].tid = h->tid;
	f->reported[slot].entry_ns = h->time_ns;
	f->triggered = true;
	f->trigger_tid = h->user_tid;
	f->trigger_blocked_ns = blocked_ns;
}

static void check_wait(struct flight *f, const struct et_hdr *h)
{
	const struct et_inflight *in = (const struct et_inflight *)h;
	const struct et_wait *w = (const struct et_wait *)h;

	if (h->kind == ET_KIND_WAIT)
		note_wait(f, h, w->c.duration_ns);
	else if (h->kind == ET_KIND_INFLIGHT && in->seen_ns > h->time_ns)
		note_wait(f, h, in->seen_ns - h->time_ns);
}

int flight_take(void *flight, const void *data, size_t size)
{
	struct flight *f = flight;
	const struct et_hdr *h = data;
	bool is_scan =
		h->kind == ET_KIND_SCAN && !(((const struct et_scan *)data)->flags & ET_SCAN_END);
	int err = 0;

	if (h->time_ns > f->now_ns)
		f->now_ns = h->time_ns;
	if (h->kind == ET_KIND_CLOCK)
		f->clock = *(const struct et_clock *)h;
	if (h->kind == ET_KIND_START || h->kind == ET_KIND_FEATURE || h->kind == ET_KIND_SYSCALLS)
		return keep_prologue(f, h, size);
	err = targets_take(&f->targets, h);
	if (h->kind == ET_KIND_TARGET || h->kind == ET_KIND_END)
		return err; /* written anew with each recording */
	if (!err && (is_scan || !f->newest))
		err = begin_segment(f);
	check_wait(f, h);
	if (!err)
		err = packer_add(&f->packer, h->kind, data, size, h->time_ns);
	drop_excess(f);
	return err;
}

bool flight_wants_scan(const struct flight *f)
{
	return f->newest && f->newest->bytes > f->opt.memory_bytes / 4;
}

bool flight_triggered(struct flight *f, uint32_t *ret_tid, uint64_t *ret_blocked_ns)
{
	bool triggered = f->triggered;

	f->triggered = false;
	*ret_tid = f->trigger_tid;
	*ret_blocked_ns = f->trigger_blocked_ns;
	return triggered;
}

static int write_records(struct flight *f, const char *records, size_t bytes)
{
	int err = 0;

	for (size_t at = 0; at < bytes && !err;) {
		const struct et_hdr *h = (const struct et_hdr *)(records + at);

		err = packer_add(&f->packer, h->kind, h, h->size, f->oldest->begin_ns);
		at += (h->size + 7) & ~7u;
	}
	return err;
}

/* The stream begins where the oldest segment does. */
static int write_prologue(struct flight *f)
{
	const struct targets *t = &f->oldest->targets;
	struct et_start start = f->start;
	uint64_t last_ns = f->packer.last_ns;
	int err;

	f->packer.last_ns = 0;
	start.h.time_ns = f->oldest->begin_ns;
	start.realtime_offset_ns = f->oldest->clock.realtime_offset_ns;
	start.boottime_offset_ns = f->oldest->clock.boottime_offset_ns;
	start.utc_offset_s = f->oldest->clock.utc_offset_s;
	err = packer_add(&f->packer, ET_KIND_START, &start, sizeof(start), start.h.time_ns);
	if (!err)
		err = write_records(f, f->prologue.data, f->prologue.len);
	for (unsigned i = 0; i < t->count && !err; i++) {
		struct et_target target = t->at[i];

		target.h.time_ns = start.h.time_ns;
		err = packer_add(&f->packer, ET_KIND_TARGET, &target, sizeof(target),
				 target.h.time_ns);
	}
	if (!err)
		err = packer_flush(&f->packer);
	f->packer.last_ns = last_ns;
	return err;
}

static int write_end(struct flight *f)
{
	struct et_end end = {.h = {.kind = ET_KIND_END, .size = sizeof(end), .time_ns = f->now_ns}};
	int err = packer_add(&f->packer, ET_KIND_END, &end, sizeof(end), f->now_ns);

	return err ? err : packer_flush(&f->packer);
}

/* fd is open and empty, and so is the packer. */
static int write_all(struct flight *f)
{
	struct recording_header header;
	int err;

	recording_header_fill(&header);
	err = recording_write(f->fd, &header, sizeof(header));
	if (!err)
		err = write_prologue(f);
	for (struct segment *s = f->oldest; s && !err; s = s->next)
		for (struct chunk *c = s->chunks; c && !err; c = c->next)
			err = recording_write(f->fd, c->data, c->bytes);
	if (!err)
		err = write_end(f);
	if (!err && fdatasync(f->fd) && errno != EINVAL)
		err = -errno;
	return err;
}

int flight_write(struct flight *f, struct flight_written *w, struct failure *failure)
{
	int err = f->newest ? packer_flush(&f->packer) : begin_segment(f);

	if (err)
		return fail(failure, err, NULL, "cannot keep records: %s", log_errno(err));
	snprintf(w->path, sizeof(w->path), f->written ? "%s.%u" : "%s", f->opt.path,
		 f->written + 1);
	f->fd = recording_create(w->path, failure);
	if (f->fd < 0)
		return f->fd;
	err = write_all(f);
	if (close(f->fd) && !err)
		err = -errno;
	f->fd = -1;
	if (err)
		return fail(failure, err, NULL, "cannot write recording '%s': %s", w->path,
			    log_errno(err));
	f->written++;
	w->span_ns = f->now_ns - f->oldest->begin_ns;
	w->short_of_memory = f->short_of_memory && w->span_ns < f->opt.span_ns;
	return 0;
}

int flight_open(const struct flight_options *opt, struct flight **ret_flight,
		struct failure *failure)
{
	struct flight *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return fail(failure, -ENOMEM, NULL, "out of memory");
	f->opt = *opt;
	err = packer_init(&f->packer, take_block, f);
	if (err) {
		free(f);
		return fail(failure, err, NULL, "out of memory");
	}
	f->fd = open(opt->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (f->fd < 0) {
		err = -errno;
		flight_close(f);
		return fail(failure, err, NULL, "cannot write recording '%s': %s", opt->path,
			    log_errno(err));
	}
	close(f->fd);
	f->fd = -1;
	*ret_flight = f;
	return 0;
}

void flight_close(struct flight *f)
{
	if (!f)
		return;
	while (f->oldest)
		drop_oldest(f);
	targets_free(&f->targets);
	buf_free(&f->prologue);
	packer_free(&f->packer);
	free(f);
}
