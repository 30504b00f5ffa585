/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wire.h - the records that capture writes and event/decode reads.
 *
 * The only header that the BPF programs and user space share. Everything is in the byte order of
 * the machine that captured. Padding is explicit and sizes are asserted, so that both compilers
 * and a later reader of recordings agree on every byte.
 */
#ifndef ET_WIRE_H
#define ET_WIRE_H

#include "call_list.h"

#include <linux/types.h>

#define ET_COMM_LEN    16   /* TASK_COMM_LEN */
#define ET_PROTO_LEN   16   /* of struct proto.name, cut */
#define ET_NAME_LEN    1024 /* bytes of a name that are kept */
#define ET_NAME_PART   256  /* NAME_MAX + 1: the longest path component with its NUL */
#define ET_NAME_CAP    (ET_NAME_LEN + ET_NAME_PART)
#define ET_READY_MAX   1024 /* ready events in one record; upper limit of --max-ready */
#define ET_READY_MORE  32   /* records of a wait that come before its own, with more of them */
#define ET_FD_CALLS    512  /* system call numbers that are asked whether they take a descriptor */
#define ET_FEATURE_LEN 64
#define ET_STATE_LEN   128

/* What a record is. Kinds up to ET_KIND_END come from user space, the rest from BPF. */
enum et_kind {
	ET_KIND_NONE,
	ET_KIND_START,	  /* once, first: clocks and targets */
	ET_KIND_FEATURE,  /* after it, one for each line of --features */
	ET_KIND_SYSCALLS, /* and the system calls of the architecture */
	ET_KIND_TARGET,	  /* a process that the user named */
	ET_KIND_TICK,	  /* the time, after each scan and each batch */
	ET_KIND_CLOCK,	  /* other clocks than that of the records, where one was set */
	ET_KIND_LOST,	  /* records lost since the last such record */
	ET_KIND_SCAN,	  /* a scan of the descriptors begins or ends */
	ET_KIND_FDINFO,	  /* a row of /proc/PID/fdinfo/EPFD, or its end */
	ET_KIND_END,	  /* once, last */
	ET_KIND_CREATE,	  /* epoll_create, epoll_create1 returned */
	ET_KIND_CTL,	  /* epoll_ctl returned */
	ET_KIND_WAIT,	  /* epoll_wait, epoll_pwait, epoll_pwait2 returned */
	ET_KIND_INFLIGHT, /* a wait that has not returned: found by a scan, or cut off */
	ET_KIND_CLOSE,	  /* the number of a watched file or of an instance is being closed */
	ET_KIND_FORK,	  /* a followed process made another */
	ET_KIND_EXEC,	  /* a followed process runs another program now */
	ET_KIND_EXIT,	  /* a thread of a followed process ends */
	ET_KIND_THREAD,	  /* what a thread is doing, found by a scan */
	ET_KIND_INSTANCE, /* a descriptor that is an instance, found by a scan */
	ET_KIND_WATCHED,  /* a watched file and what waits in it; the entries on it follow */
	ET_KIND_ENTRY,	  /* an entry of an interest list, found by a scan */
	ET_KIND_COMM,	  /* the name of a thread: at its first call, and where it has another */
	ET_KIND_IO,	  /* reads and writes of a watched file, after what a scan reports of it */
	ET_KIND_READY,	  /* more ready events of a wait: its own record follows */
	ET_KIND_NOFILE,	  /* a process has no descriptor left, found by a scan */
	ET_KIND_COUNT,
};

/* The system calls; 0: none. */
enum et_call_id {
	ET_CALL_NONE,
#define ET_CALL(id, name, set) ET_CALL_##id,
	EPOLL_CALLS(ET_CALL)
#undef ET_CALL
	ET_CALL_COUNT,
};

