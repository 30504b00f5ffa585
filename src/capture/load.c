/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which BPF programs are loaded, and with which settings: by what the kernel takes. */
#include "capture/live_internal.h"

#include "capture/core_btf.h"
#include "capture/fd_calls.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LEAST_RING     (256 * 1024)
#define LEAST_IO_FILES 2048 /* a quarter of a kB each, all of it taken at the load */
#define MOST_IO_FILES  32768

/* One memory serves all objects: none may have variables of its own. */
#define HAS_SHARED_ALONE(name) sizeof(*((struct name##_bpf *)0)->bss) == sizeof(struct et_shared)
_Static_assert(HAS_SHARED_ALONE(maps), "variables");
_Static_assert(HAS_SHARED_ALONE(calls), "variables");
_Static_assert(HAS_SHARED_ALONE(scans), "variables");
_Static_assert(HAS_SHARED_ALONE(uring), "variables");

/*
 * A request is handed to its tracepoint at the submit since Linux 6.0, under another name since
 * 6.4. On a kernel where the same name has other arguments the programs do not load.
 */
static void choose_io_uring(struct live *live)
{
	const struct uring_bpf *skel = live->uring;
	bool req = live_has_event(live, "io_uring/io_uring_submit_req");

	bpf_program__set_autoload(skel->progs.on_submit_req, req);
	bpf_program__set_autoload(skel->progs.on_submit_sqe, !req);
	bpf_program__set_autoload(skel->progs.on_submit_failed, true);
	bpf_program__set_autoload(skel->progs.on_complete, true);
	bpf_program__set_autoload(skel->progs.on_fail_link, true);
	bpf_program__set_autoload(skel->progs.on_link, true);
	bpf_program__set_autoload(skel->progs.on_queue_async, true);
	bpf_program__set_autoload(skel->progs.exit_io_uring_enter, true);
}

/* Of programs that do the same in two ways, the one that this kernel takes. */
static void choose(struct bpf_program *better, struct bpf_program *other, bool has_better)
{
	bpf_program__set_autoload(better, has_better);
	bpf_program__set_autoload(other, !has_better);
}

static void choose_scans(struct live *live)
{
	const struct scans_bpf *skel = live->scans;

	bpf_program__set_autoload(skel->progs.look_files, live->has_file_iterator);
}

/* Leaves out the programs whose tracepoint this kernel lacks. */
static void choose_calls(struct live *live)
{
	const struct calls_bpf *skel = live->calls;
	bool typed = live->has_typed_reads, light = live->opt.light && typed && live->has_pt_regs;
	struct bpf_program *prog;

	choose(skel->progs.enter_epoll_wait_typed, skel->progs.enter_epoll_wait, typed);
	choose(skel->progs.enter_epoll_pwait_typed, skel->progs.enter_epoll_pwait, typed);
	choose(skel->progs.enter_epoll_pwait2_typed, skel->progs.enter_epoll_pwait2, typed);
	choose(skel->progs.enter_close_typed, skel->progs.enter_close, typed);
	bpf_program__set_autoload(skel->progs.enter_epoll_ctl, !light);
	bpf_program__set_autoload(skel->progs.exit_epoll_ctl, !light);
	bpf_program__set_autoload(skel->progs.exit_epoll_ctl_light, light);
	bpf_program__set_autoload(skel->progs.on_sys_exit, live->opt.io && !typed);
	bpf_program__set_autoload(skel->progs.on_sys_exit_typed, live->opt.io && typed);
	bpf_program__set_autoload(skel->progs.on_prepare_exec, live->has_prepare_exec);
	bpf_object__for_each_program(prog, skel->obj) {
		const char *name = live_tracepoint_of(prog);

		if (name && tracefs_syscall_id(live->tracefs, name) < 0)
			bpf_program__set_autoload(prog, false);
	}
}

static size_t ring_size(size_t wanted)
{
	size_t size = LEAST_RING;

	while (size < wanted && size < (1u << 30))
		size *= 2;
	return size;
}

