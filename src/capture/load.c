/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/load.h"

#include "capture/choose.h"
#include "capture/core_btf.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RING_MIN     (256 * 1024)
#define IO_FILES_MIN 2048 /* a quarter of a kB each, all of it taken at the load */
#define IO_FILES_MAX 32768

/* One memory serves all objects: none may have variables of its own. */
#define HAS_SHARED_ALONE(name) sizeof(*((struct name##_bpf *)0)->bss) == sizeof(struct et_shared)
_Static_assert(HAS_SHARED_ALONE(maps), "variables");
_Static_assert(HAS_SHARED_ALONE(calls), "variables");
_Static_assert(HAS_SHARED_ALONE(scans), "variables");
_Static_assert(HAS_SHARED_ALONE(uring), "variables");

static size_t ring_size(size_t wanted)
{
	size_t size = RING_MIN;

	while (size < wanted && size < (1u << 30))
		size *= 2;
	return size;
}

static unsigned io_files(unsigned wanted)
{
	return wanted < IO_FILES_MIN ? IO_FILES_MIN : wanted > IO_FILES_MAX ? IO_FILES_MAX : wanted;
}

/* The maps of all objects. */
static int load_maps(struct programs *p, const struct live_options *opt, size_t ring_bytes)
{
	struct maps_bpf *skel = maps_bpf__open();

	p->maps = skel;
	if (!skel)
		return -errno;
	bpf_map__set_autocreate(skel->maps.io_files, p->settings.io_on);
	bpf_map__set_autocreate(skel->maps.lapsed, p->settings.lapses_on);
	bpf_map__set_autocreate(skel->maps.threads, p->settings.task_storage);
	bpf_map__set_autocreate(skel->maps.threads_by_tid, !p->settings.task_storage);
	bpf_map__set_max_entries(skel->maps.ring, ring_bytes);
	bpf_map__set_max_entries(skel->maps.io_files, io_files(opt->io_files));
	return maps_bpf__load(skel);
}

static bool is_memory(const struct bpf_map *map)
{
	const char *suffix = strrchr(bpf_map__name(map), '.');

	return suffix && !strcmp(suffix, ".bss");
}

/* The map that all objects have in common with this one, NULL if it is the object's own. */
static const struct bpf_map *shared_map(const struct programs *p, const struct bpf_map *map)
{
	return is_memory(map) ? p->maps->maps.bss
			      : bpf_object__find_map_by_name(p->maps->obj, bpf_map__name(map));
}

/* Lets an object that has been opened use the maps that are there. 0 or -errno. */
static int share_maps(const struct programs *p, const struct bpf_object *obj)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, obj) {
		const struct bpf_map *shared = shared_map(p, map);

		/* Since libbpf 1.5 a map that is not created has a descriptor all the same. */
		if (shared && !bpf_map__autocreate(shared))
			bpf_map__set_autocreate(map, false);
		else if (shared)
			err = bpf_map__reuse_fd(map, bpf_map__fd(shared));
		if (err)
			break;
	}
	return err;
}

/* An object that a thread of its own loads: most of that is libbpf's and the verifier's work. */
struct job {
	struct bpf_object_skeleton *skel;
	pthread_t thread;
	bool started;
	int err;
};

static void *run_job(void *ctx)
{
	struct job *job = ctx;

	job->err = bpf_object__load_skeleton(job->skel);
	return NULL;
}

static void start_job(struct job *job, struct bpf_object_skeleton *skel)
{
	job->skel = skel;
	job->started = !pthread_create(&job->thread, NULL, run_job, job);
	if (!job->started)
		run_job(job);
}

static int finish_job(struct job *job)
{
	if (job->started)
		pthread_join(job->thread, NULL);
	return job->err;
}

static int open_scans(struct programs *p, const struct bpf_object_open_opts *opts)
{
	p->scans = scans_bpf__open_opts(opts);
	if (!p->scans)
		return -errno;
	choose_scans(p);
	return share_maps(p, p->scans->obj);
}

static int open_calls(struct programs *p, const struct live_options *opt,
		      const struct bpf_object_open_opts *opts)
{
	if (opt->snapshot)
		return 0;
	p->calls = calls_bpf__open_opts(opts);
	if (!p->calls)
		return -errno;
	choose_calls(p, opt);
	return share_maps(p, p->calls->obj);
}

static int open_uring(struct programs *p, const struct live_options *opt,
		      const struct bpf_object_open_opts *opts)
{
	if (opt->snapshot || !p->has_io_uring)
		return 0;
	p->uring = uring_bpf__open_opts(opts);
	if (!p->uring)
		return -errno;
	choose_io_uring(p);
	return share_maps(p, p->uring->obj);
}

