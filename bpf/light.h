/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * light.h - the epoll calls and the closes by two raw tracepoints instead of one or two a call, for
 * --diagnose. A system call tracepoint with a program costs each of its calls 150 ns and more, whoever
 * makes them: redis-benchmark makes five epoll_ctl a request. A raw one costs every system call of the
 * machine some 25 ns. Wants typed reads and bpf_loop.
 */
#ifndef ET_LIGHT_H
#define ET_LIGHT_H

#include "life.h"

static __always_inline int wait_begins(struct pt_regs *regs, __u32 call)
{
	struct enter_ctx c = {};

	if (!current_thread() || runs_compat(TYPED))
		return 0;
	read_registers(regs, c.args);
	return on_enter(&c, call, TYPED);
}

static __always_inline int close_begins(struct pt_regs *regs, long nr)
{
	struct closing closing = {};
	struct enter_ctx c = {};

	if (stopped || !is_target() || runs_compat(TYPED))
		return 0;
	read_registers(regs, c.args);
	if (nr == nr_close_range)
		return on_close_range(&c, true);
	if (nr == nr_dup2)
		return on_dup(c.args[0], c.args[1]);
	if (nr == nr_dup3)
		return c.args[2] & ~O_CLOEXEC ? 0 : on_dup(c.args[0], c.args[1]);
	closing.now_ns = bpf_ktime_get_ns();
	tell_close(c.args[0], &closing);
	return 0;
}

SEC("?tp_btf/sys_enter") int BPF_PROG(enter_light, struct pt_regs *regs, long nr)
{
	__u32 call = wait_call(nr);

	if (call)
		return wait_begins(regs, call);
	if (nr == nr_close || nr == nr_close_range || nr == nr_dup2 || nr == nr_dup3)
		return close_begins(regs, nr);
	return 0;
}

SEC("?tp_btf/sys_exit") int BPF_PROG(exit_light, struct pt_regs *regs, long ret)
{
	struct exit_ctx c = {.ret = ret};
	__s32 nr = traced_call(regs);

	if (nr < 0 || (nr != nr_epoll_ctl && !wait_call(nr)) || !current_thread() ||
	    runs_compat(TYPED))
		return 0;
	if (nr == nr_epoll_ctl)
		return ctl_returned(regs, ret);
	if (nr == nr_epoll_wait)
		return on_wait(&c);
	if (nr == nr_epoll_pwait)
		return on_pwait(&c, ET_CALL_EPOLL_PWAIT);
	if (nr == nr_epoll_pwait2)
		return on_pwait(&c, ET_CALL_EPOLL_PWAIT2);
	return 0;
}

#endif
