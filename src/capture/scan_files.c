/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A look at descriptors: what the iterator of bpf/scan_files.bpf.c tells, and /proc/PID/fdinfo/EPFD,
 * which alone knows the entries whose number is closed everywhere.
 *
 * fdinfo is a moment's truth that arrives late: each row carries the time before it was read, so
 * that the model can tell what has changed since.
 */
#include "capture/live_internal.h"

#include "capture/fdinfo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARK_BYTES   8	  /* that a record leaves in the iterator's output */
#define RECORD_BYTES 2048 /* room in the ring that a record may take */
#define PIECE_MAX    16384

static void note_entry(struct live *live, const struct et_entry *r)
{
	unsigned n = live->held_count;

	for (unsigned i = 0; i < n; i++) {
		struct held *h = &live->held[(live->last_held + i) % n];

		if (h->ep != r->ep)
			continue;
		h->told++;
		live->last_held = h - live->held;
		return;
	}
}

void live_note_held(struct live *live, const void *data, size_t size)
{
	const struct et_instance *r = data;
	struct held *more;

	if (size == sizeof(struct et_entry) && r->h.kind == ET_KIND_ENTRY)
		note_entry(live, data);
	if (size == sizeof(struct et_close) && r->h.kind == ET_KIND_CLOSE)
		live->doubtful |= ((const struct et_close *)data)->refs > 1;
	if (size != sizeof(*r) || r->h.kind != ET_KIND_INSTANCE || r->flags & ET_INSTANCE_FOREIGN)
		return;
	if (live->held_count == live->held_cap) {
		unsigned cap = live->held_cap ? live->held_cap * 2 : 16;

		more = realloc(live->held, cap * sizeof(*more));
		if (!more)
			return; /* then its fdinfo is not read */
		live->held = more;
		live->held_cap = cap;
	}
	live->held[live->held_count++] = (struct held){
		.ep = r->ep, .pid = r->h.user_tgid, .tid = r->h.user_tid, .fd = r->fd};
}

/* So much of the iterator's output that what it stands for fits the ring with room to spare. */
static size_t piece_size(const struct live *live)
{
	size_t piece = bpf_map__max_entries(live->maps->maps.ring) / RECORD_BYTES * MARK_BYTES;

	return piece < PIECE_MAX ? piece : PIECE_MAX;
}

