/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pending.h - what waits in a file: unread and unsent bytes, connections, expirations, errors.
 *
 * Read without locks: while the file is in use, figures may be of slightly different moments.
 */
#ifndef ET_PENDING_H
#define ET_PENDING_H

#include "touched.h"

#define QUEUE_SCAN 32 /* buffers of a queue, or of a pipe, that are added up */

static __always_inline void set_unread(struct et_watched *w, __u64 bytes)
{
	w->unread_bytes = bytes;
	w->flags |= ET_WATCHED_UNREAD;
}

static __always_inline void set_unsent(struct et_watched *w, __u64 bytes)
{
	w->unsent_bytes = bytes;
	w->flags |= ET_WATCHED_UNSENT;
}

static __always_inline void set_pending(struct et_watched *w, __u32 count)
{
	w->pending = count;
	w->flags |= ET_WATCHED_PENDING;
}

/*
 * As tcp_inq() of include/net/tcp.h, where a FIN that came counts as a byte and is taken off again,
 * and as SIOCOUTQ, which is what the other end has not acknowledged.
 */
static __always_inline void pending_tcp(struct et_watched *w, struct sock *sk, __u8 state)
{
	struct tcp_sock *tp = (void *)sk;
	__u32 unread, unsent;

	if (state == TCP_SYN_SENT || state == TCP_SYN_RECV)
		return;
	unread = BPF_CORE_READ(tp, rcv_nxt) - BPF_CORE_READ(tp, copied_seq);
	if (BPF_CORE_READ(sk, __sk_common.skc_flags) >> SOCK_DONE & 1) {
		w->flags |= ET_WATCHED_PEER_CLOSED;
		if (unread)
			unread--;
	}
	set_unread(w, unread);
	unsent = BPF_CORE_READ(tp, write_seq) - BPF_CORE_READ(tp, snd_una);
	set_unsent(w, unsent);
	touched_tcp(w, sk);
}

/*
 * Bytes in a queue of buffers, less what a reader has taken of them (net/unix/af_unix.c). A global
 * function, so that the verifier goes through it once.
 */
__noinline int sum_queue(__u64 queue, __u32 unix)
{
	struct sk_buff_head *q = (void *)queue;
	struct sk_buff *skb = BPF_CORE_READ(q, next);
	__u32 bytes = 0;

	for (int i = 0; i < QUEUE_SCAN; i++) {
		struct unix_skb_parms *parms;

		if (!skb || (__u64)skb == queue)
			return bytes;
		parms = (void *)skb + bpf_core_field_offset(struct sk_buff, cb);
		bytes += BPF_CORE_READ(skb, len);
		if (unix)
			bytes -= BPF_CORE_READ(parms, consumed);
		skb = BPF_CORE_READ(skb, next);
	}
	shared.queue_was_cut = skb && (__u64)skb != queue;
	return bytes;
}

static __always_inline __u64 queue_bytes(struct et_watched *w, void *queue, bool unix)
{
	__u32 bytes;

	shared.queue_was_cut = false;
	bytes = sum_queue((__u64)queue, unix);
	if (shared.queue_was_cut)
		w->flags |= ET_WATCHED_AT_LEAST;
	return bytes;
}

static __always_inline __u64 unix_inq(struct et_watched *w, struct sock *sk)
{
	struct unix_sock *u = (void *)sk;

	if (bpf_core_field_exists(u->inq_len))
		return (__u32)BPF_CORE_READ(u, inq_len);
	return queue_bytes(w, (void *)sk + bpf_core_field_offset(sk->sk_receive_queue), true);
}

static __always_inline void pending_unix(struct et_watched *w, struct sock *sk, __u16 type)
{
	struct sock *peer = BPF_CORE_READ((struct unix_sock *)sk, peer);

	touched_unix(w, sk);
	if (type == SOCK_STREAM) {
		set_unread(w, unix_inq(w, sk));
		if (peer)
			set_unsent(w, unix_inq(w, peer));
		else if (BPF_CORE_READ(sk, sk_shutdown) & RCV_SHUTDOWN)
			w->flags |= ET_WATCHED_PEER_CLOSED;
		return;
	}
	set_unread(w,
		   queue_bytes(w, (void *)sk + bpf_core_field_offset(sk->sk_receive_queue), true));
	set_pending(w, BPF_CORE_READ(sk, sk_receive_queue.qlen));
}

static __always_inline void pending_datagrams(struct et_watched *w, struct sock *sk, bool udp)
{
	struct udp_sock *up = (void *)sk;
	__u32 count = BPF_CORE_READ(sk, sk_receive_queue.qlen);
	__u64 bytes =
		queue_bytes(w, (void *)sk + bpf_core_field_offset(sk->sk_receive_queue), false);

	if (udp) {
		count += BPF_CORE_READ(up, reader_queue.qlen);
		bytes +=
			queue_bytes(w, (void *)up + bpf_core_field_offset(up->reader_queue), false);
	}
	set_unread(w, bytes);
	set_pending(w, count);
	touched_datagrams(w, sk, udp);
}

static __always_inline void socket_flags(struct et_watched *w, struct socket *socket,
					 struct sock *sk)
{
	w->lowat = BPF_CORE_READ(sk, sk_rcvlowat);
	if (BPF_CORE_READ(sk, sk_err))
		w->flags |= ET_WATCHED_ERROR;
	if (BPF_CORE_READ(sk, sk_error_queue.qlen))
		w->flags |= ET_WATCHED_ERRORQUEUE;
	if (BPF_CORE_READ(socket, flags) >> SOCK_NOSPACE & 1)
		w->flags |= ET_WATCHED_NOSPACE;
	if ((__u64)BPF_CORE_READ(sk, sk_user_data) & SK_USER_DATA_PSOCK)
		w->flags |= ET_WATCHED_LAYERED;
	if (BPF_CORE_READ(sk, sk_type) == SOCK_STREAM)
		w->flags |= ET_WATCHED_STREAM;
}

static __always_inline void pending_socket(struct et_watched *w, struct file *file)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);
	__u16 protocol, type;
	__u8 state;

	if (!sk)
		return;
	protocol = BPF_CORE_READ(sk, sk_protocol);
	type = BPF_CORE_READ(sk, sk_type);
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	socket_flags(w, socket, sk);
	if (type == SOCK_STREAM && state == TCP_LISTEN) {
		w->flags |= ET_WATCHED_LISTENS;
		touched_listener(w, sk);
		set_pending(w, w->file.family == AF_UNIX ? BPF_CORE_READ(sk, sk_receive_queue.qlen)
							 : BPF_CORE_READ(sk, sk_ack_backlog));
		return;
	}
	if (w->file.family == AF_UNIX)
		pending_unix(w, sk, type);
	else if (type == SOCK_STREAM && protocol == IPPROTO_TCP)
		pending_tcp(w, sk, state);
	else if (type != SOCK_STREAM)
		pending_datagrams(w, sk, protocol == IPPROTO_UDP);
}

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
	touched_pipe(w, pipe, mode);
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
		touched_timerfd(w, ctx);
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
