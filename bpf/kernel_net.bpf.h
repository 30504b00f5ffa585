/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel_net.bpf.h - the kernel's sockets, see kernel.bpf.h.
 */
#ifndef ET_KERNEL_NET_H
#define ET_KERNEL_NET_H

#include "kernel.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	__s64 counter;
} possible_net_t;

struct in6_addr {
	__u8 s6_addr[16];
};

struct proto {
	char name[32];
};

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned long skc_flags; /* bits of enum sock_flags */
	struct proto *skc_prot;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct socket;

struct sk_buff {
	struct sk_buff *next;
	unsigned int len;
	char cb[48];
};

struct unix_skb_parms {
	__u32 consumed;
};

struct sk_buff_head {
	struct sk_buff *next;
	struct sk_buff *prev;
	__u32 qlen;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_error_queue;
	struct sk_buff_head sk_receive_queue;
	int sk_err;
	__u32 sk_ack_backlog;
	__u8 sk_shutdown;
	__u16 sk_type;
	__u16 sk_protocol;
	int sk_rcvlowat;
	void *sk_user_data; /* the lower bits are flags */
	struct proto *sk_prot_creator;
	struct socket *sk_socket;
};

struct request_sock;

struct request_sock_queue {
	struct request_sock *rskq_accept_head;
	struct request_sock *rskq_accept_tail;
};

struct tcp_ulp_ops;

struct inet_connection_sock {
	struct request_sock_queue icsk_accept_queue;
	const struct tcp_ulp_ops *icsk_ulp_ops; /* kTLS and the like */
};

struct tcp_sock {
	__u32 rcv_nxt;
	__u32 copied_seq;
	__u16 urg_data; /* not 0: there is an urgent byte, taken or not */
	__u32 urg_seq;	/* and where */
	__u32 write_seq;
	__u32 snd_una;
};

/* Where CONFIG_MPTCP is set. Both queues hold what has come, up to 6.14 (net/mptcp/protocol.c). */
struct mptcp_sock {
	__u64 write_seq;
	__u64 snd_una;
	__u64 ack_seq;	    /* of what comes next */
	struct sock *first; /* subflow; of a listener the one that listens */
	struct sk_buff_head receive_queue;
};

struct mptcp_skb_cb {
	__u32 offset; /* bytes that have been taken */
};

struct inet_sock {
	__be16 inet_sport; /* stays when the port is released, which makes skc_num 0 */
};

struct netlink_sock {
	__u32 portid;
};

struct packet_ring_buffer {
	void *pg_vec; /* NULL: frames are in the receive queue */
};

struct packet_sock {
	struct packet_ring_buffer rx_ring;
};

struct udp_sock {
	struct sk_buff_head reader_queue;
};

struct socket {
	unsigned long flags; /* bits: SOCK_NOSPACE */
	struct file *file;
	struct sock *sk;
};

struct sockaddr_un {
	unsigned short sun_family;
	char sun_path[108];
};

struct unix_address {
	int len; /* of name, sun_family included */
	struct sockaddr_un name[1];
};

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
	int inq_len; /* 6.18: bytes in the receive queue of a stream */
};

#pragma clang attribute pop

#define AF_UNIX		   1
#define AF_INET		   2
#define AF_INET6	   10
#define AF_NETLINK	   16
#define AF_PACKET	   17
#define AF_VSOCK	   40
#define IPPROTO_TCP	   6
#define IPPROTO_UDP	   17
#define IPPROTO_MPTCP	   262

#define SOCK_STREAM	   1
#define SOCK_SEQPACKET	   5
#define TCP_CLOSE	   7
#define TCP_SYN_SENT	   2 /* include/net/tcp_states.h */
#define TCP_SYN_RECV	   3
#define TCP_LISTEN	   10 /* of unix sockets too */
#define RCV_SHUTDOWN	   1
#define SOCK_DONE	   1 /* bits of skc_flags (include/net/sock.h): a FIN has come; */
#define SOCK_URGINLINE	   2 /* the urgent byte stands within the others */
#define SOCK_NOSPACE	   2 /* bit of socket.flags (include/linux/net.h) */
#define SK_USER_DATA_PSOCK 4 /* of sk_user_data, since 6.1 (include/net/sock.h) */

#endif
