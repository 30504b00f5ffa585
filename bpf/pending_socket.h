/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pending_socket.h - what waits in a socket: bytes, messages, connections, errors, the end of file.
 */
#ifndef ET_PENDING_SOCKET_H
#define ET_PENDING_SOCKET_H

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

#endif
