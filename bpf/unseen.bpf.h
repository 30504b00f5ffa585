/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unseen.bpf.h - calls that return without having been seen to begin.
 *
 * Either the call began before the attach; or it was skipped: seccomp and ptrace stand before the
 * tracepoint of the entry, but that of the return fires all the same (kernel/entry/common.c,
 * syscall_trace_enter() and syscall_exit_work(); arm64 alike); or the entry was missed, because a
 * program was running on that CPU already (kernel/trace/bpf_trace.c, trace_call_bpf()). The
 * arguments are still in the saved registers.
 *
 * What a tracer skips by the number -1 passes neither tracepoint, nor does what is sent back by
 * PR_SET_SYSCALL_USER_DISPATCH.
 */
#ifndef ET_UNSEEN_H
#define ET_UNSEEN_H

#include "call_record.bpf.h"
#include "registers.bpf.h"

/* Is there anybody who can answer a call of the thread in the kernel's place? */
static __always_inline bool may_be_skipped(struct task_struct *task)
{
	if (BPF_CORE_READ(task, ptrace))
		return true;
	return bpf_core_field_exists(task->seccomp) && BPF_CORE_READ(task, seccomp.mode);
}

/* May the current thread have been in a call when the tracepoints were attached? */
static __always_inline bool was_there(const struct thread *t, struct task_struct *task)
{
	__u32 tgid = t->tgid;
	struct target *target = bpf_map_lookup_elem(&targets, &tgid);

	return !t->calls && target && !target->execed &&
	       BPF_CORE_READ(task, start_time) <= shared.armed_ns;
}

/*
 * Can a wait that has blocked return this? The other calls do not block. What seccomp answers by
 * SIGSYS returns the number of the call.
 */
static __always_inline bool may_have_blocked(__u32 call, __s32 ret, __s32 nr)
{
	if (!is_wait(call))
		return false;
	return (ret >= 0 && ret != nr) || ret == -EINTR || ret == -EFAULT;
}

/*
 * Fills the thread's state as the entry would have done, with the files of now. Returns flags of the
 * record; 0: nothing is known of the call.
 */
static __noinline __u16 recover_entry(struct thread *t, __u32 call, __s32 ret, __u64 now_ns)
{
	struct task_struct *task = current_btf();
	__u16 flags = ET_F_NO_ENTRY;
	bool skippable;
	__s32 nr = -1;

	if (!t || !task || !shared.armed_ns || !read_args(task, t->args, &nr))
		return 0;
	skippable = !t->sampling.unnoted && !shared.entries_off && may_be_skipped(task);
	if (!shared.entries_off && was_there(t, task) &&
	    (!skippable || may_have_blocked(call, ret, nr)))
		flags = ET_F_BEGAN_BEFORE;
	else if (skippable)
		flags |= ET_F_SKIPPED;
	t->calls++;
	note_files(t, task, call, BY_HELPER);
	t->entry_ns = flags & ET_F_NO_ENTRY ? now_ns : shared.armed_ns;
	return flags;
}

#define CONTRADICT_WALK 8

enum found {
	FOUND,
	FOUND_NONE,
	FOUND_TOO_MANY,
};

/* Is the file in the interest list of the thread's epoll_ctl, at its number? */
static __always_inline enum found find_entry(const struct thread *t, struct file *file)
{
	struct hlist_node *node = BPF_CORE_READ(file, f_ep, first);

	for (int i = 0; i < CONTRADICT_WALK; i++) {
		struct epitem *epi = (void *)node - bpf_core_field_offset(struct epitem, fllink);

		if (!node)
			return FOUND_NONE;
		if ((__u64)BPF_CORE_READ(epi, ep) == t->ep &&
		    BPF_CORE_READ(epi, ffd.fd) == (__s32)t->args[2])
			return FOUND;
		node = BPF_CORE_READ(node, next);
	}
	return FOUND_TOO_MANY;
}

/*
 * Where only the return of epoll_ctl is seen: can the kernel not have given this result, by the
 * state in which the instance is left, or the file is? Linux 6.2 and later, see choose_calls().
 */
static __always_inline bool contradicts(const struct thread *t, __s32 ret)
{
	struct file *file = (struct file *)t->file;
	const struct file_operations *f_op;
	__s32 op = t->args[1];
	enum found found;

	if (ret > 0)
		return true;
	if (!file || !t->ep)
		return false;
	f_op = BPF_CORE_READ(file, f_op);
	if (ret == -EPERM)
		return BPF_CORE_READ(f_op, poll);
	if (ret)
		return false;
	found = find_entry(t, file);
	return op == EPOLL_CTL_DEL ? found == FOUND : found == FOUND_NONE;
}

#endif
