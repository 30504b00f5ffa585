/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/live_internal.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYSCALL_PREFIX "tracepoint/syscalls/"

static const char privilege_hint[] =
	"run as root, or with CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH";
static const char tracefs_hint[] =
	"run as root, or with CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH, or mount tracefs";

static const char namespace_hint[] =
	"BPF needs the initial user namespace: root of this one has no right to it; run it outside";

#define INITIAL_USER_NS 0xEFFFFFFDU /* include/linux/proc_ns.h, PROC_USER_INIT_INO, since 3.8 */

/* What helps against a refusal: the hint, unless no capability of this user namespace would do. */
static const char *refusal_hint(const char *hint)
{
	struct stat st;

	if (!stat("/proc/self/ns/user", &st) && st.st_ino != INITIAL_USER_NS)
		return namespace_hint;
	return hint;
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

static int talk(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	return vfprintf(stderr, fmt, args);
}

static bool helper_known(enum bpf_prog_type type, enum bpf_func_id id)
{
	return libbpf_probe_bpf_helper(type, id, NULL) == 1;
}

/* The section's tracepoint, NULL where the program is of another kind. */
const char *live_tracepoint_of(const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);

	section += section[0] == '?';
	if (strncmp(section, SYSCALL_PREFIX, strlen(SYSCALL_PREFIX)))
		return NULL;
	return section + strlen(SYSCALL_PREFIX);
}

bool live_has_event(const struct live *live, const char *name)
{
	return tracefs_event_id(live->tracefs, name) >= 0;
}

static int load_failure(int err, struct failure *failure)
{
	if (err == -EPERM)
		return fail(failure, err, refusal_hint(privilege_hint),
			    "cannot load BPF programs: %s", log_errno(err));
	return fail(failure, err, "--debug shows what libbpf says", "cannot load BPF programs: %s",
		    log_errno(err));
}

/* Reaches tracefs and BTF, and asks what the kernel can do. */
static int prepare(struct live *live, struct failure *failure)
{
	int err = 0;

	live->tracefs = tracefs_open(&live->tracefs_way);
	if (live->tracefs < 0 && !live->opt.snapshot)
		return fail(failure, live->tracefs, refusal_hint(tracefs_hint),
			    "cannot reach tracefs: %s", log_errno(live->tracefs));
	if (!live->opt.snapshot)
		err = tracefs_syscall_id(live->tracefs, "sys_enter_epoll_ctl");
	if (err < 0)
		return fail(failure, err, err == -EACCES ? refusal_hint(privilege_hint) : NULL,
			    "cannot read system call tracepoints in tracefs: %s", log_errno(err));
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return fail(failure, -errno, "a kernel with CONFIG_DEBUG_INFO_BTF is needed",
			    "cannot read the kernel's BTF: %s", log_errno(errno));
	live->has_prepare_exec = live_has_event(live, "sched/sched_prepare_exec");
	live->has_typed_reads = true; /* until the load fails */
	live->has_file_iterator = !live->opt.no_file_iterator;
	live->has_io_uring_events = (live_has_event(live, "io_uring/io_uring_submit_req") ||
				     live_has_event(live, "io_uring/io_uring_submit_sqe")) &&
				    live_has_event(live, "io_uring/io_uring_complete");
	live->has_io_uring = live->has_io_uring_events;
	live->has_pt_regs = !live->opt.no_file_iterator &&
			    helper_known(BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_task_pt_regs);
	return 0;
}

int live_open(const struct live_options *opt, struct live **ret_live, struct failure *failure)
{
	struct live *live = calloc(1, sizeof(*live));
	int err;

	if (!live)
		return fail(failure, -ENOMEM, NULL, "out of memory");
	live->opt = *opt;
	live->shift = clock_read_shift();
	libbpf_set_print(opt->debug ? talk : quiet);
	err = prepare(live, failure);
	if (err)
		goto out;
	err = live_load(live);
	if (err) {
		load_failure(err, failure);
		goto out;
	}
	err = live_make_ring(live);
	if (err) {
		fail(failure, err, NULL, "cannot map the ring buffer: %s", log_errno(err));
		goto out;
	}
	*ret_live = live;
	return 0;
out:
	live_close(live);
	return err;
}

/* A perf event that stands for a tracepoint: on whatever CPU, the BPF program runs. */
static int open_tracepoint(int id)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = id,
		.sample_period = 1,
		.wakeup_events = 1,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int attach_program(struct live *live, struct bpf_program *prog, struct bpf_link **ret_link)
{
	const char *tracepoint = live_tracepoint_of(prog);
	struct bpf_link *link;
	int fd;

	if (tracepoint) {
		fd = open_tracepoint(tracefs_syscall_id(live->tracefs, tracepoint));
		if (fd < 0)
			return fd;
		link = bpf_program__attach_perf_event(prog, fd);
		if (!link)
			close(fd);
	} else if (bpf_program__type(prog) != BPF_PROG_TYPE_TRACING) {
		link = bpf_program__attach(prog);
	} else if (bpf_program__expected_attach_type(prog) == BPF_TRACE_ITER) {
		link = bpf_program__attach_iter(prog, NULL);
	} else {
		link = bpf_program__attach_trace(prog);
	}
	if (!link)
		return -errno;
	*ret_link = link;
	return 0;
}

