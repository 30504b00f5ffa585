/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A scan of descriptors: what the iterator of bpf/scan_files.bpf.c reports, and /proc/PID/fdinfo/EPFD,
 * which alone knows the entries whose number is closed everywhere.
 *
 * fdinfo is true of one instant and arrives late: each row carries the time before it was read, so
 * that the model knows what has changed since.
 */
#include "capture/live_internal.h"

#include "base/array.h"
#include "capture/fdinfo.h"
#include "capture/scan.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARK_BYTES   8	  /* that a record leaves in the iterator's output */
#define RECORD_BYTES 2048 /* room in the ring that a record may take */
#define PIECE_MAX    16384

static void note_entry(struct file_scan *s, const struct et_entry *r)
{
	unsigned n = s->held_count;

	for (unsigned i = 0; i < n; i++) {
		struct held *h = &s->held[(s->last_held + i) % n];

		if (h->ep != r->ep)
			continue;
		h->entries++;
		s->last_held = h - s->held;
		return;
	}
}

void file_scan_note(struct file_scan *s, const void *data, size_t size)
{
	const struct et_instance *r = data;

	if (size == sizeof(struct et_entry) && r->h.kind == ET_KIND_ENTRY)
		note_entry(s, data);
	if (size == sizeof(struct et_close) && r->h.kind == ET_KIND_CLOSE)
		s->doubtful |= ((const struct et_close *)data)->refs > 1;
	if (size != sizeof(*r) || r->h.kind != ET_KIND_INSTANCE || r->flags & ET_INSTANCE_FOREIGN)
		return;
	if (!array_room(&s->held, &s->held_cap, s->held_count + 1, sizeof(*s->held)))
		return; /* then its fdinfo is not read */
	s->held[s->held_count++] = (struct held){
		.ep = r->ep, .pid = r->h.user_tgid, .tid = r->h.user_tid, .fd = r->fd};
}

void file_scan_free(struct file_scan *s)
{
	free(s->held);
}

/* So much of the iterator's output that what it stands for fits the ring with room to spare. */
static size_t piece_size(const struct live *live)
{
	size_t piece =
		bpf_map__max_entries(live->programs.maps->maps.ring) / RECORD_BYTES * MARK_BYTES;

	return piece < PIECE_MAX ? piece : PIECE_MAX;
}

/* Between two pieces the ring is emptied. */
static int drain_piece(void *ring)
{
	return ring_drain(ring);
}

static int run_pass(struct live *live, bool collects)
{
	live->programs.shared->scan_collects = collects;
	return scan_run(live->links.files, piece_size(live), drain_piece, &live->ring);
}

static void empty_map(const struct bpf_map *map)
{
	int fd = bpf_map__fd(map);
	char key[16]; /* of either map */

	while (!bpf_map_get_next_key(fd, NULL, key))
		if (bpf_map_delete_elem(fd, key))
			break;
}

/* The instances of the targets, and which numbers they have; they are in live->held then. */
static int collect_instances(struct live *live)
{
	live->files.held_count = 0;
	empty_map(live->programs.scans->maps.held_instances);
	empty_map(live->programs.scans->maps.emitted_files);
	return run_pass(live, true);
}

static void report_scan(struct live *live, unsigned flags)
{
	struct et_scan r = {.h = delivery_header(&live->delivery, ET_KIND_SCAN, sizeof(r)),
			    .flags = flags};

	deliver(&live->delivery, &r, sizeof(r));
}

/* What was read of one instance. */
struct reading {
	struct held held;
	uint64_t time_ns;
	struct fdinfo info;
	bool valid;
	bool refused; /* for lack of privileges */
	bool absent;  /* not there: closed meanwhile, or hidden (hidepid of proc) */
};

static bool is_read(const struct reading *readings, unsigned count, const struct held *h)
{
	for (unsigned i = 0; i < count; i++)
		if (h->ep && readings[i].held.ep == h->ep)
			return true;
	return false;
}

/* Reads each instance once, by whatever number it has. Flags of the scan. */
static unsigned read_all(struct live *live, struct reading *readings, unsigned *ret_count)
{
	unsigned flags = 0, count = 0;

	for (unsigned i = 0; i < live->files.held_count; i++) {
		struct reading *r = &readings[count];
		int err;

		if (is_read(readings, count, &live->files.held[i]))
			continue;
		r->held = live->files.held[i];
		r->time_ns = delivery_now_ns(&live->delivery);
		err = fdinfo_read(r->held.pid, r->held.tid, r->held.fd, &r->info);
		r->valid = !err;
		live->files.moved |= !err && r->info.count > r->held.entries;
		if (!err && r->info.count > live->files.most_rows)
			live->files.most_rows = r->info.count;
		r->refused = err == -EACCES || err == -EPERM;
		r->absent = err && err != -ENOMEM && !r->refused;
		if (err == -ENOMEM)
			flags |= ET_SCAN_CUT;
		count++;
	}
	*ret_count = count;
	return flags;
}

