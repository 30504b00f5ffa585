/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel.h - the few kernel structures that capture reads, hand-written for CO-RE.
 *
 * Only the fields in use are named; their offsets are taken from the running kernel's BTF at load.
 * A structure with a suffix behind three underscores is an older or newer shape of the same one.
 * Since when a field has its name is said where that is later than Linux 5.10, the oldest kernel
 * that is supported.
 */
#ifndef ET_KERNEL_H
#define ET_KERNEL_H

#include <linux/types.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	__s64 counter;
} atomic64_t;

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

struct hlist_node {
	struct hlist_node *next;
	struct hlist_node **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct super_block {
	unsigned long s_magic;
};

struct inode {
	unsigned short i_mode;
	__u32 i_rdev;
	unsigned long i_ino;
	struct super_block *i_sb;
	void *i_private;
	struct pipe_inode_info *i_pipe;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct super_block *d_sb;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

/* file_ref_t, 6.13: 0 stands for one reference (include/linux/file_ref.h, FILE_REF_ONEREF). */
typedef struct {
	atomic64_t refcnt;
} file_ref_t;

struct file {
	unsigned int f_mode;
	unsigned int f_flags;
	const void *f_op;
	void *private_data;
	struct inode *f_inode;
	struct path f_path;
	struct hlist_head *f_ep; /* 5.11; NULL where nothing watches the file */
	file_ref_t f_ref;	 /* 6.13 */
};

/* Up to 6.12. */
struct file___v612 {
	atomic64_t f_count;
};

/* Up to 5.10. */
struct file___v510 {
	struct list_head f_ep_links;
};

struct epoll_filefd {
	struct file *file;
	int fd;
} __attribute__((packed));

struct epoll_event {
	__u32 events;
	__u64 data;
};

/* An entry of an interest list (fs/eventpoll.c). */
struct epitem {
	struct list_head rdllink;    /* empty: not on the ready list */
	struct epitem *next;	     /* of ovflist; EP_UNACTIVE_PTR: not on it */
	struct epitem *ovflist_next; /* its name where "next" has gone */
	struct epoll_filefd ffd;
	struct eventpoll *ep;
	struct hlist_node fllink; /* 5.11; a struct list_head before */
	struct epoll_event event;
};

struct mq_attr {
	long mq_curmsgs;
};

struct mqueue_inode_info {
	struct inode vfs_inode;
	struct mq_attr attr;
	unsigned long qsize; /* bytes of all messages */
};

struct pipe_buffer {
	unsigned int offset;
	unsigned int len;
};

struct pipe_inode_info {
	unsigned int head;
	unsigned int tail;
	unsigned int ring_size;
	unsigned int writers;
	struct pipe_buffer *bufs;
};

struct eventfd_ctx {
	__u64 count;
	unsigned int flags; /* EFD_SEMAPHORE among them */
};

struct hrtimer {
	__s64 _softexpires;
};

struct timerfd_ctx {
	union {
		struct hrtimer tmr; /* of clocks that wake the machine a struct alarm */
	} t;
	__s64 tintv; /* ns, 0: it expires once */
	__u64 ticks;
};

struct fsnotify_group {
	struct list_head notification_list;
	unsigned int q_len;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
	unsigned long *close_on_exec;
};

struct files_struct {
	atomic_t count;
	struct fdtable *fdt;
};

struct pid_namespace;

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[1]; /* by enum pid_type, of which PIDTYPE_PID is the first */
	struct upid numbers[1];
};

/* SIGKILL is waiting in .pending when a thread is being ended (kernel/signal.c, zap_other_threads). */
typedef struct {
	unsigned long sig[1];
} sigset_t;

struct sigpending {
	sigset_t signal;
};

/* Of a signalfd: the signals that it does not take (fs/signalfd.c). */
struct signalfd_ctx {
	sigset_t sigmask;
};

struct signal_struct {
	struct sigpending shared_pending;
	atomic_t live;
	int nr_threads;
	int group_exit_code;
};

struct mm_struct {
	unsigned long task_size; /* of a 32-bit program at most 4 GiB */
};

struct thread_info {
	__u32 status; /* TS_*, of x86 */
};

struct seccomp {
	int mode; /* 0: the thread has no filter; where CONFIG_SECCOMP is set */
};

struct file_operations {
	const void *poll; /* NULL: epoll_ctl gives EPERM */
};

/* Times of a clock that runs as CLOCK_MONOTONIC does, but has another zero. */
struct sched_info {
	unsigned long long last_arrival; /* on a CPU; where CONFIG_SCHED_INFO is set */
};

struct task_struct {
	struct thread_info thread_info;
	struct sched_info sched_info;
	unsigned int __state; /* 5.14; "state" before */
	unsigned long jobctl;
	unsigned int flags;
	int exit_state;
	int exit_code;
	struct mm_struct *mm;
	unsigned int ptrace; /* 0: nobody traces it */
	int pid;
	int tgid;
	__u64 start_time; /* CLOCK_MONOTONIC */
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	unsigned long nvcsw;
	unsigned long nivcsw;
	char comm[16];
	struct files_struct *files;
	struct signal_struct *signal;
	struct sigpending pending;
	struct seccomp seccomp;
	void *io_uring; /* struct io_uring_task *, once the thread has made or entered a ring */
};

struct task_struct___v513 {
	volatile long state;
};

struct linux_binprm;

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

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 seq_num;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

/* io_uring. A request has this shape since 6.0 (include/linux/io_uring_types.h). */
struct io_cmd_data {
	struct file *file;
};

struct io_cqe {
	__u64 user_data;
	__s32 res;
	__s32 fd; /* as it was given, until the request is issued */
};

struct io_ring_ctx;

struct io_kiocb {
	struct file *file;
	struct io_cmd_data cmd;
	__u8 opcode;
	__u32 flags; /* REQ_F_*; of 64 bits since 6.9 the lower ones */
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
};

/* What lies in .cmd (io_uring/epoll.c, 6.0). */
struct io_epoll {
	int epfd;
	int op;
	int fd;
	struct epoll_event event;
};

/* 6.15 */
struct io_epoll_wait {
	int maxevents;
	struct epoll_event *events;
};

struct io_uring_sqe {
	__u8 opcode;
	__u8 flags;
	__s32 fd;
	__u64 off;
	__u64 addr;
	__u32 len;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r10, r9, r8, dx, si, di, orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31];
};
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
};
#endif

