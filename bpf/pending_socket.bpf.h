/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pending_socket.bpf.h - what waits in a socket: bytes, messages, connections, errors, the end of file.
 */
#ifndef ET_PENDING_SOCKET_H
#define ET_PENDING_SOCKET_H

#include "progress.bpf.h"

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

static __always_inline bool has_flag(struct sock *sk, __u32 bit)
{
	return BPF_CORE_READ(sk, __sk_common.skc_flags) >> bit & 1;
}

/*
 * Does an urgent byte stand within what is unread? It is read apart, by MSG_OOB or not at all, and
 * a read skips it (net/ipv4/tcp.c), unless SO_OOBINLINE is set.
 */
static __always_inline bool urgent_within(struct tcp_sock *tp, __u32 copied, __u32 unread)
{
	return BPF_CORE_READ(tp, urg_data) && BPF_CORE_READ(tp, urg_seq) - copied < unread &&
	       !has_flag((struct sock *)tp, SOCK_URGINLINE);
}

/*
 * As tcp_inq() of include/net/tcp.h, where a FIN that came counts as a byte and is taken off again,
 * but with what follows an urgent byte too; and as SIOCOUTQ, which is what the other end has
 * not acknowledged. Of a closed socket that figure means nothing.
 */
static __always_inline void pending_tcp(struct et_watched *w, struct sock *sk, __u8 state)
{
	struct tcp_sock *tp = (void *)sk;
	__u32 copied, unread, unsent;

	if (state == TCP_SYN_SENT || state == TCP_SYN_RECV)
		return;
	copied = BPF_CORE_READ(tp, copied_seq);
	unread = BPF_CORE_READ(tp, rcv_nxt) - copied;
	if (urgent_within(tp, copied, unread))
		unread--;
	if (has_flag(sk, SOCK_DONE)) {
		w->flags |= ET_WATCHED_PEER_CLOSED;
		if (unread)
			unread--;
	}
	set_unread(w, unread);
	unsent = BPF_CORE_READ(tp, write_seq) - BPF_CORE_READ(tp, snd_una);
	if (state != TCP_CLOSE)
		set_unsent(w, unsent);
	progress_tcp(w, sk);
}

/* How far a reader has come in a buffer is kept in it: by these families, each in its own way. */
enum queue_of {
	QUEUE_PLAIN,
	QUEUE_UNIX,  /* net/unix/af_unix.c */
	QUEUE_MPTCP, /* net/mptcp/protocol.c */
};

static __always_inline __u32 taken_of(struct sk_buff *skb, __u32 of)
{
	void *cb = (void *)skb + bpf_core_field_offset(struct sk_buff, cb);

	if (of == QUEUE_UNIX)
		return BPF_CORE_READ((struct unix_skb_parms *)cb, consumed);
	if (of == QUEUE_MPTCP && bpf_core_type_exists(struct mptcp_skb_cb))
		return BPF_CORE_READ((struct mptcp_skb_cb *)cb, offset);
	return 0;
}

/*
 * Bytes in a queue of buffers, less what a reader has taken of them. A global function, so that the
 * verifier goes through it once.
 */
__noinline int sum_queue(__u64 queue, __u32 of)
{
	struct sk_buff_head *q = (void *)queue;
	struct sk_buff *skb = BPF_CORE_READ(q, next);
	__u32 bytes = 0;

	for (int i = 0; i < QUEUE_SCAN; i++) {
		if (!skb || (__u64)skb == queue)
			return bytes;
		bytes += BPF_CORE_READ(skb, len) - taken_of(skb, of);
		skb = BPF_CORE_READ(skb, next);
	}
	shared.queue_was_cut = skb && (__u64)skb != queue;
	return bytes;
}

static __always_inline __u64 queue_bytes(struct et_watched *w, void *queue, enum queue_of of)
{
	__u32 bytes;

	shared.queue_was_cut = false;
	bytes = sum_queue((__u64)queue, of);
	if (shared.queue_was_cut)
		w->flags |= ET_WATCHED_AT_LEAST;
	return bytes;
}

static __always_inline void *receive_queue(struct sock *sk)
{
	return (void *)sk + bpf_core_field_offset(sk->sk_receive_queue);
}

static __always_inline __u64 unix_inq(struct et_watched *w, struct sock *sk)
{
	struct unix_sock *u = (void *)sk;

	if (bpf_core_field_exists(u->inq_len))
		return (__u32)BPF_CORE_READ(u, inq_len);
	return queue_bytes(w, receive_queue(sk), QUEUE_UNIX);
}

static __always_inline void pending_unix(struct et_watched *w, struct sock *sk, __u16 type)
{
	struct sock *peer = BPF_CORE_READ((struct unix_sock *)sk, peer);

	progress_unix(w, sk);
	/* The pointer to the peer stays when that is closed; the bits show it (unix_release_sock()). */
	if (BPF_CORE_READ(sk, sk_shutdown) & RCV_SHUTDOWN)
		w->flags |= ET_WATCHED_PEER_CLOSED;
	if (type == SOCK_STREAM) {
		set_unread(w, unix_inq(w, sk));
		if (peer)
			set_unsent(w, unix_inq(w, peer));
		return;
	}
	set_unread(w, queue_bytes(w, receive_queue(sk), QUEUE_UNIX));
	set_pending(w, BPF_CORE_READ(sk, sk_receive_queue.qlen));
}