static bool is_same(const struct held *a, const struct held *b)
{
	return a->ep == b->ep && a->pid == b->pid && a->tid == b->tid && a->fd == b->fd;
}

/*
 * The number may have come to mean another instance while it was read. If it is the same and
 * could not be read, the privileges do not suffice: reported as a flag of the scan.
 */
static int confirm_readings(struct live *live, struct reading *readings, unsigned count,
			    unsigned *flags)
{
	int err = collect_instances(live);

	for (unsigned i = 0; i < count; i++) {
		bool same = false;

		for (unsigned j = 0; j < live->files.held_count && !same; j++)
			same = is_same(&live->files.held[j], &readings[i].held);
		readings[i].valid &= same;
		if (readings[i].absent && same)
			*flags |= ET_SCAN_NO_FDINFO;
	}
	return err;
}

static void report_reading(struct live *live, const struct reading *reading)
{
	struct et_fdinfo r = {
		.h = delivery_header(&live->delivery, ET_KIND_FDINFO, sizeof(r)),
		.ep = reading->held.ep,
		.epfd = reading->held.fd,
	};

	r.h.time_ns = reading->time_ns;
	r.h.user_tgid = reading->held.pid;
	r.h.user_tid = reading->held.pid;
	for (size_t i = 0; i < reading->info.count; i++) {
		const struct fdinfo_row *row = &reading->info.rows[i];

		r.fd = row->fd;
		r.events = row->events;
		r.data = row->data;
		if (deliver(&live->delivery, &r, sizeof(r)))
			return;
	}
	r.flags = ET_FDINFO_END;
	deliver(&live->delivery, &r, sizeof(r));
}

static int scan_fdinfo(struct live *live, unsigned *flags)
{
	struct reading *readings = calloc(live->files.held_count + 1, sizeof(*readings));
	unsigned count = 0;
	int err = 0;

	if (!readings)
		return -ENOMEM;
	live->files.most_rows = 0;
	*flags |= read_all(live, readings, &count);
	live->files.doubtful = live->files.moved;
	for (unsigned i = 0; i < count; i++)
		if (readings[i].refused)
			*flags |= ET_SCAN_NO_FDINFO;
	if (live->links.files)
		err = confirm_readings(live, readings, count, flags);
	for (unsigned i = 0; i < count; i++) {
		if (!err && readings[i].valid)
			report_reading(live, &readings[i]);
		fdinfo_free(&readings[i].info);
	}
	free(readings);
	return err;
}

/* Without the iterator: the instances by what /proc calls them; their identity stays unknown. */
static void report_instances(struct live *live)
{
	live->files.held_count = 0;
	for (unsigned i = 0; i < live->named_count; i++) {
		struct et_instance r = {
			.h = delivery_header(&live->delivery, ET_KIND_INSTANCE, sizeof(r))};
		int *fds;
		int count = fdinfo_instances(live->named[i].user_tgid, &fds);

		r.h.user_tgid = r.h.user_tid = live->named[i].user_tgid;
		memcpy(r.comm, live->named[i].comm, sizeof(r.comm));
		for (int j = 0; j < count; j++) {
			r.fd = fds[j];
			file_scan_note(&live->files, &r, sizeof(r));
			deliver(&live->delivery, &r, sizeof(r));
		}
		if (count > 0)
			free(fds);
	}
}

/* All that threads do, reported before or not: a reader that begins here knows nothing yet. */
#define SCAN_WHOLE (SCAN_PRIOR | SCAN_BLOCKED | SCAN_AGAIN | SCAN_ALL_THREADS)

/*
 * Threads are scanned after files, so that a wait found in progress was in progress when its
 * files were read, if it began before.
 */
static int scan_all_threads(struct live *live)
{
	return live->opt.threads ? scan_threads(live->links.tasks, live->programs.shared,
						SCAN_WHOLE, UINT64_MAX)
				 : 0;
}

int scan_files(struct live *live, bool fdinfo)
{
	unsigned flags = live->links.files ? 0 : ET_SCAN_NO_ITER;
	int err = ring_drain(&live->ring);

	if (!live->links.files && !fdinfo)
		return err ? err : scan_all_threads(live);
	live->programs.shared->scan_was_cut = false;
	live->files.moved = false;
	report_scan(live, flags);
	if (!err && live->links.files)
		err = collect_instances(live);
	if (!err && live->links.files)
		err = run_pass(live, false);
	else if (!err)
		report_instances(live);
	if (!err && fdinfo)
		err = scan_fdinfo(live, &flags);
	if (!err)
		err = scan_all_threads(live);
	if (!err)
		err = ring_drain(&live->ring);
	if (live->programs.shared->scan_was_cut)
		flags |= ET_SCAN_CUT;
	if (live->programs.shared->ring_seen && !live->programs.has_io_uring && !live->opt.snapshot)
		flags |= ET_SCAN_UNSEEN;
	report_scan(live, flags | ET_SCAN_END);
	return err ? err : live->delivery.result;
}
