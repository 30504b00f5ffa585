/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/live_internal.h"

#include "base/log.h"
#include "capture/choose.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int print_nothing(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

static int print_libbpf(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	return vfprintf(stderr, fmt, args);
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
static int prepare_programs(struct live *live, struct failure *failure)
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
	programs_probe(&live->programs, &live->opt, live->tracefs);
	return 0;
}

int live_open(const struct live_options *opt, struct live **ret_live, struct failure *failure)
{
	struct live *live = calloc(1, sizeof(*live));
	struct ring_hooks hooks;
	int err;

	if (!live)
		return fail(failure, -ENOMEM, NULL, "out of memory");
	live->opt = *opt;
	live->delivery.shift = clock_read_shift();
	libbpf_set_print(opt->debug ? print_libbpf : print_nothing);
	err = prepare_programs(live, failure);
	if (err)
		goto out;
	err = programs_load(&live->programs, &live->opt);
	if (err) {
		load_failure(err, failure);
		goto out;
	}
	hooks = live_ring_hooks(live);
	err = ring_open(&live->ring, live->programs.maps->maps.ring, live->programs.shared,
			&live->delivery, &hooks);
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

static int arm_failure(struct bpf_program *prog, int err, struct failure *failure)
{
	return fail(failure, err,
		    err == -EPERM || err == -EACCES ? refusal_hint(privilege_hint) : NULL,
		    "cannot attach to %s: %s", bpf_program__section_name(prog), log_errno(err));
}

/* Descriptors that a scan opens for a moment, and those of what sees io_uring. */
#define SCAN_DESCRIPTORS  6
#define URING_DESCRIPTORS 10

/* Is there room for what comes later? It had better fail now than amid the trace. 0 or -errno. */
static int try_descriptors(const struct live *live)
{
	int spare[SCAN_DESCRIPTORS + URING_DESCRIPTORS], count = 0, err = 0;
	int wanted = SCAN_DESCRIPTORS + (live->links.io_uring_attached ? 0 : URING_DESCRIPTORS);

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

	err = links_attach(&live->links, &live->programs, &failed);
	if (err)
		return arm_failure(failed, err, failure);
	/* io_uring is traced by tracepoints that cost all its users on the machine. */
	if (live->opt.launched && !live->opt.snapshot) {
		err = links_attach_io_uring(&live->links, &live->programs);
		if (err)
			return fail(failure, err, NULL, "cannot attach to io_uring: %s",
				    log_errno(err));
	}
	err = try_descriptors(live);
	if (err)
		return fail(failure, err, NULL, "cannot attach: %s", log_errno(err));
	live->programs.shared->armed_ns = delivery_now_ns(&live->delivery);
	return 0;
}

int live_fd(const struct live *live)
{
	return ring_buffer__epoll_fd(live->ring.reader);
}

long live_targets(const struct live *live)
{
	return __atomic_load_n(&live->programs.shared->alive, __ATOMIC_RELAXED);
}

void live_stop(struct live *live)
{
	ring_stop(&live->ring);
}

uint64_t live_backlog(const struct live *live)
{
	return ring_backlog(&live->ring);
}

void live_close(struct live *live)
{
	if (!live)
		return;
	links_detach(&live->links);
	ring_close(&live->ring);
	programs_unload(&live->programs);
	prepare_end(&live->programs.prepare);
	if (live->tracefs >= 0)
		close(live->tracefs);
	free(live->named);
	file_scan_free(&live->files);
	free(live);
}
