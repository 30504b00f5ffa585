/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/choose.h"

#include "capture/fd_calls.h"
#include "capture/tracefs.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

_Static_assert(LIVE_READY_MAX == ET_READY_MAX, "the most that --max-ready takes");

#define SYSCALL_PREFIX "tracepoint/syscalls/"

const char *program_tracepoint(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	section += section[0] == '?';
	if (strncmp(section, SYSCALL_PREFIX, strlen(SYSCALL_PREFIX)))
		return NULL;
	return section + strlen(SYSCALL_PREFIX);
}

static bool helper_known(enum bpf_prog_type type, enum bpf_func_id id)
{
	return libbpf_probe_bpf_helper(type, id, NULL) == 1;
}

static bool has_event(const struct programs *p, const char *name)
{
	return tracefs_event_id(p->tracefs, name) >= 0;
}

void programs_probe(struct programs *p, const struct live_options *opt, int tracefs)
{
	p->tracefs = tracefs;
	p->has_prepare_exec = has_event(p, "sched/sched_prepare_exec");
	p->has_typed_reads = true; /* until the load fails */
	p->has_file_iterator = !opt->no_file_iterator;
	p->has_io_uring_events = (has_event(p, "io_uring/io_uring_submit_req") ||
				  has_event(p, "io_uring/io_uring_submit_sqe")) &&
				 has_event(p, "io_uring/io_uring_complete");
	p->has_io_uring = p->has_io_uring_events;
	p->has_pt_regs = !opt->no_file_iterator &&
			 helper_known(BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_task_pt_regs);
}

/*
 * A request is handed to its tracepoint at the submit since Linux 6.0, under another name since
 * 6.4. On a kernel where the same name has other arguments the programs do not load.
 */
void choose_io_uring(struct programs *p)
{
	const struct uring_bpf *skel = p->uring;
	bool req = has_event(p, "io_uring/io_uring_submit_req");

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
static void choose_between(struct bpf_program *better, struct bpf_program *other, bool has_better)
{
	bpf_program__set_autoload(better, has_better);
	bpf_program__set_autoload(other, !has_better);
}

void choose_scans(struct programs *p)
{
	const struct scans_bpf *skel = p->scans;

	bpf_program__set_autoload(skel->progs.scan_files, p->has_file_iterator);
}

/* Leaves out the programs whose tracepoint this kernel lacks. */
void choose_calls(struct programs *p, const struct live_options *opt)
{
	const struct calls_bpf *skel = p->calls;
	bool typed = p->has_typed_reads, light = opt->light && typed && p->has_pt_regs;
	struct bpf_program *prog;

	choose_between(skel->progs.enter_epoll_wait_typed, skel->progs.enter_epoll_wait, typed);
	choose_between(skel->progs.enter_epoll_pwait_typed, skel->progs.enter_epoll_pwait, typed);
	choose_between(skel->progs.enter_epoll_pwait2_typed, skel->progs.enter_epoll_pwait2, typed);
	choose_between(skel->progs.enter_close_typed, skel->progs.enter_close, typed);
	bpf_program__set_autoload(skel->progs.enter_epoll_ctl, !light);
	bpf_program__set_autoload(skel->progs.exit_epoll_ctl, !light);
	bpf_program__set_autoload(skel->progs.exit_epoll_ctl_light, light);
	bpf_program__set_autoload(skel->progs.on_sys_exit, opt->io && !typed);
	bpf_program__set_autoload(skel->progs.on_sys_exit_typed, opt->io && typed);
	bpf_program__set_autoload(skel->progs.on_prepare_exec, p->has_prepare_exec);
	bpf_object__for_each_program(prog, skel->obj) {
		const char *name = program_tracepoint(prog);

		if (name && tracefs_syscall_id(p->tracefs, name) < 0)
			bpf_program__set_autoload(prog, false);
	}
}

void choose_settings(struct programs *p, const struct live_options *opt, size_t ring_bytes)
{
	bool storage = !opt->no_task_storage &&
		       libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, NULL) == 1;

	p->settings = (struct et_settings){
		.wake_bytes = ring_bytes / 8,
		.max_ready = opt->max_ready ? opt->max_ready : ET_READY_MAX,
		.all_ready = !opt->max_ready,
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
		.follow = opt->follow,
		.io_on = opt->io,
		.sampling = opt->sampling && storage && p->has_pt_regs,
		.lapses_on = opt->threads, /* the same reader wants them: the rules */
		.task_storage = storage,
		.saved_registers = p->has_pt_regs,
	};
	fd_calls_fill((uint64_t *)p->settings.fd_calls, ET_FD_CALLS);
	io_calls_fill(p->settings.io_calls, ET_FD_CALLS);
}
