/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * io.bpf.c - reads and writes of watched files, for --io.
 *
 * One raw tracepoint sees the return of every system call of the machine; its arguments are still
 * in the saved registers then. That is one program to load and to detach, where each call would
 * want a tracepoint of its own. What a file has seen last is kept here and reported by scans of
 * descriptors, so that no read costs a record; only a first call that gives EAGAIN is emitted at once.
 */
#include "registers.bpf.h"

static __always_inline __u32 message_flags(__u8 what, const __u64 *args)
{
	if (what & ET_IO_FLAGS_AT_3)
		return args[3];
	return what & ET_IO_FLAGS_AT_2 ? args[2] : 0;
}

/* A call of the current thread ends; what the thread before did is kept. */
static __always_inline void note_side(struct et_io_side *side, __s32 nr, __s64 ret)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	if (side->kernel_tid != tid) {
		side->other_tid = side->tid;
		side->other_ns = side->time_ns;
		side->tid = user_tid_of(current_task());
		side->kernel_tid = tid;
	}
	side->time_ns = bpf_ktime_get_ns();
	side->ret = ret;
	side->nr = nr;
	side->calls++;
	if (!ret)
		side->zeros++;
}

static __always_inline void note_call(struct et_io_side *side, __u8 what, const __u64 *args,
				      __s32 nr, __s64 ret)
{
	__u32 flags = message_flags(what, args);

	note_side(side, nr, ret);
	side->size = what & ET_IO_SIZE_AT_2 ? args[2] : 0;
	side->flags =
		(side->flags & ET_IO_SIDE_MAY_BLOCK) | (flags & MSG_PEEK ? ET_IO_SIDE_PEEKED : 0);
	if (!(flags & MSG_DONTWAIT))
		side->flags |= ET_IO_SIDE_MAY_BLOCK;
}

/* The number that the third argument of an ioctl points to. */
static __always_inline __s32 pointed_to(const __u64 *args)
{
	__s32 n = 0;

	bpf_probe_read_user(&n, sizeof(n), (void *)args[2]);
	return n;
}

/* Calls that fail change nothing. */
static __always_inline void note_change(struct et_io_side *side, const __u64 *args, __s32 nr,
					__s64 ret, bool nonblock)
{
	if (ret < 0)
		return;
	note_side(side, nr, ret);
	side->size = args[1];
	side->flags = nonblock ? ET_IO_SIDE_NONBLOCK : 0;
}

/* How much could be read was asked for: as good as a peek at it. */
static __always_inline void note_asked(struct et_io_side *side, const __u64 *args, __s32 nr,
				       __s64 ret)
{
	if (ret < 0)
		return;
	note_side(side, nr, pointed_to(args));
	side->size = 0;
	side->flags = (side->flags & ET_IO_SIDE_MAY_BLOCK) | ET_IO_SIDE_PEEKED;
}

static __always_inline void note_command(struct io_state *s, const __u64 *args, __s32 nr, __s64 ret)
{
	if (nr == settings.nr_fcntl)
		note_change(&s->change, args, nr, ret, args[2] & O_NONBLOCK);
	else if ((__u32)args[1] == FIONBIO)
		note_change(&s->change, args, nr, ret, pointed_to(args));
	else
		note_asked(&s->in, args, nr, ret);
}

/* Most of what fcntl and ioctl do is of no interest. */
static __always_inline bool is_of_interest(__s32 nr, const __u64 *args)
{
	__u32 command = args[1];

	return nr == settings.nr_fcntl ? command == F_SETFL
				       : command == FIONBIO || command == FIONREAD;
}

static __always_inline void emit_io(const struct io_state *s, struct file *file, __s32 fd,
				    __u16 flags)
{
	struct et_io r = {};

	fill_header_task(&r.h, ET_KIND_IO, sizeof(r));
	r.h.flags = flags;
	r.file = (__u64)file;
	r.fd = fd;
	r.in = s->in;
	r.out = s->out;
	r.change = s->change;
	emit(&r, sizeof(r), ET_KIND_IO);
}

static __always_inline void on_io(__u8 what, const __u64 *args, __s32 nr, __s32 fd, __s64 ret,
				  enum reads reads)
{
	struct file *file = read_file_at(fd, reads);
	__u64 key = (__u64)file;
	struct io_state *s;
	bool first;

	if (!file || !read_watched(file, reads))
		return;
	s = bpf_map_lookup_elem(&io_files, &key);
	if (!s) {
		bpf_map_update_elem(&io_files, &key, &no_io, BPF_NOEXIST);
		s = bpf_map_lookup_elem(&io_files, &key);
	}
	if (!s)
		return;
	first = !s->in.calls && !s->out.calls;
	if (what & ET_IO_BY_COMMAND)
		note_command(s, args, nr, ret);
	else if (what & ET_IO_CHANGE)
		note_change(&s->change, args, nr, ret, false);
	else
		note_call(what & ET_IO_IN ? &s->in : &s->out, what, args, nr, ret);
	if (first && ret == -EAGAIN && what & ET_IO_IN)
		emit_io(s, file, fd, ET_F_FIRST);
}

static __always_inline __u8 what_of(__s32 nr)
{
	return nr < 0 || nr >= ET_FD_CALLS ? 0 : settings.io_calls[nr & (ET_FD_CALLS - 1)];
}

static __always_inline void on_return(__u8 what, const __u64 *args, __s32 nr, long ret,
				      enum reads reads)
{
	if (what & ET_IO_BY_COMMAND && !is_of_interest(nr, args))
		return;
	on_io(what, args, nr, args[0], ret, reads);
	if (what & ET_IO_OUT_AT_2)
		on_io(ET_IO_OUT, args, nr, args[2], ret, reads);
}

/* Is the number that of another table? The raw tracepoints see such calls as well. */
static __always_inline bool makes_other_calls(enum reads reads)
{
	return runs_compat(reads) || in_i386_call(current_task(), reads);
}

SEC("?raw_tp/sys_exit") int BPF_PROG(on_sys_exit, struct pt_regs *regs, long ret)
{
	__u64 args[6] = {};
	__s32 nr;
	__u8 what;

	nr = system_call(regs);
	what = what_of(nr);
	if (!what || shared.stopped || !is_target() || makes_other_calls(BY_HELPER))
		return 0;
	read_registers(regs, args);
	on_return(what, args, nr, ret, BY_HELPER);
	return 0;
}

/* The same with fewer helpers, for kernels that have bpf_rdonly_cast. */
SEC("?tp_btf/sys_exit") int BPF_PROG(on_sys_exit_typed, struct pt_regs *regs, long ret)
{
	__u64 args[6] = {};
	__s32 nr;
	__u8 what;

	nr = traced_call(regs);
	what = what_of(nr);
	if (!what || shared.stopped || !is_target() || makes_other_calls(TYPED))
		return 0;
#if defined(__TARGET_ARCH_x86)
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
#else
	read_registers(regs, args);
#endif
	on_return(what, args, nr, ret, TYPED);
	return 0;
}
