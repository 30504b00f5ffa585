/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * registers.bpf.h - number and arguments of a system call, from the registers saved at its entry.
 */
#ifndef ET_REGISTERS_H
#define ET_REGISTERS_H

#include "file.bpf.h"

/*
 * Is a task in a system call of the i386 table? A 64-bit program makes one by int 0x80. The kernel
 * notes that at the entry and takes it away at the return (arch/x86/entry, in_ia32_syscall()), so
 * that it holds for a task that is blocked as well.
 */
static __always_inline bool in_i386_call(struct task_struct *task, enum reads reads)
{
#if defined(__TARGET_ARCH_x86)
	if (reads == TYPED) {
		task = rdonly_cast(task, settings.id_task_struct);
		return task->thread_info.status & TS_COMPAT;
	}
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
#else
	return false;
#endif
}

/* The system call whose entry has saved these registers, and its arguments. */
static __always_inline __s32 system_call(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(regs, orig_ax);
#elif defined(__TARGET_ARCH_arm64)
	return BPF_CORE_READ(regs, syscallno);
#else
	return -1;
#endif
}

/* The same of registers that a typed program may read without a helper. */
static __always_inline __s32 traced_call(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->orig_ax;
#elif defined(__TARGET_ARCH_arm64)
	return regs->syscallno;
#else
	return -1;
#endif
}

static __always_inline void read_registers(struct pt_regs *regs, __u64 *args)
{
#if defined(__TARGET_ARCH_x86)
	args[0] = BPF_CORE_READ(regs, di);
	args[1] = BPF_CORE_READ(regs, si);
	args[2] = BPF_CORE_READ(regs, dx);
	args[3] = BPF_CORE_READ(regs, r10);
	args[4] = BPF_CORE_READ(regs, r8);
	args[5] = BPF_CORE_READ(regs, r9);
#elif defined(__TARGET_ARCH_arm64)
	args[0] = BPF_CORE_READ(regs, orig_x0);
	for (int i = 1; i < 6; i++)
		args[i] = BPF_CORE_READ(regs, regs[i]);
#endif
}

/* Arguments of the 64-bit system call that a task is in, from the registers saved at its entry. */
static __always_inline bool read_args(struct task_struct *task, __u64 *args, __s32 *nr)
{
	struct pt_regs *regs;

	if (!settings.saved_registers ||
	    !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return false;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	*nr = system_call(regs);
	read_registers(regs, args);
	return true;
}

#endif