/* et_hdr.flags */
#define ET_F_BEGAN_BEFORE 0x1	/* the call began before the attach: time_ns is the attach */
#define ET_F_EVENT_READ	  0x2	/* et_ctl: events and data could be read */
#define ET_F_TIMEOUT_READ 0x4	/* et_wait_ext: tv_sec and tv_nsec could be read */
#define ET_F_SIGSET_READ  0x8	/* et_wait_ext: sigset could be read */
#define ET_F_EPFILE	  0x10	/* epfd is open, but not an instance: its description follows */
#define ET_F_CUT	  0x20	/* et_inflight: the call will never return */
#define ET_F_LAST	  0x40	/* et_exit: the last thread of its process */
#define ET_F_COMPAT	  0x80	/* et_exec: a 32-bit program, whose calls cannot be seen */
#define ET_F_CALLFILE	  0x100 /* et_thread: fd and file are there */
#define ET_F_SAMPLED	  0x100 /* et_wait: not all waits of the thread are recorded now */
#define ET_F_FOREVER	  0x400 /* et_thread: blocked in epoll or a futex, without a time-out */
#define ET_F_PASSED	  0x800 /* et_thread: of its last waits with events none was recorded */
#define ET_F_FIRST	  0x800 /* et_io: emitted at once, the first call on the file gave EAGAIN */
/* et_ctl, et_wait: an operation of io_uring, not a system call */
#define ET_F_IO_URING 0x200
/* calls: the entry was not seen, so that time_ns is that of the return, and the duration 0 */
#define ET_F_NO_ENTRY 0x1000
/* calls: the kernel has not done it; a filter of seccomp or a tracer gave the result in its place */
#define ET_F_SKIPPED 0x2000
/* et_fork: both have one descriptor table (CLONE_FILES) */
#define ET_F_ONE_TABLE 0x4000
/* et_thread: reads and writes are counted by this kernel */
#define ET_F_COUNTS_IO 0x8000

struct et_hdr {
	__u16 kind;  /* enum et_kind */
	__u16 flags; /* ET_F_* */
	__u32 size;  /* bytes of the whole record */
	/* CLOCK_MONOTONIC; of a call: its entry */
	__u64 time_ns;
	/* The numbers in the initial PID namespace, then those in the namespace of the tool. */
	__u32 tgid;
	__u32 tid;
	__u32 user_tgid;
	__u32 user_tid;
};

/* What stands behind a descriptor. How the fields are used depends on kind. */
enum et_file_kind {
	ET_FILE_NONE,  /* the number is not open */
	ET_FILE_PATH,  /* name: path components, leaf first, each ended by NUL */
	ET_FILE_ANON,  /* name: "[eventfd]" and the like */
	ET_FILE_PIPE,  /* ino */
	ET_FILE_EPOLL, /* ep */
	ET_FILE_INET,  /* proto, ino, family, addresses and ports */
	ET_FILE_UNIX,  /* proto, ino, peer_ino, name: sun_path, abstract ones begin with NUL */
	ET_FILE_SOCK,  /* proto, ino */
	ET_FILE_PIDFD, /* ino: the PID as the tool's namespace has it */
};

#define ET_FILE_DELETED 0x1  /* the path has been unlinked */
#define ET_FILE_CUT	0x2  /* the name is longer than what was kept */
#define ET_FILE_CHAR	0x4  /* character device: rdev */
#define ET_FILE_BLOCK	0x8  /* block device: rdev */
#define ET_FILE_MQUEUE	0x10 /* path: a POSIX message queue */
#define ET_FILE_REAPED	0x20 /* pidfd: of a process that is no more */

struct et_file {
	__u64 addr; /* struct file *: identity, never followed in user space */
	__u64 ep;   /* struct eventpoll *, of an instance */
	__u64 ino;
	__u64 peer_ino; /* unix sockets: of the other end, 0: none; of AF_NETLINK: the port id */
	__u16 kind;	/* enum et_file_kind */
	__u16 flags;	/* ET_FILE_* */
	__u16 name_len;
	__u16 family; /* AF_* */
	__u32 rdev;   /* major << 20 | minor, as the kernel has it; of a socket SOCK_* */
	__u16 sport;  /* host byte order; of AF_NETLINK: the protocol */
	__u16 dport;
	__u8 saddr[16]; /* network byte order; 4 bytes where AF_INET */
	__u8 daddr[16];
	char proto[ET_PROTO_LEN]; /* the protocol's name: "TCP", "UNIX-STREAM", ... */
};