static int arm_failure(struct bpf_program *prog, int err, struct failure *failure)
{
	return fail(failure, err,
		    err == -EPERM || err == -EACCES ? refusal_hint(privilege_hint) : NULL,
		    "cannot attach to %s: %s", bpf_program__section_name(prog), log_errno(err));
}

/* Where the link of a program is kept. */
static struct bpf_link **place_of(struct live *live, const struct bpf_program *prog)
{
	const struct scans_bpf *scans = live->scans;

	if (prog == scans->progs.list_tasks)
		return &live->list_link;
	if (prog == scans->progs.look)
		return &live->look_link;
	if (prog == scans->progs.look_files)
		return &live->files_link;
	return &live->links[live->link_count++];
}

/* Attaches the loaded programs of an object; at the first that fails says which. */
static int attach_object(struct live *live, const struct bpf_object *obj,
			 struct bpf_program **ret_failed)
{
	struct bpf_program *prog;
	struct bpf_link *link = NULL;
	int err;

	bpf_object__for_each_program(prog, obj) {
		if (!bpf_program__autoload(prog))
			continue;
		err = attach_program(live, prog, &link);
		if (err) {
			*ret_failed = prog;
			return err;
		}
		*place_of(live, prog) = link;
	}
	return 0;
}

int live_arm_io_uring(struct live *live)
{
	struct bpf_program *failed;

	live->io_uring_armed = true;
	return live->uring ? attach_object(live, live->uring->obj, &failed) : 0;
}

/* Descriptors that a look opens for a moment, and those of what sees io_uring. */
#define LOOK_DESCRIPTORS  6
#define URING_DESCRIPTORS 10

/* Is there room for what comes later? It had better fail now than amid the trace. 0 or -errno. */
static int try_descriptors(const struct live *live)
{
	int spare[LOOK_DESCRIPTORS + URING_DESCRIPTORS], count = 0, err = 0;
	int wanted = LOOK_DESCRIPTORS + (live->io_uring_armed ? 0 : URING_DESCRIPTORS);

	while (!err && count < wanted) {
		spare[count] = fcntl(live_fd(live), F_DUPFD_CLOEXEC, 0);
		if (spare[count] < 0)
			err = -errno;
		else
			count++;
	}
	while (count)
		close(spare[--count]);
	return err;
}

int live_arm(struct live *live, struct failure *failure)
{
	struct bpf_program *failed;
	int err;

	err = attach_object(live, live->scans->obj, &failed);
	if (!err && live->calls)
		err = attach_object(live, live->calls->obj, &failed);
	if (err)
		return arm_failure(failed, err, failure);
	/* What io_uring does is seen by tracepoints that cost all its users on the machine. */
	if (live->opt.launched && !live->opt.snapshot) {
		err = live_arm_io_uring(live);
		if (err)
			return fail(failure, err, NULL, "cannot attach to io_uring: %s",
				    log_errno(err));
	}
	err = try_descriptors(live);
	if (err)
		return fail(failure, err, NULL, "cannot attach: %s", log_errno(err));
	live->shared->armed_ns = live_now_ns(live);
	return 0;
}

int live_fd(const struct live *live)
{
	return ring_buffer__epoll_fd(live->ring);
}

long live_targets(const struct live *live)
{
	return __atomic_load_n(&live->shared->alive, __ATOMIC_RELAXED);
}

static void *detach(void *link)
{
	bpf_link__destroy(link);
	return NULL;
}

/* The kernel waits for every CPU at each detach; from several threads at once it waits together. */
static void detach_all(struct live *live)
{
	pthread_t threads[MAX_LINKS];
	bool started[MAX_LINKS];

	for (unsigned i = 0; i < live->link_count; i++) {
		started[i] = !pthread_create(&threads[i], NULL, detach, live->links[i]);
		if (!started[i])
			detach(live->links[i]);
	}
	for (unsigned i = 0; i < live->link_count; i++)
		if (started[i])
			pthread_join(threads[i], NULL);
}

void live_close(struct live *live)
{
	if (!live)
		return;
	detach_all(live);
	bpf_link__destroy(live->list_link);
	bpf_link__destroy(live->look_link);
	bpf_link__destroy(live->files_link);
	ring_buffer__free(live->ring);
	live_unmap_ring(live);
	live_unload(live);
	prepare_end(&live->prepare);
	if (live->tracefs >= 0)
		close(live->tracefs);
	free(live->named);
	free(live->held);
	free(live);
}