static void fill_settings(struct live *live, size_t ring_bytes)
{
	bool storage = !live->opt.no_task_storage &&
		       libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, NULL) == 1;

	live->settings = (struct et_settings){
		.wake_bytes = ring_bytes / 8,
		.max_ready = live->opt.max_ready ? live->opt.max_ready : ET_READY_MAX,
		.all_ready = !live->opt.max_ready,
		.event_size = sizeof(struct epoll_event),
#ifdef SYS_epoll_wait
		.nr_epoll_wait = SYS_epoll_wait,
#else
		.nr_epoll_wait = -1,
#endif
		.nr_epoll_pwait = SYS_epoll_pwait,
		.nr_epoll_pwait2 = SYS_epoll_pwait2,
		.nr_futex = SYS_futex,
		.nr_fcntl = SYS_fcntl,
		.follow = live->opt.follow,
		.io_on = live->opt.io,
		.lapses_on = live->opt.threads, /* the same reader wants them: the rules */
		.task_storage = storage,
		.saved_registers = live->has_pt_regs,
	};
	fd_calls_fill((uint64_t *)live->settings.fd_calls, ET_FD_CALLS);
	io_calls_fill(live->settings.io_calls, ET_FD_CALLS);
}

static unsigned io_files(unsigned wanted)
{
	return wanted < LEAST_IO_FILES	? LEAST_IO_FILES
	       : wanted > MOST_IO_FILES ? MOST_IO_FILES
					: wanted;
}

/* The maps of all objects. */
static int load_maps(struct live *live, size_t ring_bytes)
{
	struct maps_bpf *skel = maps_bpf__open();

	live->maps = skel;
	if (!skel)
		return -errno;
	bpf_map__set_autocreate(skel->maps.io_files, live->settings.io_on);
	bpf_map__set_autocreate(skel->maps.lapsed, live->settings.lapses_on);
	bpf_map__set_autocreate(skel->maps.threads, live->settings.task_storage);
	bpf_map__set_autocreate(skel->maps.threads_by_tid, !live->settings.task_storage);
	bpf_map__set_max_entries(skel->maps.ring, ring_bytes);
	bpf_map__set_max_entries(skel->maps.io_files, io_files(live->opt.io_files));
	return maps_bpf__load(skel);
}

static bool is_memory(const struct bpf_map *map)
{
	const char *suffix = strrchr(bpf_map__name(map), '.');

	return suffix && !strcmp(suffix, ".bss");
}

/* The map that all objects have in common with this one, NULL where it is the object's own. */
static const struct bpf_map *shared_map(const struct live *live, const struct bpf_map *map)
{
	return is_memory(map) ? live->maps->maps.bss
			      : bpf_object__find_map_by_name(live->maps->obj, bpf_map__name(map));
}