/* What every finished call has. */
struct et_call {
	struct et_hdr h;
	__u64 duration_ns;
	__u64 ep;     /* struct eventpoll * behind epfd, 0 where it is not an instance */
	__u64 epfile; /* struct file * behind epfd, 0 where it is not open */
	__s32 ret;    /* as the call returned: -errno where it failed */
	__u16 id;     /* enum et_call_id */
	__u16 refs;   /* of epoll_ctl: references to the file behind fd, 65535: as many or more */
};

struct et_create {
	struct et_call c;
	__s32 arg; /* size of epoll_create, flags of epoll_create1 */
	__u32 reserved;
};

struct et_ctl {
	struct et_call c;
	__s32 epfd;
	__s32 op;
	__s32 fd;
	__u32 events; /* valid with ET_F_EVENT_READ */
	__u64 data;
	__u64 event_ptr;
	__u64 table; /* struct files_struct * that fd is in */
	struct et_file file;
	char name[ET_NAME_CAP];
	/* The rest is there with ET_F_EPFILE; else the record ends with the last byte of name. */
	struct et_file epfile;
	char epname[ET_NAME_CAP];
};

struct et_wait_args {
	__s32 epfd;
	__s32 maxevents;
	__u64 events_ptr;
	__s64 timeout; /* milliseconds; of epoll_pwait2: the address of its timespec */
};

/* The signal set of epoll_pwait and epoll_pwait2, and what pointers point to. */
struct et_wait_ext {
	__u64 sigmask_ptr;
	__u64 sigsetsize;
	__u64 sigset; /* valid with ET_F_SIGSET_READ */
	__s64 tv_sec; /* valid with ET_F_TIMEOUT_READ */
	__s64 tv_nsec;
};

/*
 * Behind it: with ET_F_EPFILE a struct et_file and its name, else the ready events. Before that
 * stands a struct et_wait_ext, except for epoll_wait.
 */
struct et_wait {
	struct et_call c;
	struct et_wait_args a;
	__u16 copied;	  /* ready events that follow; bytes after the last one mean nothing */
	__u16 event_size; /* bytes of a struct epoll_event here: 12 on x86, 16 elsewhere */
	/*
	 * Waits of the thread since the last recorded one with the like result (events, none, an error)
	 * that have none: it stands for these too.
	 */
	__u32 others;
};

/*
 * Ready events of a wait beyond those that its own record has; that record comes after all of them.
 * Behind it: the events.
 */
struct et_ready {
	struct et_hdr h; /* time_ns: when the wait returned */
	__u16 copied;	 /* as in et_wait */
	__u16 event_size;
	__u32 reserved;
};

struct et_inflight {
	struct et_hdr h; /* time_ns: entry of the call */
	__u64 ep;
	__u64 epfile;
	struct et_wait_args a;
	__u64 seen_ns; /* when it was seen in flight */
	__u16 id;      /* enum et_call_id */
	__u16 reserved[3];
};

struct et_close {
	struct et_hdr h;
	__u64 file;  /* struct file * */
	__u64 ep;    /* not 0: an instance is closed */
	__u64 table; /* struct files_struct * that fd is in */
	__s32 fd;
	/*
	 * References to the file before the close. Where several numbers are closed at once all
	 * records have the same time and all count the references before the first close.
	 */
	__u32 refs;
};

struct et_fork {
	struct et_hdr h; /* of the parent */
	__u32 child_tgid;
	__u32 child_user_tgid;
	char comm[ET_COMM_LEN];
};

struct et_exec {
	struct et_hdr h;
	char comm[ET_COMM_LEN];
};

struct et_exit {
	struct et_hdr h;
	__s32 code; /* as wait(2) gives it */
	__u32 reserved;
};

/* What a thread is doing, by its state in the kernel. */
enum et_thread_state {
	ET_THREAD_RUNS,	   /* on a CPU, or waiting for one */
	ET_THREAD_BLOCKED, /* in a system call, or in a page fault where nr is -1 */
	ET_THREAD_STOPPED, /* by a signal, within the system call nr if that is not -1 */
	ET_THREAD_FROZEN,  /* with its cgroup, likewise */
	ET_THREAD_TRACED,  /* stopped by a tracer, likewise */
};

