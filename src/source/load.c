/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which BPF programs are loaded, and with which settings: by what the kernel takes. */
#include "source/live_internal.h"

#include "source/fd_calls.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LEAST_RING (256 * 1024)

/*
 * A request is handed to its tracepoint at the submit since Linux 6.0, under another name since
 * 6.4. On a kernel where the same name has other arguments the programs do not load.
 */
static void choose_io_uring(struct live *live)
{
	struct epolltrace_bpf *skel = live->skel;
	bool on = live->has_io_uring;
	bool req = on && live_has_event(live, "io_uring/io_uring_submit_req");

	bpf_program__set_autoload(skel->progs.on_submit_req, req);
	bpf_program__set_autoload(skel->progs.on_submit_sqe, on && !req);
	bpf_program__set_autoload(skel->progs.on_submit_failed, on);
	bpf_program__set_autoload(skel->progs.on_complete, on);
	bpf_program__set_autoload(skel->progs.on_fail_link, on);
	bpf_program__set_autoload(skel->progs.on_link, on);
	bpf_program__set_autoload(skel->progs.on_queue_async, on);
	bpf_program__set_autoload(skel->progs.exit_io_uring_enter, on);
}

/* Of programs that do the same in two ways, the one that this kernel takes. */
static void choose_variants(struct live *live)
{
	struct epolltrace_bpf *skel = live->skel;
	const struct {
		struct bpf_program *better, *other;
		bool has_better;
	} pairs[] = {
		{skel->progs.enter_close_range, skel->progs.enter_close_range_few, live->has_loop},
		{skel->progs.on_exit, skel->progs.on_exit_few, live->has_loop},
		{skel->progs.look_files, skel->progs.look_files_few, live->has_loop},
		{skel->progs.enter_epoll_wait_typed, skel->progs.enter_epoll_wait,
		 live->has_typed_reads},
		{skel->progs.enter_epoll_pwait_typed, skel->progs.enter_epoll_pwait,
		 live->has_typed_reads},
		{skel->progs.enter_epoll_pwait2_typed, skel->progs.enter_epoll_pwait2,
		 live->has_typed_reads},
	};

	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		bpf_program__set_autoload(pairs[i].better, pairs[i].has_better);
		bpf_program__set_autoload(pairs[i].other, !pairs[i].has_better);
	}
}

static bool is_iterator(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	return !strncmp(section + (section[0] == '?'), "iter/", 5);
}

/* Leaves out the programs whose tracepoint this kernel lacks; for a snapshot all but iterators. */
static void choose_programs(struct live *live)
{
	struct epolltrace_bpf *skel = live->skel;
	bool light = live->opt.light && live->has_typed_reads;
	struct bpf_program *prog;

	choose_variants(live);
	choose_io_uring(live);
	bpf_program__set_autoload(skel->progs.enter_epoll_ctl, !light);
	bpf_program__set_autoload(skel->progs.exit_epoll_ctl, !light);
	bpf_program__set_autoload(skel->progs.exit_epoll_ctl_light, light);
	bpf_program__set_autoload(skel->progs.on_sys_exit, live->opt.io && !live->has_typed_reads);
	bpf_program__set_autoload(skel->progs.on_sys_exit_typed,
				  live->opt.io && live->has_typed_reads);
	bpf_program__set_autoload(skel->progs.on_prepare_exec, live->has_prepare_exec);
	if (!live->has_file_iterator) {
		bpf_program__set_autoload(skel->progs.look_files, false);
		bpf_program__set_autoload(skel->progs.look_files_few, false);
	}
	bpf_object__for_each_program(prog, skel->obj)
	{
		const char *name = live_tracepoint_of(prog);

		if ((live->opt.snapshot && !is_iterator(prog)) ||
		    (name && tracefs_syscall_id(live->tracefs, name) < 0))
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

static void configure(struct live *live, size_t ring_bytes)
{
	struct epolltrace_bpf *skel = live->skel;
	bool storage = !live->opt.no_task_storage &&
		       libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, NULL) == 1;

	skel->rodata->max_ready = live->opt.max_ready;
	skel->rodata->event_size = sizeof(struct epoll_event);
	skel->rodata->wake_bytes = ring_bytes / 8;
	skel->rodata->follow = live->opt.follow;
	skel->rodata->task_storage = storage;
	skel->rodata->saved_registers = live->has_pt_regs;
#ifdef SYS_epoll_wait
	skel->rodata->nr_epoll_wait = SYS_epoll_wait;
#endif
	skel->rodata->nr_epoll_pwait = SYS_epoll_pwait;
	skel->rodata->nr_epoll_pwait2 = SYS_epoll_pwait2;
	skel->rodata->nr_epoll_ctl = SYS_epoll_ctl;
	skel->rodata->nr_futex = SYS_futex;
	skel->rodata->io_on = live->opt.io;
	fd_calls_fill((uint64_t *)skel->rodata->fd_calls, ET_FD_CALLS);
	io_calls_fill((uint8_t *)skel->rodata->io_calls, ET_FD_CALLS);
	bpf_map__set_autocreate(skel->maps.io_files, live->opt.io);
	bpf_map__set_autocreate(skel->maps.threads, storage);
	bpf_map__set_autocreate(skel->maps.threads_by_tid, !storage);
	bpf_map__set_max_entries(skel->maps.ring, ring_bytes);
}

/* Left out, attempt by attempt: before Linux 6.2 typed reads are refused, before 6.0 io_uring. */
#define TYPED_READS   1
#define IO_URING      2
#define FILE_ITERATOR 4
static const unsigned char left_out[] = {
	0,
	TYPED_READS,
	TYPED_READS | IO_URING,
	FILE_ITERATOR,
	TYPED_READS | FILE_ITERATOR,
	IO_URING,
	FILE_ITERATOR | IO_URING,
	TYPED_READS | FILE_ITERATOR | IO_URING,
};

/*
 * What to do without after a load that failed; false: nothing is left. Before 5.11 maps count
 * against RLIMIT_MEMLOCK, which may be fixed: a smaller ring may still fit.
 */
static bool lessen(struct live *live, int err, size_t *ring_bytes)
{
	unsigned out;

	if ((err == -ENOMEM || err == -EPERM) && *ring_bytes > LEAST_RING && geteuid() == 0) {
		*ring_bytes /= 2;
		return true;
	}
	if (err == -EPERM || live->attempt + 1 == sizeof(left_out))
		return false;
	out = left_out[++live->attempt];
	live->has_typed_reads = !(out & TYPED_READS);
	live->has_file_iterator = !(out & FILE_ITERATOR) && !live->opt.no_file_iterator;
	live->has_io_uring = !(out & IO_URING) && live->has_io_uring_events;
	return true;
}

int live_load(struct live *live)
{
	size_t ring_bytes = ring_size(live->opt.ring_bytes);
	int err;

	do {
		live->skel = epolltrace_bpf__open();
		if (!live->skel)
			return -errno;
		choose_programs(live);
		configure(live, ring_bytes);
		err = epolltrace_bpf__load(live->skel);
		if (!err)
			return 0;
		epolltrace_bpf__destroy(live->skel);
		live->skel = NULL;
	} while (lessen(live, err, &ring_bytes));
	return err;
}