static int pass(struct live *live, bool collects)
{
	live->shared->look_collects = collects;
	return live_run_iterator(live->files_link, piece_size(live), live_drain, live);
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
static int collect(struct live *live)
{
	live->held_count = 0;
	empty_map(live->scans->maps.held_instances);
	empty_map(live->scans->maps.told_files);
	return pass(live, true);
}

static void tell_look(struct live *live, unsigned flags)
{
	struct et_look r = {.h = live_header(live, ET_KIND_LOOK, sizeof(r)), .flags = flags};

	live_deliver(live, &r, sizeof(r));
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

/* Reads each instance once, by whatever number it has. Flags of the look. */
static unsigned read_all(struct live *live, struct reading *readings, unsigned *ret_count)
{
	unsigned flags = 0, count = 0;

	for (unsigned i = 0; i < live->held_count; i++) {
		struct reading *r = &readings[count];
		int err;

		if (is_read(readings, count, &live->held[i]))
			continue;
		r->held = live->held[i];
		r->time_ns = live_now_ns(live);
		err = fdinfo_read(r->held.pid, r->held.tid, r->held.fd, &r->info);
		r->valid = !err;
		live->moved |= !err && r->info.count > r->held.told;
		if (!err && r->info.count > live->most_rows)
			live->most_rows = r->info.count;
		r->refused = err == -EACCES || err == -EPERM;
		r->absent = err && err != -ENOMEM && !r->refused;
		if (err == -ENOMEM)
			flags |= ET_LOOK_CUT;
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
 * The number may have come to mean another instance while it was read. Where it is the same and
 * could not be read, the privileges do not suffice: told as a flag of the look.
 */
static int confirm(struct live *live, struct reading *readings, unsigned count, unsigned *flags)
{
	int err = collect(live);

	for (unsigned i = 0; i < count; i++) {
		bool same = false;

		for (unsigned j = 0; j < live->held_count && !same; j++)
			same = is_same(&live->held[j], &readings[i].held);
		readings[i].valid &= same;
		if (readings[i].absent && same)
			*flags |= ET_LOOK_NO_FDINFO;
	}
	return err;
}

static void tell_reading(struct live *live, const struct reading *reading)
{
	struct et_fdinfo r = {
		.h = live_header(live, ET_KIND_FDINFO, sizeof(r)),
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
		if (live_deliver(live, &r, sizeof(r)))
			return;
	}
	r.flags = ET_FDINFO_END;
	live_deliver(live, &r, sizeof(r));
}

static int look_fdinfo(struct live *live, unsigned *flags)
{
	struct reading *readings = calloc(live->held_count + 1, sizeof(*readings));
	unsigned count = 0;
	int err = 0;

	if (!readings)
		return -ENOMEM;
	live->most_rows = 0;
	*flags |= read_all(live, readings, &count);
	live->doubtful = live->moved;
	for (unsigned i = 0; i < count; i++)
		if (readings[i].refused)
			*flags |= ET_LOOK_NO_FDINFO;
	if (live->files_link)
		err = confirm(live, readings, count, flags);
	for (unsigned i = 0; i < count; i++) {
		if (!err && readings[i].valid)
			tell_reading(live, &readings[i]);
		fdinfo_free(&readings[i].info);
	}
	free(readings);
	return err;
}

/* Without the iterator: the instances by what /proc calls them; their identity stays unknown. */
static void find_instances(struct live *live)
{
	live->held_count = 0;
	for (unsigned i = 0; i < live->named_count; i++) {
		struct et_instance r = {.h = live_header(live, ET_KIND_INSTANCE, sizeof(r))};
		int *fds;
		int count = fdinfo_instances(live->named[i].user_tgid, &fds);

		r.h.user_tgid = r.h.user_tid = live->named[i].user_tgid;
		memcpy(r.comm, live->named[i].comm, sizeof(r.comm));
		for (int j = 0; j < count; j++) {
			r.fd = fds[j];
			live_note_held(live, &r, sizeof(r));
			live_deliver(live, &r, sizeof(r));
		}
		if (count > 0)
			free(fds);
	}
}

/* All that threads do, whether it was told or not: who reads from here on knows nothing yet. */
#define LOOK_WHOLE (LOOK_PRIOR | LOOK_BLOCKED | LOOK_AGAIN | LOOK_ALL_THREADS)

/*
 * Threads are looked at after the files: one that is in a wait which began before its files were
 * looked at was in it then.
 */
static int look_threads(struct live *live)
{
	return live->opt.threads ? live_look(live, LOOK_WHOLE, UINT64_MAX) : 0;
}

int live_look_files(struct live *live, bool fdinfo)
{
	unsigned flags = fdinfo ? ET_LOOK_FDINFO : 0;
	int err = live_drain(live);

	if (!live->files_link && !fdinfo)
		return err ? err : look_threads(live);
	live->shared->look_was_cut = false;
	live->moved = false;
	flags |= live->files_link ? 0 : ET_LOOK_NO_ITER;
	tell_look(live, flags);
	if (!err && live->files_link)
		err = collect(live);
	if (!err && live->files_link)
		err = pass(live, false);
	else if (!err)
		find_instances(live);
	if (!err && fdinfo)
		err = look_fdinfo(live, &flags);
	if (!err)
		err = look_threads(live);
	if (!err)
		err = live_drain(live);
	if (live->shared->look_was_cut)
		flags |= ET_LOOK_CUT;
	if (live->shared->ring_seen && !live->has_io_uring && !live->opt.snapshot)
		flags |= ET_LOOK_UNSEEN;
	tell_look(live, flags | ET_LOOK_END);
	return err ? err : live->sink_result;
}