/* A call of the i386 table, whose numbers are others: int 0x80, also of a 64-bit program. */
#define ET_NR_I386 -3

/* Behind it: with ET_F_CALLFILE the name of file. */
struct et_thread {
	struct et_hdr h;
	__u64 switches;	 /* context switches so far: equal in two scans means it did not run */
	__u64 idle_ns;	 /* since it was last given a CPU, at least roughly; 0: not known */
	__u64 cpu_ns;	 /* on a CPU so far */
	__u64 queued_ns; /* runnable and not on a CPU so far; 0 where the kernel does not count it */
	/* Calls of read(2) and its like so far, and of write(2), but not of those for sockets alone. */
	__u64 reads, writes;
	__s32 nr;    /* number of the system call it is in, -1: none, -2: not known, ET_NR_I386 */
	__u32 state; /* enum et_thread_state */
	__s32 fd;    /* with ET_F_CALLFILE: the descriptor that the call is about */
	__u32 reserved;
	char comm[ET_COMM_LEN];
	struct et_file file;
};

/* Each descriptor that a process may have is in use: its next accept(2) or open(2) gives EMFILE. */
struct et_nofile {
	struct et_hdr h;
	__u64 limit; /* soft RLIMIT_NOFILE: so many, from 0 on */
};

/* et_scan.flags */
#define ET_SCAN_END	  0x1  /* it ends: what it has not reported is not there */
#define ET_SCAN_NO_ITER	  0x2  /* the kernel's files could not be scanned: fdinfo alone */
#define ET_SCAN_CUT	  0x4  /* something was left out: what was not reported may be there */
#define ET_SCAN_NO_FDINFO 0x8  /* an fdinfo could not be read, for lack of privileges */
#define ET_SCAN_UNSEEN	  0x10 /* a target has an io_uring, and what goes through it is not seen */

struct et_scan {
	struct et_hdr h;
	__u32 flags;
	__u32 reserved;
};

/* et_instance.flags */
#define ET_INSTANCE_CLOEXEC   0x1
#define ET_INSTANCE_FOREIGN   0x2 /* held by a process that is no target */
#define ET_INSTANCE_BUSY_POLL 0x4 /* EPIOCSPARAMS has set it to poll busily */

struct et_instance {
	struct et_hdr h; /* of the process that holds it */
	__u64 ep;	 /* 0: not known, only fdinfo is */
	__u64 file;
	__u64 table; /* struct files_struct * that fd is in */
	/*
	 * Of a foreign process with one thread, which is blocked in a call that is no wait: changes
	 * when it runs. 0: it is not so.
	 */
	__u64 switches;
	__s32 fd;
	__u32 flags;
	char comm[ET_COMM_LEN];
};

/* et_watched.flags; a count is known only where its flag is set. */
#define ET_WATCHED_NONBLOCK    0x1   /* O_NONBLOCK */
#define ET_WATCHED_UNREAD      0x2   /* unread_bytes */
#define ET_WATCHED_UNSENT      0x4   /* unsent_bytes */
#define ET_WATCHED_PENDING     0x8   /* pending */
#define ET_WATCHED_AT_LEAST    0x10  /* there may be more than was counted */
#define ET_WATCHED_LISTENS     0x20  /* pending counts connections */
#define ET_WATCHED_PEER_CLOSED 0x40  /* no more will come from the other end */
#define ET_WATCHED_ERROR       0x80  /* sk_err is set */
#define ET_WATCHED_ERRORQUEUE  0x100 /* the error queue is not empty */
#define ET_WATCHED_TAKEN       0x200 /* taken, arrived */
#define ET_WATCHED_GIVEN       0x400 /* given */
#define ET_WATCHED_NOSPACE     0x800 /* something found no room for output, and no room came since */
#define ET_WATCHED_LAYERED     0x1000 /* kTLS, sockmap: another layer takes the bytes first */
#define ET_WATCHED_SEMAPHORE   0x2000 /* eventfd with EFD_SEMAPHORE */
#define ET_WATCHED_STREAM      0x4000 /* a socket without message boundaries */
#define ET_WATCHED_NOWHERE     0x8000 /* in no interest list, though its number was, see lapsed */
#define ET_WATCHED_UNCONNECTED                                                                     \
	0x10000 /* a stream socket that was never connected and does not listen */

