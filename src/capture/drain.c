/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Out of the ring buffer, in pieces: however fast records come, and however slowly they are taken,
 * a drain ends, and ticks and losses are reported while it goes on.
 *
 * libbpf consumes until the ring is empty, which a fast target may put off for ever. So the ring's
 * positions are read here too (kernel/bpf/ringbuf.c: a page with the consumer's, a page with the
 * producer's, the data twice in a row), and what was not there when the drain began is left.
 */
#include "capture/live_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLICE_NS     50000000ULL /* ticks come at least so often */
#define SLICE_STEP   32		 /* records between two questions for the time */
#define RECORD_HEAD  8		 /* BPF_RINGBUF_HDR_SZ */
#define RECORD_FLAGS (BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT)

enum {
	DRAINED = -ECANCELED
}; /* the callback's word for: enough */

static size_t mapped_bytes(const struct ring_positions *r)
{
	return 2 * r->page + 2 * r->size;
}

static int map_ring(struct live *live)
{
	struct ring_positions *r = &live->positions;
	int fd = bpf_map__fd(live->maps->maps.ring);
	char *at;

	r->page = sysconf(_SC_PAGESIZE);
	r->size = bpf_map__max_entries(live->maps->maps.ring);
	at = mmap(NULL, mapped_bytes(r), PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	r->consumer = (const unsigned long *)at;
	r->producer = (const unsigned long *)(at + r->page);
	r->data = at + 2 * r->page;
	return 0;
}

void live_unmap_ring(struct live *live)
{
	struct ring_positions *r = &live->positions;

	if (r->consumer)
		munmap((void *)r->consumer, mapped_bytes(r));
}

static unsigned long record_bytes(uint32_t len)
{
	return (RECORD_HEAD + (len & ~RECORD_FLAGS) + 7) & ~7UL;
}

/* Only reads memory: to be called by a signal handler. */
uint64_t live_backlog(const struct live *live)
{
	const struct ring_positions *r = &live->positions;
	unsigned long at = __atomic_load_n(r->consumer, __ATOMIC_ACQUIRE);
	unsigned long end = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
	uint64_t count = 0;

	while (at < end) {
		uint32_t len = *(const uint32_t *)(r->data + (at & (r->size - 1)));

		count += !(len & RECORD_FLAGS);
		at += record_bytes(len);
	}
	return count;
}

/*
 * Capture goes on until the last scan, if that can be soon. If much lies in the ring it ends at once.
 */
static void stop_if_behind(struct live *live)
{
	const struct ring_positions *r = &live->positions;

	if (live->stopped_ns || *r->producer - *r->consumer < r->size / 8)
		return;
	live->shared->stopped = true;
	live->stopped_ns = live_now_ns(live);
}

void live_stop(struct live *live)
{
	live->stop_asked = true;
	stop_if_behind(live);
}

/* Up to when the records that were delivered are complete: a call is emitted at its return. */
static void note_progress(struct live *live, const struct et_hdr *h)
{
	uint64_t ns = h->time_ns;

	if (h->kind == ET_KIND_CREATE || h->kind == ET_KIND_CTL || h->kind == ET_KIND_WAIT)
		ns += ((const struct et_call *)h)->duration_ns;
	if (ns > live->progress_ns)
		live->progress_ns = ns;
}

/* In the middle of a drain: 0, or DRAINED where its time is up. */
static int end_slice(struct live *live)
{
	uint64_t now_ns = live_now_ns(live);

	if (now_ns < live->slice_end_ns)
		return 0;
	live->slice_end_ns = now_ns + SLICE_NS;
	if (live->stop_asked)
		stop_if_behind(live);
	live_report_progress(live);
	return live->drain_brief ? DRAINED : 0;
}

static int take_record(void *ctx, void *data, size_t size)
{
	struct live *live = ctx;
	unsigned long end = *live->positions.consumer + record_bytes(size);

	live_note_held(live, data, size);
	note_progress(live, data);
	if (!live_ask_proc(live, data, size))
		live_deliver(live, data, size);
	if (live->sink_result)
		return live->sink_result;
	if (end >= live->drain_end)
		return DRAINED;
	return ++live->taken % SLICE_STEP ? 0 : end_slice(live);
}

int live_make_ring(struct live *live)
{
	live->ring = ring_buffer__new(bpf_map__fd(live->maps->maps.ring), take_record, live, NULL);
	return live->ring ? map_ring(live) : -errno;
}

/* 0: it went to its end. */
static int drain(struct live *live, bool brief)
{
	uint64_t start_ns = live_now_ns(live);
	int n;

	live_watch_clock(live);
	live->drain_brief = brief;
	live->slice_end_ns = start_ns + SLICE_NS;
	live->drain_end = __atomic_load_n(live->positions.producer, __ATOMIC_ACQUIRE);
	n = ring_buffer__consume(live->ring);
	if (live->sink_result)
		return live->sink_result;
	if (n < 0 && n != DRAINED)
		return n;
	if (start_ns > live->progress_ns && *live->positions.consumer >= live->drain_end)
		live->progress_ns = start_ns;
	return 0;
}

int live_drain(struct live *live)
{
	return drain(live, false);
}

int live_drain_briefly(struct live *live)
{
	return drain(live, true);
}
