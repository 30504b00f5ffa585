/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/links.h"

#include "capture/choose.h"
#include "capture/tracefs.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

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

static int attach_program(const struct programs *p, struct bpf_program *prog,
			  struct bpf_link **ret_link)
{
	const char *tracepoint = program_tracepoint(prog);
	struct bpf_link *link;
	int fd;

	if (tracepoint) {
		fd = open_tracepoint(tracefs_syscall_id(p->tracefs, tracepoint));
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

static bool is_wait_entry(const struct bpf_program *prog)
{
	const char *tracepoint = program_tracepoint(prog);

	return tracepoint && (!strcmp(tracepoint, "sys_enter_epoll_wait") ||
			      !strcmp(tracepoint, "sys_enter_epoll_pwait") ||
			      !strcmp(tracepoint, "sys_enter_epoll_pwait2"));
}

/* Where the link of a program is kept. */
static struct bpf_link **place_of(struct links *l, const struct programs *p,
				  struct bpf_program *prog)
{
	const struct scans_bpf *scans = p->scans;

	if (prog == scans->progs.list_tasks)
		return &l->list;
	if (prog == scans->progs.scan_tasks)
		return &l->tasks;
	if (prog == scans->progs.scan_files)
		return &l->files;
	if (is_wait_entry(prog) && l->entry_count < WAIT_ENTRIES) {
		l->entries[l->entry_count].program = prog;
		return &l->entries[l->entry_count++].link;
	}
	return &l->at[l->count++];
}

/* Attaches the loaded programs of an object; at the first that fails says which. */
static int attach_object(struct links *l, const struct programs *p, const struct bpf_object *obj,
			 struct bpf_program **ret_failed)
{
	struct bpf_program *prog;
	struct bpf_link *link = NULL;
	int err;

	bpf_object__for_each_program(prog, obj) {
		if (!bpf_program__autoload(prog))
			continue;
		err = attach_program(p, prog, &link);
		if (err) {
			*ret_failed = prog;
			return err;
		}
		*place_of(l, p, prog) = link;
	}
	return 0;
}

int links_attach(struct links *l, const struct programs *p, struct bpf_program **ret_failed)
{
	int err = attach_object(l, p, p->scans->obj, ret_failed);

	if (!err && p->calls)
		err = attach_object(l, p, p->calls->obj, ret_failed);
	return err;
}

int links_attach_io_uring(struct links *l, const struct programs *p)
{
	struct bpf_program *failed;

	l->io_uring_attached = true;
	return p->uring ? attach_object(l, p, p->uring->obj, &failed) : 0;
}

static void *detach_link(void *link)
{
	bpf_link__destroy(link);
	return NULL;
}

/* The kernel waits for every CPU at each detach; from several threads at once it waits together. */
static void detach_together(struct bpf_link *const *links, unsigned count)
{
	pthread_t threads[MAX_LINKS + WAIT_ENTRIES];
	bool started[MAX_LINKS + WAIT_ENTRIES];

	for (unsigned i = 0; i < count; i++) {
		started[i] = !pthread_create(&threads[i], NULL, detach_link, links[i]);
		if (!started[i])
			detach_link(links[i]);
	}
	for (unsigned i = 0; i < count; i++)
		if (started[i])
			pthread_join(threads[i], NULL);
}

/* Moves the links of the entries to the array; returns how many. */
static unsigned take_entries(struct links *l, struct bpf_link **ret_links)
{
	unsigned count = 0;

	for (unsigned i = 0; i < l->entry_count; i++) {
		if (l->entries[i].link)
			ret_links[count++] = l->entries[i].link;
		l->entries[i].link = NULL;
	}
	return count;
}

void links_detach_entries(struct links *l)
{
	struct bpf_link *links[WAIT_ENTRIES];

	detach_together(links, take_entries(l, links));
}

int links_attach_entries(struct links *l, const struct programs *p)
{
	int err = 0;

	for (unsigned i = 0; i < l->entry_count && !err; i++)
		if (!l->entries[i].link)
			err = attach_program(p, l->entries[i].program, &l->entries[i].link);
	return err;
}

void links_detach(struct links *l)
{
	struct bpf_link *all[MAX_LINKS + WAIT_ENTRIES];
	unsigned count = take_entries(l, all);

	for (unsigned i = 0; i < l->count; i++)
		all[count++] = l->at[i];
	detach_together(all, count);
	bpf_link__destroy(l->list);
	bpf_link__destroy(l->tasks);
	bpf_link__destroy(l->files);
}
