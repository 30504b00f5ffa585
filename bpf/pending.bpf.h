/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pending.bpf.h - what waits in a file: unread and unsent bytes, connections, expirations, errors.
 *
 * Read without locks: while the file is in use, figures may be of slightly different moments.
 */
#ifndef ET_PENDING_H
#define ET_PENDING_H

#include "pending_socket.bpf.h"

/* Bytes in a pipe: unread of its read end, not yet read by the other end of its write end. */
static __always_inline void pending_pipe(struct et_watched *w, struct file *file)
{
	struct pipe_inode_info *pipe = BPF_CORE_READ(file, f_inode, i_pipe);
	__u32 mode = BPF_CORE_READ(file, f_mode);
	__u32 head, tail, mask;
	struct pipe_buffer *bufs;
	__u64 bytes = 0;

	if (!pipe)
		return;
	progress_pipe(w, pipe, mode);
	head = BPF_CORE_READ(pipe, head);
	tail = BPF_CORE_READ(pipe, tail);
	mask = BPF_CORE_READ(pipe, ring_size) - 1;
	bufs = BPF_CORE_READ(pipe, bufs);
	if (head - tail > QUEUE_SCAN)
		w->flags |= ET_WATCHED_AT_LEAST;
	for (__u32 i = 0; i < QUEUE_SCAN; i++) {
		struct pipe_buffer *b;

		if (i >= head - tail)
			break;
		b = (void *)bufs +
		    (__u64)((tail + i) & mask) * bpf_core_type_size(struct pipe_buffer);
		bytes += BPF_CORE_READ(b, len);
	}
	if (mode & FMODE_READ) {
		set_unread(w, bytes);
		if (!BPF_CORE_READ(pipe, writers))
			w->flags |= ET_WATCHED_PEER_CLOSED;
	}
	if (mode & FMODE_WRITE)
		set_unsent(w, bytes);
}

/* Messages of a POSIX message queue, and their bytes (ipc/mqueue.c, MQUEUE_I()). */
static __always_inline void pending_mqueue(struct et_watched *w, struct file *file)
{
	struct mqueue_inode_info *info;

	if (!bpf_core_type_exists(struct mqueue_inode_info))
		return;
	info = (void *)BPF_CORE_READ(file, f_inode) -
	       bpf_core_field_offset(struct mqueue_inode_info, vfs_inode);
	set_pending(w, BPF_CORE_READ(info, attr.mq_curmsgs));
	set_unread(w, BPF_CORE_READ(info, qsize));
}

static __always_inline bool is_named(const char *name, const char *want, int len)
{
	for (int i = 0; i < len; i++)
		if (name[i] != want[i])
			return false;
	return true;
}

/* Signals of the process that has the file, sent and not yet taken, that it would give. */
static __always_inline void pending_signals(struct et_watched *w, struct signalfd_ctx *ctx,
					    struct task_struct *task)
{
	unsigned long sent = BPF_CORE_READ(task, signal, shared_pending.signal.sig[0]) |
			     BPF_CORE_READ(task, pending.signal.sig[0]);
	unsigned long not_taken = BPF_CORE_READ(ctx, sigmask.sig[0]);
	__u32 count = 0;

	sent &= ~not_taken;
	for (int i = 0; i < 64; i++)
		count += sent >> i & 1;
	set_pending(w, count);
	set_taken(w, sent, sent);
}

/* Files without an inode of their own; name is what describe() has written. */
static __always_inline void pending_anon(struct et_watched *w, const char *name, struct file *file,
					 struct task_struct *task)
{
	void *ctx = BPF_CORE_READ(file, private_data);
	struct fsnotify_group *group = ctx;
	__u64 count;

	if (is_named(name, "[eventfd", 8)) {
		count = BPF_CORE_READ((struct eventfd_ctx *)ctx, count);
		set_unread(w, count ? 8 : 0);
		if (BPF_CORE_READ((struct eventfd_ctx *)ctx, flags) & EFD_SEMAPHORE)
			w->flags |= ET_WATCHED_SEMAPHORE;
	} else if (is_named(name, "[timerfd", 8)) {
		count = BPF_CORE_READ((struct timerfd_ctx *)ctx, ticks);
		set_unread(w, count ? 8 : 0);
		set_pending(w, count);
		progress_timerfd(w, ctx);
	} else if (is_named(name, "[signalfd", 9)) {
		pending_signals(w, ctx, task);
	} else if (is_named(name, "inotify", 7)) {
		set_pending(w, BPF_CORE_READ(group, q_len));
		set_taken(w, (__u64)BPF_CORE_READ(group, notification_list.next),
			  (__u64)BPF_CORE_READ(group, notification_list.prev));
	}
}

/* Fills the counts and flags of *w, whose file is described already; task has it open. */
static __noinline int fill_pending(struct et_watched *w, const char *name, __u64 addr,
				   struct task_struct *task)
{
	struct file *file = (void *)addr;

	if (!w || !name || !task)
		return 0;
	w->unread_bytes = 0;
	w->unsent_bytes = 0;
	w->taken = 0;
	w->arrived = 0;
	w->given = 0;
	w->period_ns = 0;
	w->pending = 0;
	w->lowat = 0;
	w->fd = -1;
	w->refs = 0;
	w->reserved = 0;
	w->flags = BPF_CORE_READ(file, f_flags) & O_NONBLOCK ? ET_WATCHED_NONBLOCK : 0;
	switch (w->file.kind) {
	case ET_FILE_INET:
	case ET_FILE_UNIX:
	case ET_FILE_SOCK:
		pending_socket(w, file);
		break;
	case ET_FILE_PIPE:
		pending_pipe(w, file);
		break;
	case ET_FILE_PATH:
		if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) == S_IFIFO)
			pending_pipe(w, file);
		else if (w->file.flags & ET_FILE_MQUEUE)
			pending_mqueue(w, file);
		break;
	case ET_FILE_ANON:
		pending_anon(w, name, file, task);
		break;
	default:
		break;
	}
	return 0;
}

#endif