/* Behind it: the name of file. */
struct et_watched {
	struct et_hdr h; /* of a process that has it open */
	__u64 unread_bytes;
	__u64 unsent_bytes;
	/* Numbers that mean nothing but that something happened where they change, see progress.bpf.h. */
	__u64 taken;	 /* input was taken */
	__u64 arrived;	 /* input came */
	__u64 given;	 /* output was given */
	__u64 period_ns; /* of a timerfd, 0: it expires once */
	__u32 pending;	 /* connections, expirations, datagrams, events: what the file counts in */
	__u32 flags;
	__u32 lowat; /* SO_RCVLOWAT of a socket that heeds it when polled, else 0 */
	__s32 fd;    /* the number at which the file was met */
	__u32 refs;  /* references to the file, without that of the scan */
	__u32 reserved;
	struct et_file file;
};

/* What a system call does to the file behind its first argument; see fd_calls. */
#define ET_IO_IN	 0x1
#define ET_IO_OUT	 0x2
#define ET_IO_SIZE_AT_2	 0x4  /* the third argument is the size that is asked for */
#define ET_IO_FLAGS_AT_2 0x8  /* or MSG_* */
#define ET_IO_FLAGS_AT_3 0x10 /* the fourth one is */
#define ET_IO_OUT_AT_2	 0x20 /* it writes to the file behind its third argument, too */
#define ET_IO_CHANGE	 0x40 /* it changes how the file behaves */
#define ET_IO_BY_COMMAND 0x80 /* its second argument says what it does: fcntl, ioctl */

/* et_io_side.flags */
#define ET_IO_SIDE_MAY_BLOCK 0x1 /* there was a call without MSG_DONTWAIT */
#define ET_IO_SIDE_PEEKED    0x2 /* the last one took nothing: MSG_PEEK, FIONREAD */
#define ET_IO_SIDE_NONBLOCK  0x4 /* of changes: the last one set O_NONBLOCK */

/*
 * Calls that read, or that write, or that change how a file behaves, as of the last one; calls is 0
 * where there was none. Of shutdown size is its second argument.
 */
struct et_io_side {
	__u64 time_ns;
	__u64 other_ns; /* when the last one by another thread was */
	__s64 ret;
	__u64 size; /* asked for, 0: not known */
	__u32 tid, other_tid;
	__u32 calls, zeros; /* in all, and that returned 0 */
	__u16 nr;	    /* of the system call */
	__u16 flags;
	__u32 kernel_tid;
};

struct et_io {
	struct et_hdr h;
	__u64 file;
	__s32 fd; /* of a call that is emitted at once */
	__u32 reserved;
	struct et_io_side in, out, change;
};

/* et_entry.flags */
#define ET_ENTRY_READY	   0x1 /* on the ready list */
#define ET_ENTRY_AT_NUMBER 0x2 /* the process has this very file at this number */

/* time_ns: when it had been read; its place in the stream was taken before that. */
struct et_entry {
	struct et_hdr h;
	__u64 ep;
	__u64 file;
	__u64 table;
	__u64 data;
	__u32 events;
	__s32 fd;
	__s32 at; /* the number at which the file was met */
	__u32 flags;
};

#define ET_FDINFO_END 0x1 /* no row: all of the instance have been reported */

struct et_fdinfo {
	struct et_hdr h; /* time_ns: before it was read */
	__u64 ep;
	__u64 data;
	__u32 events;
	__s32 fd;
	__s32 epfd;
	__u32 flags;
};

struct et_comm {
	struct et_hdr h;
	char comm[ET_COMM_LEN];
};

struct et_start {
	struct et_hdr h;
	__s64 realtime_offset_ns; /* CLOCK_REALTIME less CLOCK_MONOTONIC */
	__s64 boottime_offset_ns; /* CLOCK_BOOTTIME less CLOCK_MONOTONIC */
	__u64 blocked_after_ns;	  /* waits that are younger are not reported while they block */
	__s32 utc_offset_s;	  /* seconds east of UTC */
	__u32 launched;		  /* 1: the target is a command that the tool started */
	char kernel[64];	  /* its release, without a NUL where it fills the field */
};

