/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * progress.bpf.h - progress counters: has anybody read from a file or written to it between two scans?
 *
 * Not one read or write is traced for it: the kernel keeps counters, and heads and tails of queues,
 * for itself. Two scans that find the same number saw nobody in between; a head that is an address
 * may be the same by chance, since memory is used again, so that a number that stays proves less
 * than one that changes. What each is was read of Linux 6.18.
 */
#ifndef ET_PROGRESS_H
#define ET_PROGRESS_H

#include "file.bpf.h"
#include "kernel_net.bpf.h"

static __always_inline void set_taken(struct et_watched *w, __u64 taken, __u64 arrived)
{
	w->taken = taken;
	w->arrived = arrived;
	w->flags |= ET_WATCHED_TAKEN;
}

static __always_inline void set_given(struct et_watched *w, __u64 given)
{
	w->given = given;
	w->flags |= ET_WATCHED_GIVEN;
}

static __always_inline void progress_tcp(struct et_watched *w, struct sock *sk)
{
	struct tcp_sock *tp = (void *)sk;

	set_taken(w, BPF_CORE_READ(tp, copied_seq), BPF_CORE_READ(tp, rcv_nxt));
	set_given(w, BPF_CORE_READ(tp, write_seq));
	if (BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_ops))
		w->flags |= ET_WATCHED_LAYERED;
}

/* Connections that wait for accept stand in a list of their own. */
static __always_inline void progress_listener(struct et_watched *w, struct sock *sk)
{
	struct inet_connection_sock *icsk = (void *)sk;

	if (w->file.family == AF_UNIX)
		set_taken(w, (__u64)BPF_CORE_READ(sk, sk_receive_queue.next),
			  (__u64)BPF_CORE_READ(sk, sk_receive_queue.prev));
	else
		set_taken(w, (__u64)BPF_CORE_READ(icsk, icsk_accept_queue.rskq_accept_head),
			  (__u64)BPF_CORE_READ(icsk, icsk_accept_queue.rskq_accept_tail));
}

/* Of what is in the queue the first may have been taken in part (net/unix/af_unix.c). */
static __always_inline void progress_unix(struct et_watched *w, struct sock *sk)
{
	struct sk_buff *first = BPF_CORE_READ(sk, sk_receive_queue.next);
	struct sk_buff_head *queue = (void *)sk + bpf_core_field_offset(sk->sk_receive_queue);
	struct sock *peer = BPF_CORE_READ((struct unix_sock *)sk, peer);
	struct unix_skb_parms *parms = (void *)first + bpf_core_field_offset(struct sk_buff, cb);
	__u64 taken = (__u64)first, last;

	if ((void *)first != (void *)queue)
		taken += (__u64)BPF_CORE_READ(parms, consumed) << 48;
	set_taken(w, taken, (__u64)BPF_CORE_READ(sk, sk_receive_queue.prev));
	if (!peer)
		return;
	/* What was written last; when the peer has taken all, nothing shows it any more. */
	queue = (void *)peer + bpf_core_field_offset(peer->sk_receive_queue);
	last = (__u64)BPF_CORE_READ(queue, prev);
	if (last != (__u64)queue)
		set_given(w, last);
}

/* UDP moves what has come from one queue to another before it is read. */
static __always_inline void progress_datagrams(struct et_watched *w, struct sock *sk, bool udp)
{
	struct sk_buff_head *reader =
		(void *)sk + bpf_core_field_offset(struct udp_sock, reader_queue);
	struct sk_buff *first = NULL;

	if (udp && BPF_CORE_READ(reader, qlen))
		first = BPF_CORE_READ(reader, next);
	if (!first)
		first = BPF_CORE_READ(sk, sk_receive_queue.next);
	set_taken(w, (__u64)first, (__u64)BPF_CORE_READ(sk, sk_receive_queue.prev));
}

/* Reading takes from the first buffer, writing may add to the last one (fs/pipe.c). */
static __always_inline void progress_pipe(struct et_watched *w, struct pipe_inode_info *pipe,
					  __u32 mode)
{
	__u32 head = BPF_CORE_READ(pipe, head), tail = BPF_CORE_READ(pipe, tail);
	__u32 mask = BPF_CORE_READ(pipe, ring_size) - 1;
	void *bufs = BPF_CORE_READ(pipe, bufs);
	__u64 size = bpf_core_type_size(struct pipe_buffer);
	struct pipe_buffer *first = bufs + (tail & mask) * size;
	struct pipe_buffer *last = bufs + ((head - 1) & mask) * size;
	__u64 in = (__u64)head << 32;

	if (head != tail)
		in += BPF_CORE_READ(last, len) + BPF_CORE_READ(last, offset);
	if (mode & FMODE_READ)
		set_taken(w, (__u64)tail << 32 | (head != tail ? BPF_CORE_READ(first, offset) : 0),
			  in);
	if (mode & FMODE_WRITE)
		set_given(w, in);
}

/* A read of it, or timerfd_settime, gives the timer another time to expire at. */
static __always_inline void progress_timerfd(struct et_watched *w, struct timerfd_ctx *ctx)
{
	__u64 expires = BPF_CORE_READ(ctx, t.tmr._softexpires);

	w->period_ns = BPF_CORE_READ(ctx, tintv);
	set_taken(w, expires, expires);
}

#endif
