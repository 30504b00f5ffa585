/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel.bpf.h - the few kernel structures that capture reads, hand-written for CO-RE.
 *
 * Only the fields in use are named; their offsets are taken from the running kernel's BTF at load.
 * A structure with a suffix after three underscores is an older or newer shape of the same one.
 * Since when a field has its name is said where that is later than Linux 5.10, the oldest kernel
 * that is supported. Those of sockets are in kernel_net.bpf.h, those of io_uring in
 * kernel_uring.bpf.h.
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
	unsigned long *open_fds; /* a bit each, also beyond max_fds up to a whole word */
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

struct rlimit {
	unsigned long rlim_cur;
	unsigned long rlim_max;
};

struct signal_struct {
	struct sigpending shared_pending;
	atomic_t live;
	int nr_threads;
	int group_exit_code;
	struct rlimit rlim[16]; /* by RLIMIT_* */
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

struct eventpoll {
	__u32 busy_poll_usecs; /* 6.9; EPIOCSPARAMS sets it */
};

struct file_operations {
	const void *poll; /* NULL: epoll_ctl gives EPERM */
};

/* Times of a clock that runs as CLOCK_MONOTONIC does, but has another zero. */
struct sched_info {
	unsigned long long last_arrival; /* on a CPU; where CONFIG_SCHED_INFO is set */
	unsigned long long run_delay;	 /* ns on a run queue without running, so far */
};

struct sched_entity {
	__u64 sum_exec_runtime; /* ns on a CPU up to the last tick or switch */
};

/* Calls that read or write by way of vfs_read() and the like; where CONFIG_TASK_XACCT is set. */
struct task_io_accounting {
	__u64 syscr;
	__u64 syscw;
};

struct task_struct {
	struct thread_info thread_info;
	struct sched_info sched_info;
	struct sched_entity se;
	struct task_io_accounting ioac;
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

#define MSG_PEEK	     0x2
#define MSG_DONTWAIT	     0x40
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

#define RLIMIT_NOFILE	    7 /* uapi/asm-generic/resource.h */

#define EPERM		    1
#define ENOENT		    2
#define EINTR		    4
#define EAGAIN		    11
#define EFAULT		    14
#define ECANCELED	    125

#define EPOLL_CTL_ADD	    1
#define EPOLL_CTL_DEL	    2
#define EPOLL_CTL_MOD	    3

#define CLOSE_RANGE_UNSHARE 2
#define CLOSE_RANGE_CLOEXEC 4

#endif