#pragma clang attribute pop

/* include/uapi/linux/io_uring.h, enum io_uring_op */
enum {
	IORING_OP_EPOLL_CTL = 29,
	IORING_OP_EPOLL_WAIT = 59, /* 6.15 */
};

/* REQ_F_* that are the IOSQE_* of the program, bit for bit (include/linux/io_uring_types.h). */
enum {
	REQ_F_FIXED_FILE = 1 << 0,
	REQ_F_IO_DRAIN = 1 << 1,
	REQ_F_LINK = 1 << 2,
	REQ_F_HARDLINK = 1 << 3,
	REQ_F_FORCE_ASYNC = 1 << 4,
	REQ_F_CQE_SKIP = 1 << 6,
};

/* include/uapi/linux/magic.h */
#define PIPEFS_MAGIC	    0x50495045
#define SOCKFS_MAGIC	    0x534F434B
#define ANON_INODE_FS_MAGIC 0x09041934
#define PID_FS_MAGIC	    0x50494446
#define MQUEUE_MAGIC	    0x19800202 /* ipc/mqueue.c */

/* include/linux/sched.h */
#define PF_KTHREAD	     0x00200000
#define TASK_INTERRUPTIBLE   0x1
#define TASK_UNINTERRUPTIBLE 0x2
#define TASK_STOPPED	     0x4	 /* __TASK_STOPPED */
#define TASK_TRACED	     0x8	 /* __TASK_TRACED */
#define TASK_FROZEN	     0x8000	 /* by the freezer of cgroup v1, since 6.1 */
#define PF_FROZEN	     0x00010000	 /* before that; no user task has the bit since */
#define JOBCTL_TRAP_FREEZE   (1UL << 23) /* its cgroup (v2) is frozen, 5.2 */
#define TS_COMPAT	     0x2	 /* arch/x86/include/asm/thread_info.h */
#define SIGKILL_BIT	     (1UL << 8)

#define S_IFMT		     0170000
#define S_IFIFO		     0010000
#define S_IFSOCK	     0140000
#define S_IFCHR		     0020000
#define S_IFBLK		     0060000

#define AF_UNIX		     1
#define AF_INET		     2
#define AF_INET6	     10
#define AF_NETLINK	     16
#define AF_PACKET	     17
#define AF_VSOCK	     40
#define IPPROTO_TCP	     6
#define IPPROTO_UDP	     17
#define IPPROTO_MPTCP	     262

#define SOCK_STREAM	     1
#define SOCK_SEQPACKET	     5
#define MSG_PEEK	     0x2
#define MSG_DONTWAIT	     0x40
#define TCP_CLOSE	     7
#define TCP_SYN_SENT	     2 /* include/net/tcp_states.h */
#define TCP_SYN_RECV	     3
#define TCP_LISTEN	     10 /* of unix sockets too */
#define RCV_SHUTDOWN	     1
#define SOCK_DONE	     1 /* bits of skc_flags (include/net/sock.h): a FIN has come; */
#define SOCK_URGINLINE	     2 /* the urgent byte stands within the others */
#define SOCK_NOSPACE	     2 /* bit of socket.flags (include/linux/net.h) */
#define SK_USER_DATA_PSOCK   4 /* of sk_user_data, since 6.1 (include/net/sock.h) */
#define EFD_SEMAPHORE	     1

#define FMODE_READ	     0x1
#define FMODE_WRITE	     0x2
#define O_NONBLOCK	     04000
#define O_CLOEXEC	     02000000
#define F_SETFL		     4
#define FIONREAD	     0x541b /* uapi/asm-generic/ioctls.h */
#define FIONBIO		     0x5421

/* fs/eventpoll.c */
#define EP_UNACTIVE_PTR	    ((struct epitem *)-1L)

#define EPERM		    1
#define ENOENT		    2
#define EINTR		    4
#define EPERM		    1
#define ENOENT		    2
#define EAGAIN		    11
#define EFAULT		    14
#define ECANCELED	    125

#define EPOLL_CTL_ADD	    1
#define EPOLL_CTL_DEL	    2
#define EPOLL_CTL_MOD	    3

#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

#endif