/* What subflows have not handed on yet is not counted: that takes the kernel a moment. */
static __always_inline void pending_mptcp(struct et_watched *w, struct sock *sk, __u8 state)
{
	struct mptcp_sock *msk = (void *)sk;
	__u64 unread;

	if (state == TCP_SYN_SENT || state == TCP_SYN_RECV)
		return;
	unread = queue_bytes(w, receive_queue(sk), QUEUE_MPTCP);
	if (bpf_core_field_exists(msk->receive_queue))
		unread += queue_bytes(
			w, (void *)msk + bpf_core_field_offset(struct mptcp_sock, receive_queue),
			QUEUE_MPTCP);
	set_unread(w, unread);
	if (BPF_CORE_READ(sk, sk_shutdown) & RCV_SHUTDOWN)
		w->flags |= ET_WATCHED_PEER_CLOSED;
	if (state != TCP_CLOSE)
		set_unsent(w, BPF_CORE_READ(msk, write_seq) - BPF_CORE_READ(msk, snd_una));
	set_given(w, BPF_CORE_READ(msk, write_seq));
	if (!(w->flags & ET_WATCHED_AT_LEAST))
		set_taken(w, BPF_CORE_READ(msk, ack_seq) - unread, BPF_CORE_READ(msk, ack_seq));
}

static __always_inline void pending_datagrams(struct et_watched *w, struct sock *sk, bool udp)
{
	struct udp_sock *up = (void *)sk;
	__u32 count = BPF_CORE_READ(sk, sk_receive_queue.qlen);
	__u64 bytes = queue_bytes(w, receive_queue(sk), QUEUE_PLAIN);

	if (udp) {
		count += BPF_CORE_READ(up, reader_queue.qlen);
		bytes += queue_bytes(w, (void *)up + bpf_core_field_offset(up->reader_queue),
				     QUEUE_PLAIN);
	}
	set_unread(w, bytes);
	set_pending(w, count);
	progress_datagrams(w, sk, udp);
}

static __always_inline void socket_flags(struct et_watched *w, struct socket *socket,
					 struct sock *sk)
{
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

/*
 * The flag of a socket that is not connected, never was, and does not listen: polling it gives EPOLLOUT
 * and EPOLLHUP. A connection that has ended is in TCP_CLOSE as well, but is shut down both ways then
 * (tcp_done()). Unix sockets use the same numbers for their states. A global function, and no branch
 * where it is called: the verifier would go through all that follows for each outcome.
 */
__noinline int unconnected_flag(__u64 addr)
{
	struct sock *sk = (void *)addr;
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u16 type = BPF_CORE_READ(sk, sk_type);

	if (BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_CLOSE || BPF_CORE_READ(sk, sk_shutdown))
		return 0;
	if (type != SOCK_STREAM && (family != AF_UNIX || type != SOCK_SEQPACKET))
		return 0;
	return family == AF_INET || family == AF_INET6 || family == AF_UNIX ? ET_WATCHED_UNCONNECTED
									    : 0;
}

/* Streams of these families alone heed SO_RCVLOWAT when they are polled. */
static __always_inline bool heeds_lowat(__u16 family, __u16 type)
{
	return type == SOCK_STREAM &&
	       (family == AF_INET || family == AF_INET6 || family == AF_VSOCK);
}

/* The socket whose queue has the connections that wait: of MPTCP the subflow that listens. */
static __always_inline struct sock *listening(struct sock *sk, __u16 protocol)
{
	struct mptcp_sock *msk = (void *)sk;

	if (protocol == IPPROTO_MPTCP && bpf_core_type_exists(struct mptcp_sock))
		return BPF_CORE_READ(msk, first);
	return sk;
}

static __always_inline void pending_listener(struct et_watched *w, struct sock *sk, __u16 protocol)
{
	struct sock *listener = listening(sk, protocol);

	w->flags |= ET_WATCHED_LISTENS;
	if (!listener)
		return;
	progress_listener(w, listener);
	set_pending(w, w->file.family == AF_UNIX ? BPF_CORE_READ(sk, sk_receive_queue.qlen)
						 : BPF_CORE_READ(listener, sk_ack_backlog));
}

/* Frames in a ring that the program has mapped are marked there, in memory of its own. */
static __always_inline bool in_ring(const struct et_watched *w, struct sock *sk)
{
	struct packet_sock *po = (void *)sk;

	return w->file.family == AF_PACKET && bpf_core_type_exists(struct packet_sock) &&
	       BPF_CORE_READ(po, rx_ring.pg_vec);
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
	w->flags |= unconnected_flag((__u64)sk);
	if (heeds_lowat(w->file.family, type))
		w->lowat = BPF_CORE_READ(sk, sk_rcvlowat);
	if (state == TCP_LISTEN && (type == SOCK_STREAM || w->file.family == AF_UNIX))
		pending_listener(w, sk, protocol);
	else if (w->file.family == AF_UNIX)
		pending_unix(w, sk, type);
	else if (type == SOCK_STREAM && protocol == IPPROTO_TCP)
		pending_tcp(w, sk, state);
	else if (type == SOCK_STREAM && protocol == IPPROTO_MPTCP &&
		 bpf_core_type_exists(struct mptcp_sock))
		pending_mptcp(w, sk, state);
	else if (type != SOCK_STREAM && !in_ring(w, sk))
		pending_datagrams(w, sk, protocol == IPPROTO_UDP);
}

#endif