/* Lets an object that has been opened use the maps that are there. 0 or -errno. */
static int share_maps(const struct live *live, const struct bpf_object *obj)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, obj) {
		const struct bpf_map *shared = shared_map(live, map);

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

static void *run(void *ctx)
{
	struct job *job = ctx;

	job->err = bpf_object__load_skeleton(job->skel);
	return NULL;
}

static void start(struct job *job, struct bpf_object_skeleton *skel)
{
	job->skel = skel;
	job->started = !pthread_create(&job->thread, NULL, run, job);
	if (!job->started)
		run(job);
}

static int finish(struct job *job)
{
	if (job->started)
		pthread_join(job->thread, NULL);
	return job->err;
}

static int open_scans(struct live *live, const struct bpf_object_open_opts *opts)
{
	live->scans = scans_bpf__open_opts(opts);
	if (!live->scans)
		return -errno;
	choose_scans(live);
	return share_maps(live, live->scans->obj);
}

static int open_calls(struct live *live, const struct bpf_object_open_opts *opts)
{
	if (live->opt.snapshot)
		return 0;
	live->calls = calls_bpf__open_opts(opts);
	if (!live->calls)
		return -errno;
	choose_calls(live);
	return share_maps(live, live->calls->obj);
}

static int open_uring(struct live *live, const struct bpf_object_open_opts *opts)
{
	if (live->opt.snapshot || !live->has_io_uring)
		return 0;
	live->uring = uring_bpf__open_opts(opts);
	if (!live->uring)
		return -errno;
	choose_io_uring(live);
	return share_maps(live, live->uring->obj);
}

/* The settings are complete once the kernel's types are known. */
static int complete(struct live *live, int types)
{
	struct bpf_object *objects[LIVE_OBJECTS] = {live->scans->obj,
						    live->calls ? live->calls->obj : NULL,
						    live->uring ? live->uring->obj : NULL};
	struct core_ids *ids = &live->prepare.ids;
	int err = core_btf_write(types, objects, LIVE_OBJECTS, ids);

	live->settings.id_task_struct = ids->task_struct;
	live->settings.id_file = ids->file;
	live->settings.id_fdtable = ids->fdtable;
	live->settings.preemptible = ids->call_faultable;
	live->scans->rodata->settings = live->settings;
	if (live->calls)
		live->calls->rodata->settings = live->settings;
	if (live->uring)
		live->uring->rodata->settings = live->settings;
	return err;
}

static void close_objects(struct live *live)
{
	uring_bpf__destroy(live->uring);
	scans_bpf__destroy(live->scans);
	calls_bpf__destroy(live->calls);
	live->uring = NULL;
	live->scans = NULL;
	live->calls = NULL;
}

/*
 * Opens what is to be loaded, with the file types to find the kernel's types in. Where there is
 * none, or no /proc to name it by, libbpf finds them itself.
 */
static int open_with(struct live *live, int types)
{
	char path[32];
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	int err;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", types);
	opts.btf_custom_path = types < 0 || access(path, R_OK) ? NULL : path;
	err = open_scans(live, &opts);
	if (!err)
		err = open_calls(live, &opts);
	if (!err)
		err = open_uring(live, &opts);
	return err ? err : complete(live, types);
}

/* What each object could not be loaded for: 0 or -errno. */
struct refused {
	int maps, calls, scans, uring;
};

static void load_objects(struct live *live, struct refused *ret_refused)
{
	struct job calls = {}, scans = {}, uring = {};

	if (live->calls)
		start(&calls, live->calls->skeleton);
	if (live->uring)
		start(&uring, live->uring->skeleton);
	scans.skel = live->scans->skeleton;
	run(&scans);
	ret_refused->scans = scans.err;
	ret_refused->calls = finish(&calls);
	ret_refused->uring = finish(&uring);
}

/* Loads all; 0, or the first -errno. */
static int try(struct live *live, size_t ring_bytes, struct refused *ret_refused)
{
	int types, err;

	*ret_refused = (struct refused){};
	fill_settings(live, ring_bytes);
	ret_refused->maps = load_maps(live, ring_bytes);
	if (ret_refused->maps)
		return ret_refused->maps;
	types = memfd_create("epolltrace types", MFD_CLOEXEC);
	if (types < 0)
		return ret_refused->maps = -errno;
	err = open_with(live, types);
	if (err == -EFBIG) { /* no file may grow so large (RLIMIT_FSIZE) */
		close_objects(live);
		err = open_with(live, -1);
	}
	if (!err)
		load_objects(live, ret_refused);
	close(types);
	if (err)
		return ret_refused->maps = err;
	return ret_refused->calls   ? ret_refused->calls
	       : ret_refused->scans ? ret_refused->scans
				    : ret_refused->uring;
}

static bool refuses(int err)
{
	return err && err != -EPERM && err != -EMFILE;
}

/*
 * What to do without after a load that failed; false: nothing is left. Typed reads are refused
 * before Linux 6.2, what sees io_uring before 6.0. Before 5.11 maps count against RLIMIT_MEMLOCK,
 * which may be fixed: a smaller ring may still fit.
 */
static bool lessen(struct live *live, const struct refused *r, size_t *ring_bytes)
{
	bool typed = refuses(r->calls) && live->has_typed_reads;
	bool files = refuses(r->scans) && live->has_file_iterator;
	bool uring = refuses(r->uring) && live->has_io_uring;

	if ((r->maps == -ENOMEM || r->maps == -EPERM) && *ring_bytes > LEAST_RING &&
	    geteuid() == 0) {
		*ring_bytes /= 2;
		return true;
	}
	if (typed)
		live->has_typed_reads = false;
	if (files)
		live->has_file_iterator = false;
	if (uring)
		live->has_io_uring = false;
	return typed || files || uring;
}

void live_unload(struct live *live)
{
	close_objects(live);
	maps_bpf__destroy(live->maps);
	live->maps = NULL;
	live->shared = NULL;
}

int live_load(struct live *live)
{
	size_t ring_bytes = ring_size(live->opt.ring_bytes);
	struct refused refused;
	int err = prepare_begin(&live->prepare);

	if (err)
		return err;
	err = try(live, ring_bytes, &refused);
	while (err && lessen(live, &refused, &ring_bytes)) {
		live_unload(live);
		err = try(live, ring_bytes, &refused);
	}
	if (err)
		return err;
	live->shared = &live->maps->bss->shared;
	live->objects[live->object_count++] = live->scans->obj;
	if (live->calls)
		live->objects[live->object_count++] = live->calls->obj;
	if (live->uring)
		live->objects[live->object_count++] = live->uring->obj;
	return 0;
}