/* The settings are complete once the kernel's types are known. */
static int complete_settings(struct programs *p, int types)
{
	struct bpf_object *objects[BPF_OBJECTS] = {p->scans->obj, p->calls ? p->calls->obj : NULL,
						   p->uring ? p->uring->obj : NULL};
	struct core_ids *ids = &p->prepare.ids;
	int err = core_btf_write(types, objects, BPF_OBJECTS, ids);

	p->settings.id_task_struct = ids->task_struct;
	p->settings.id_file = ids->file;
	p->settings.id_fdtable = ids->fdtable;
	p->settings.preemptible = ids->call_faultable;
	p->scans->rodata->settings = p->settings;
	if (p->calls)
		p->calls->rodata->settings = p->settings;
	if (p->uring)
		p->uring->rodata->settings = p->settings;
	return err;
}

static void close_objects(struct programs *p)
{
	uring_bpf__destroy(p->uring);
	scans_bpf__destroy(p->scans);
	calls_bpf__destroy(p->calls);
	p->uring = NULL;
	p->scans = NULL;
	p->calls = NULL;
}

/*
 * Opens what is to be loaded, with the file types to find the kernel's types in. If there is
 * none, or no /proc to name it by, libbpf finds them itself.
 */
static int open_with(struct programs *p, const struct live_options *opt, int types)
{
	char path[32];
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	int err;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", types);
	opts.btf_custom_path = types < 0 || access(path, R_OK) ? NULL : path;
	err = open_scans(p, &opts);
	if (!err)
		err = open_calls(p, opt, &opts);
	if (!err)
		err = open_uring(p, opt, &opts);
	return err ? err : complete_settings(p, types);
}

/* What each object could not be loaded for: 0 or -errno. */
struct refused {
	int maps, calls, scans, uring;
};

static void load_objects(struct programs *p, struct refused *ret_refused)
{
	struct job calls = {}, scans = {}, uring = {};

	if (p->calls)
		start_job(&calls, p->calls->skeleton);
	if (p->uring)
		start_job(&uring, p->uring->skeleton);
	scans.skel = p->scans->skeleton;
	run_job(&scans);
	ret_refused->scans = scans.err;
	ret_refused->calls = finish_job(&calls);
	ret_refused->uring = finish_job(&uring);
}

/* Loads all; 0, or the first -errno. */
static int try_load(struct programs *p, const struct live_options *opt, size_t ring_bytes,
		    struct refused *ret_refused)
{
	int types, err;

	*ret_refused = (struct refused){};
	choose_settings(p, opt, ring_bytes);
	ret_refused->maps = load_maps(p, opt, ring_bytes);
	if (ret_refused->maps)
		return ret_refused->maps;
	types = memfd_create("epolltrace types", MFD_CLOEXEC);
	if (types < 0)
		return ret_refused->maps = -errno;
	err = open_with(p, opt, types);
	if (err == -EFBIG) { /* no file may grow so large (RLIMIT_FSIZE) */
		close_objects(p);
		err = open_with(p, opt, -1);
	}
	if (!err)
		load_objects(p, ret_refused);
	close(types);
	if (err)
		return ret_refused->maps = err;
	return ret_refused->calls   ? ret_refused->calls
	       : ret_refused->scans ? ret_refused->scans
				    : ret_refused->uring;
}

static bool is_refused(int err)
{
	return err && err != -EPERM && err != -EMFILE;
}

/*
 * What to do without after a load that failed; false: nothing is left. Typed reads are refused
 * before Linux 6.2, what sees io_uring before 6.0. Before 5.11 maps count against RLIMIT_MEMLOCK,
 * which may be fixed: a smaller ring may still fit.
 */
static bool ask_for_less(struct programs *p, const struct refused *r, size_t *ring_bytes)
{
	bool typed = is_refused(r->calls) && p->has_typed_reads;
	bool files = is_refused(r->scans) && p->has_file_iterator;
	bool uring = is_refused(r->uring) && p->has_io_uring;

	if ((r->maps == -ENOMEM || r->maps == -EPERM) && *ring_bytes > RING_MIN && geteuid() == 0) {
		*ring_bytes /= 2;
		return true;
	}
	if (typed)
		p->has_typed_reads = false;
	if (files)
		p->has_file_iterator = false;
	if (uring)
		p->has_io_uring = false;
	return typed || files || uring;
}

void programs_unload(struct programs *p)
{
	close_objects(p);
	maps_bpf__destroy(p->maps);
	p->maps = NULL;
	p->shared = NULL;
}

int programs_load(struct programs *p, const struct live_options *opt)
{
	size_t ring_bytes = ring_size(opt->ring_bytes);
	struct refused refused;
	int err = prepare_begin(&p->prepare);

	if (err)
		return err;
	err = try_load(p, opt, ring_bytes, &refused);
	while (err && ask_for_less(p, &refused, &ring_bytes)) {
		programs_unload(p);
		err = try_load(p, opt, ring_bytes, &refused);
	}
	if (err)
		return err;
	p->shared = &p->maps->bss->shared;
	p->objects[p->object_count++] = p->scans->obj;
	if (p->calls)
		p->objects[p->object_count++] = p->calls->obj;
	if (p->uring)
		p->objects[p->object_count++] = p->uring->obj;
	return 0;
}
