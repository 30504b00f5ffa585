/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libbpf consumes until the ring is empty, which a fast target may put off for ever. So the ring's
 * positions are read here too (kernel/bpf/ringbuf.c: a page with the consumer's, a page with the
 * producer's, the data twice in a row), and what was not there when the drain began is left.
 */
#include "capture/drain.h"

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

static int map_ring(struct ring_positions *r, const struct bpf_map *map)
{
	int fd = bpf_map__fd(map);
	char *at;

	r->page = sysconf(_SC_PAGESIZE);
	r->size = bpf_map__max_entries(map);
	at = mmap(NULL, mapped_bytes(r), PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	r->consumer = (const unsigned long *)at;
	r->producer = (const unsigned long *)(at + r->page);
	r->data = at + 2 * r->page;
	return 0;
}

static unsigned long record_bytes(uint32_t len)
{
	return (RECORD_HEAD + (len & ~RECORD_FLAGS) + 7) & ~7UL;
}

uint64_t ring_backlog(const struct ring *ring)
{
	const struct ring_positions *r = &ring->positions;
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
static void stop_if_behind(struct ring *ring)
{
	const struct ring_positions *r = &ring->positions;

	if (ring->stopped_ns || *r->producer - *r->consumer < r->size / 8)
		return;
	ring->shared->stopped = true;
	ring->stopped_ns = delivery_now_ns(ring->delivery);
}

void ring_stop(struct ring *ring)
{
	ring->stop_asked = true;
	stop_if_behind(ring);
}

/* Up to when the records that were delivered are complete: a call is emitted at its return. */
static void note_progress(struct ring *ring, const struct et_hdr *h)
{
	uint64_t ns = h->time_ns;

	if (h->kind == ET_KIND_CREATE || h->kind == ET_KIND_CTL || h->kind == ET_KIND_WAIT)
		ns += ((const struct et_call *)h)->duration_ns;
	if (ns > ring->progress_ns)
		ring->progress_ns = ns;
}

/* In the middle of a drain: 0, or DRAINED if its time is up. */
static int end_slice(struct ring *ring)
{
	uint64_t now_ns = delivery_now_ns(ring->delivery);

	if (now_ns < ring->slice_end_ns)
		return 0;
	ring->slice_end_ns = now_ns + SLICE_NS;
	if (ring->stop_asked)
		stop_if_behind(ring);
	ring->hooks.progress(ring->hooks.ctx);
	return ring->drain_brief ? DRAINED : 0;
}

static int take_record(void *ctx, void *data, size_t size)
{
	struct ring *ring = ctx;
	unsigned long end = *ring->positions.consumer + record_bytes(size);

	note_progress(ring, data);
	ring->hooks.take(ring->hooks.ctx, data, size);
	if (ring->delivery->result)
		return ring->delivery->result;
	if (end >= ring->drain_end)
		return DRAINED;
	return ++ring->taken % SLICE_STEP ? 0 : end_slice(ring);
}

int ring_open(struct ring *ring, const struct bpf_map *map, struct et_shared *shared,
	      const struct delivery *delivery, const struct ring_hooks *hooks)
{
	ring->hooks = *hooks;
	ring->delivery = delivery;
	ring->shared = shared;
	ring->reader = ring_buffer__new(bpf_map__fd(map), take_record, ring, NULL);
	return ring->reader ? map_ring(&ring->positions, map) : -errno;
}

void ring_close(struct ring *ring)
{
	const struct ring_positions *r = &ring->positions;

	ring_buffer__free(ring->reader);
	if (r->consumer)
		munmap((void *)r->consumer, mapped_bytes(r));
}

/* 0: it went to its end. */
static int drain_ring(struct ring *ring, bool brief)
{
	uint64_t start_ns = delivery_now_ns(ring->delivery);
	int n;

	ring->hooks.begin(ring->hooks.ctx);
	ring->drain_brief = brief;
	ring->slice_end_ns = start_ns + SLICE_NS;
	ring->drain_end = __atomic_load_n(ring->positions.producer, __ATOMIC_ACQUIRE);
	n = ring_buffer__consume(ring->reader);
	if (ring->delivery->result)
		return ring->delivery->result;
	if (n < 0 && n != DRAINED)
		return n;
	if (start_ns > ring->progress_ns && *ring->positions.consumer >= ring->drain_end)
		ring->progress_ns = start_ns;
	return 0;
}

int ring_drain(struct ring *ring)
{
	return drain_ring(ring, false);
}

int ring_drain_briefly(struct ring *ring)
{
	return drain_ring(ring, true);
}
