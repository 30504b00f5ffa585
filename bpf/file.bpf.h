/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * file.bpf.h - from a descriptor number to its struct file, and what a struct file is.
 */
#ifndef ET_FILE_H
#define ET_FILE_H

#include "state.bpf.h"

/*
 * Turns an address into a pointer that the verifier lets us read through, without the call of a
 * helper for each read (kernel/bpf/helpers.c, Linux 6.2). Only programs with TYPED use it: one that
 * names it does not load on a kernel that lacks it.
 */
static void *(*const rdonly_cast)(const void *obj, __u32 btf_id) = (void *)ET_CALL_RDONLY_CAST;

/* How a program reads kernel structures: a constant in each program. */
enum reads {
	BY_HELPER,
	TYPED,
};

static __always_inline struct file *slot_at(struct file **slot, enum reads reads)
{
	struct file *file = NULL;

	if (reads == TYPED) {
		/* As if the slot were the member of that type in some structure. */
		struct fdtable *t =
			rdonly_cast((void *)slot - bpf_core_field_offset(struct fdtable, fd),
				    settings.id_fdtable);

		return (struct file *)t->fd;
	}
	bpf_probe_read_kernel(&file, sizeof(file), slot);
	return file;
}

static __always_inline struct fdtable *table_of(struct task_struct *task, enum reads reads)
{
	if (reads == TYPED) {
		task = rdonly_cast(task, settings.id_task_struct);
		return task->files->fdt;
	}
	return BPF_CORE_READ(task, files, fdt);
}

/*
 * Has the current process become a 32-bit program? Its system calls have other numbers; the raw
 * tracepoints see them as well, those of single calls do not.
 */
static __always_inline bool runs_compat(enum reads reads)
{
	struct task_struct *task = current_task();

	if (reads == TYPED) {
		task = rdonly_cast(task, settings.id_task_struct);
		return task->mm->task_size <= 1UL << 32;
	}
	return is_compat(task);
}

/* The struct file behind a number of that task's process, 0 where it is not open. */
static __always_inline struct file *read_file_of(struct task_struct *task, __s32 fd,
						 enum reads reads)
{
	struct fdtable *fdt = table_of(task, reads);
	struct file **slot;

	if (reads == TYPED) {
		if ((__u32)fd >= fdt->max_fds)
			return NULL;
		slot = fdt->fd;
	} else {
		if ((__u32)fd >= BPF_CORE_READ(fdt, max_fds))
			return NULL;
		slot = BPF_CORE_READ(fdt, fd);
	}
	return slot_at(slot + (__u32)fd, reads);
}

/* The same of the current process. */
static __always_inline struct file *read_file_at(__s32 fd, enum reads reads)
{
	return read_file_of(current_task(), fd, reads);
}

static __always_inline struct file *file_at(__s32 fd)
{
	return read_file_at(fd, BY_HELPER);
}

/* An instance is recognized by its dentry's name: the symbol eventpoll_fops need not be in kallsyms. */
static __noinline bool learn_eventpoll(struct file *file)
{
	const char want[] = "[eventpoll]";
	char have[sizeof(want)] = {};
	const unsigned char *name = BPF_CORE_READ(file, f_path.dentry, d_name.name);

	if (BPF_CORE_READ(file, f_path.dentry, d_sb, s_magic) != ANON_INODE_FS_MAGIC)
		return false;
	bpf_probe_read_kernel_str(have, sizeof(have), name);
	for (int i = 0; i < (int)sizeof(want); i++)
		if (have[i] != want[i])
			return false;
	shared.eventpoll_fops = (__u64)BPF_CORE_READ(file, f_op);
	return true;
}

/* The struct eventpoll behind a file, 0 where it is none. */
static __always_inline __u64 read_eventpoll_of(struct file *file, enum reads reads)
{
	const void *fops, *data;

	if (!file)
		return 0;
	if (reads == TYPED) {
		struct file *f = rdonly_cast(file, settings.id_file);

		fops = f->f_op;
		data = f->private_data;
	} else {
		fops = BPF_CORE_READ(file, f_op);
		data = BPF_CORE_READ(file, private_data);
	}
	if (shared.eventpoll_fops ? (__u64)fops != shared.eventpoll_fops : !learn_eventpoll(file))
		return 0;
	return (__u64)data;
}

static __always_inline __u64 eventpoll_of(struct file *file)
{
	return read_eventpoll_of(file, BY_HELPER);
}

/* Is the file in an interest list? */
static __always_inline bool watched(struct file *file)
{
	if (bpf_core_field_exists(file->f_ep))
		return BPF_CORE_READ(file, f_ep) != NULL;
	struct file___v510 *old = (void *)file;
	struct list_head *next = BPF_CORE_READ(old, f_ep_links.next);

	return next && next != (void *)old + bpf_core_field_offset(old->f_ep_links);
}

static __always_inline bool read_watched(struct file *file, enum reads reads)
{
	if (reads == TYPED) {
		struct file *f = rdonly_cast(file, settings.id_file);

		return f->f_ep;
	}
	return watched(file);
}

/* References to the file; the descriptor tables' and those of calls under way. */
static __always_inline __s64 references(struct file *file)
{
	if (bpf_core_field_exists(file->f_ref))
		return BPF_CORE_READ(file, f_ref.refcnt.counter) + 1;
	return BPF_CORE_READ((struct file___v612 *)file, f_count.counter);
}

/* Where a description goes: a place within a scratch. */
enum described_at {
	AT_CTL,
	AT_CTL_EPFILE,
	AT_WAIT,
	AT_PWAIT,
	AT_THREAD,
	AT_WATCHED,
};

/*
 * Writes what the file is, and its name, to a place in a scratch. A global function: the verifier
 * goes through it once in a program, wherever it is called from.
 */
int describe(__u64 addr, __u32 at);

#endif