/* Texts end with NUL where they do not fill their field. */
struct et_feature {
	struct et_hdr h;
	char name[ET_FEATURE_LEN];
	char state[ET_STATE_LEN]; /* "yes", "no: ...", or a figure */
};

/* Behind it: the names of the system calls 0, 1, ..., each ended by NUL; empty: there is none. */
struct et_syscalls {
	struct et_hdr h;
};

struct et_target {
	struct et_hdr h;
	__u32 root;	/* user_tgid of the process that stands for the whole family */
	__u32 children; /* living children at the attach that are no targets */
};

struct et_tick {
	struct et_hdr h;
};

/* The offsets of struct et_start as they are from time_ns on. */
struct et_clock {
	struct et_hdr h;
	__s64 realtime_offset_ns;
	__s64 boottime_offset_ns;
	__s32 utc_offset_s;
	__u32 reserved;
};

struct et_lost {
	struct et_hdr h;
	__u64 count[ET_KIND_COUNT]; /* by kind */
	__u64 missed;		    /* runs that the kernel left out, for any process */
};

struct et_end {
	struct et_hdr h;
};

/* A task as the resolving iterator writes it; not a record. */
struct et_task {
	__u32 tgid;
	__u32 tid;
	__u32 user_tgid;
	__u32 user_tid;
	__u32 user_parent; /* user's number of the parent process, 0 where it has none */
	__u32 flags;	   /* ET_TASK_* */
	char comm[ET_COMM_LEN];
};

#define ET_TASK_KERNEL 0x1
#define ET_TASK_COMPAT 0x2 /* 32-bit */
#define ET_TASK_DEAD   0x4 /* zombie */

_Static_assert(sizeof(struct et_hdr) == 32, "et_hdr");
_Static_assert(sizeof(struct et_file) == 96, "et_file");
_Static_assert(sizeof(struct et_call) == 64, "et_call");
_Static_assert(sizeof(struct et_create) == 72, "et_create");
_Static_assert(__builtin_offsetof(struct et_ctl, name) == 200, "et_ctl");
_Static_assert(sizeof(struct et_ctl) == 200 + 2 * ET_NAME_CAP + 96, "et_ctl");
_Static_assert(sizeof(struct et_wait) == 96, "et_wait");
_Static_assert(sizeof(struct et_wait_ext) == 40, "et_wait_ext");
_Static_assert(sizeof(struct et_ready) == 40, "et_ready");
_Static_assert(sizeof(struct et_inflight) == 88, "et_inflight");
_Static_assert(sizeof(struct et_close) == 64, "et_close");
_Static_assert(sizeof(struct et_fork) == 56, "et_fork");
_Static_assert(sizeof(struct et_exec) == 48, "et_exec");
_Static_assert(sizeof(struct et_exit) == 40, "et_exit");
_Static_assert(sizeof(struct et_thread) == 208, "et_thread");
_Static_assert(sizeof(struct et_nofile) == 40, "et_nofile");
_Static_assert(sizeof(struct et_scan) == 40, "et_scan");
_Static_assert(sizeof(struct et_instance) == 88, "et_instance");
_Static_assert(sizeof(struct et_watched) == 200, "et_watched");
_Static_assert(sizeof(struct et_entry) == 80, "et_entry");
_Static_assert(sizeof(struct et_io) == 216, "et_io");
_Static_assert(sizeof(struct et_fdinfo) == 64, "et_fdinfo");
_Static_assert(sizeof(struct et_comm) == 48, "et_comm");
_Static_assert(sizeof(struct et_start) == 128, "et_start");
_Static_assert(sizeof(struct et_clock) == 56, "et_clock");
_Static_assert(sizeof(struct et_feature) == 224, "et_feature");
_Static_assert(sizeof(struct et_syscalls) == 32, "et_syscalls");
_Static_assert(sizeof(struct et_task) == 40, "et_task");

#endif
