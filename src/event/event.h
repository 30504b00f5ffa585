/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * event.h - a decoded record: what all code after the decoder works on.
 *
 * An event and all it points to live until the next one is decoded.
 */
#ifndef ET_EVENT_H
#define ET_EVENT_H

#include "base/calls.h"
#include "event/record_kinds.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* EVENT_START and so on: a record of each kind becomes an event of the same name. */
enum event_kind {
#define EVENT_KIND(kind, name, shape, messages) EVENT_##kind,
	RECORD_KINDS(EVENT_KIND)
#undef EVENT_KIND
};

enum file_kind {
	FILE_UNKNOWN,
	FILE_PATH, /* has a path and is none of those below: a regular file, a FIFO */
	FILE_CHAR, /* a device */
	FILE_BLOCK,
	FILE_MQUEUE,
	FILE_ANON, /* eventfd, timerfd and the like */
	FILE_PIPE,
	FILE_INET,
	FILE_UNIX,
	FILE_SOCKET, /* any other */
	FILE_PIDFD,
	FILE_INSTANCE,
	FILE_KINDS,
};

/* An end of an internet socket. */
struct file_address {
	uint8_t bytes[16]; /* network byte order, 4 bytes unless v6 */
	uint16_t port;
	bool v6;
	bool known; /* it is bound, or connected */
};

/*
 * The ends of a unix socket. What its own end is bound to stands in the text of the file, escaped; a
 * socket that was accepted has the name of its listener.
 */
struct unix_ends {
	uint64_t inode, peer_inode; /* 0: not known, not connected */
	uint16_t name_at, name_len; /* in the text; name_at 0: it is not bound */
	bool abstract;		    /* the name is not a path */
};

/* What a file is, so that nobody need parse its text to find out. */
struct file_what {
	enum file_kind kind : 8;
	bool deleted; /* its path has been unlinked */
	/* So much of the text is common to files of its family: the protocol, "pipe"; 0: all of it. */
	uint16_t family_len;
	union {
		struct {
			struct file_address local, peer;
		} inet_ends;		    /* FILE_INET */
		struct unix_ends unix_ends; /* FILE_UNIX */
	};
};

/* The file that a descriptor refers to. */
struct file {
	uint64_t addr;	  /* identity: the kernel's struct file *, 0: the number is not open */
	uint64_t ep;	  /* not 0: it is an instance, and text is empty */
	uint64_t ino;	  /* of a socket: distinguishes it from an older one at the same address */
	const char *text; /* as strace -yy prints it between < and >, escaped */
	struct file_what what;
};

/* What the text of a deleted file ends with. */
#define FILE_DELETED "(deleted)"

struct ready_event {
	uint32_t events;
	uint64_t data;
};

/* What the three kinds of finished calls have in common. */
struct call {
	enum call_id id;
	bool began_before; /* before the attach: the duration counts from there */
	bool io_uring;	   /* an operation of io_uring: its thread need not have waited for it */
	bool no_entry;	   /* its beginning was not observed: its time is that of the return */
	bool skipped;	   /* the kernel has not done it: seccomp or a tracer gave the result */
	uint64_t duration_ns;
	uint64_t ep; /* of epfd, 0: it is no instance */
	int ret;     /* -errno if it failed */
};

struct create_event {
	int arg; /* size or flags */
};

struct ctl_event {
	int epfd, op, fd;
	bool event_read; /* events and data are known */
	uint32_t events;
	uint64_t data;
	uint64_t event_ptr;
	uint64_t table; /* identity of the descriptor table that fd is in */
	struct file file;
	unsigned refs;	    /* to file, which fd refers to */
	struct file epfile; /* described only if epfd is no instance */
};

struct wait_args {
	int epfd;
	int maxevents;
	uint64_t events_ptr;
	int64_t timeout_ns;   /* -1: none; -2: not known, see timeout_ptr */
	int timeout_ms;	      /* epoll_wait, epoll_pwait: as given */
	uint64_t timeout_ptr; /* epoll_pwait2 */
	bool timeout_read;
	int64_t tv_sec, tv_nsec;
	uint64_t sigmask_ptr, sigsetsize;
	bool sigset_read;
	uint64_t sigset;
};

/* Ready events as the target has them; read with ready_at(). */
struct ready_bytes {
	unsigned count;
	unsigned event_size;
	const unsigned char *bytes;
};

struct wait_event {
	struct wait_args args;
	struct ready_bytes ready; /* the first of them */
	struct file epfile;
	/* Waits with the like result (events, none, an error) for which it stands beside itself. */
	uint32_t others;
	bool sampled; /* its thread waits so often that not all of its waits are recorded */
};

/* More ready events of a wait that returned at this time: its own event follows. */
struct more_ready_event {
	struct ready_bytes ready;
};

struct inflight_event {
	enum call_id id;
	bool began_before;
	bool cut; /* it will never return */
	uint64_t ep;
	struct wait_args args;
};

struct close_event {
	int fd;
	uint64_t file;
	uint64_t ep;
	uint64_t table;
	unsigned refs; /* to the file, before all closes of the same time */
};

struct fork_event {
	uint32_t child; /* user's number */
	bool one_table; /* both have one descriptor table */
	const char *comm;
};

struct exec_event {
	bool compat;
	const char *comm;
};

struct exit_event {
	int status; /* as wait(2) gives it */
	bool last;  /* of its process */
};

enum thread_state {
	THREAD_RUNS,	/* on a CPU, or waiting for one */
	THREAD_BLOCKED, /* in the system call nr, or in a page fault if nr is -1 */
	THREAD_STOPPED, /* by a signal */
	THREAD_FROZEN,	/* with its cgroup */
	THREAD_TRACED,	/* stopped by a tracer */
};

/* In place of the number of a call that is of another table than the machine's: int 0x80 on x86. */
#define CALL_NR_I386 -3

struct thread_event {
	uint64_t switches;
	uint64_t idle_ns; /* since it was last given a CPU; 0: not known, or it runs */
	/* From its start on: on a CPU, and runnable without one. */
	uint64_t cpu_ns, queued_ns;
	/* Calls of read(2) and write(2) and their like, but for those of sockets alone. */
	uint64_t reads, writes;
	bool counts_io; /* the kernel counts them */
	bool passed;	/* of its last waits with ready events none was recorded */
	int nr;		/* system call it is in, -1: none, -2: not known, CALL_NR_I386 */
	enum thread_state state;
	bool forever;  /* it is blocked in epoll or a futex, without a time-out */
	bool has_file; /* the call is about a descriptor: fd, file */
	int fd;
	struct file file;
	const char *comm;
};

/* A process has so many descriptors in use, and may have no more. */
struct nofile_event {
	uint64_t limit;
};

/* A scan of the targets' descriptors begins or ends; what it observed comes in between. */
struct scan_event {
	bool end;
	bool no_iterator; /* only fdinfo could be read */
	bool no_fdinfo;	  /* fdinfo could not be read, for lack of privileges */
	bool cut;	  /* something was left out */
	bool unseen;	  /* a target has an io_uring, and what goes through it is not traced */
};

/* A descriptor that is an instance. */
struct instance_event {
	uint64_t ep;   /* 0: not known */
	uint64_t file; /* struct file * of the instance itself */
	uint64_t table;
	uint64_t switches; /* foreign, one thread, in no wait: changes when it runs; else 0 */
	int fd;
	bool cloexec;
	bool foreign;	/* the process is no target */
	bool busy_poll; /* set by EPIOCSPARAMS */
	const char *comm;
};

/* What a file is to a thread that waits for it. */
enum file_class {
	CLASS_OTHER,
	CLASS_STREAM,	/* a connection without message boundaries */
	CLASS_DATAGRAM, /* any other socket */
	CLASS_LISTENER, /* what waits is connections */
	CLASS_PIPE,
	CLASS_EVENTFD,
	CLASS_SEMAPHORE, /* eventfd with EFD_SEMAPHORE */
	CLASS_TIMERFD,
	CLASS_SIGNALFD,
	CLASS_INOTIFY,
	CLASS_INSTANCE,
};

/* What waits in a file. A figure means something only if its flag says that it is known. */
struct pending {
	uint64_t unread_bytes, unsent_bytes;
	/* Numbers that change when input is taken, when it comes, when output is given. */
	uint64_t taken, arrived, given;
	uint64_t period_ns; /* of a timerfd, 0: it expires once */
	uint32_t count;	    /* connections, datagrams, expirations, events */
	uint32_t lowat;	    /* SO_RCVLOWAT */
	uint16_t port;	    /* the local one */
	enum file_class class : 8;
	bool has_taken; /* taken, arrived */
	bool has_given;
	bool no_space; /* a write found no room, and there has been none since */
	bool layered;  /* another layer takes the bytes first: kTLS, sockmap */
	bool has_unread, has_unsent, has_count;
	bool at_least; /* there may be more than was counted */
	bool nonblock;
	bool listens; /* count is connections */
	bool peer_closed;
	bool error;
	bool error_queue;
	bool unconnected; /* a stream socket that was never connected and does not listen */
};

struct watched_event {
	struct file file;
	bool nowhere; /* a target's socket that is in no interest list, though it was, or its number */
	int fd;	      /* the number under which the scan reached it */
	unsigned refs; /* to the file */
	struct pending pending;
};

struct entry_event {
	uint64_t ep, file, table, data;
	uint32_t events; /* as the kernel has them, with what it adds */
	int fd;
	int at;		/* a number at which the process has the file */
	bool ready;	/* on the ready list */
	bool at_number; /* the process has this very file at this number */
};

/* Calls that read a file, or write it, or change how it behaves, as of the last one. */
struct io_side {
	uint64_t time_ns, other_ns; /* of the last one, and of the last one by another thread */
	int64_t ret;
	uint64_t size; /* asked for, 0: not known; of shutdown its second argument */
	uint32_t tid, other_tid;
	uint32_t calls, zeros; /* in all, and that returned 0 */
	int nr;		       /* of the system call */
	bool may_block;	       /* there was one without MSG_DONTWAIT */
	bool peeked;	       /* the last one took nothing */
	bool set_nonblock;     /* of changes: the last one set O_NONBLOCK, or left it set */
};

/* Follows what a scan reports of a file; or comes alone, when the first call on it gave EAGAIN. */
struct io_event {
	uint64_t file;
	int fd;
	bool first;
	struct io_side in, out, change;
};

struct fdinfo_event {
	uint64_t ep; /* 0: not known, see epfd */
	uint64_t data;
	uint32_t events;
	int fd, epfd;
	bool end; /* no row: all have been reported */
};

/* The name that a thread has from here on. */
struct comm_event {
	const char *comm;
};

/* How far other clocks are ahead of that of the stream, and local time ahead of UTC. */
struct clock_event {
	int64_t realtime_offset_ns;
	int64_t boottime_offset_ns;
	int utc_offset_s;
};

struct start_event {
	struct clock_event clock;
	uint64_t blocked_after_ns; /* younger waits are not reported while they block */
	bool launched;
	char kernel[65]; /* its release */
};

/* The feature whose state is "yes" if reads and writes are traced. */
#define FEATURE_IO "reads and writes"

/* The same of scans of descriptors. */
#define FEATURE_FILES "file iterator"

/* What the kernel and the privileges of the tool allowed: a line of --features. */
struct feature_event {
	const char *name, *state;
};

/* The names of the system calls 0, 1, ..., each ended by NUL. */
struct syscalls_event {
	const char *names;
	size_t len; /* 0, or names ends with NUL */
};

struct target_event {
	uint32_t root;
	uint32_t children;
};

struct tick_event {
	uint64_t now_ns;
};

struct lost_event {
	uint64_t total;
	uint64_t calls; /* of total: finished calls and waits */
	uint64_t missed;
};

struct event {
	enum event_kind kind;
	uint64_t time_ns; /* CLOCK_MONOTONIC; of a call: its entry */
	uint32_t pid;	  /* as the user of the tool sees them */
	uint32_t tid;
	struct call call; /* of EVENT_CREATE, EVENT_CTL, EVENT_WAIT */
	union {
		struct create_event create;
		struct ctl_event ctl;
		struct wait_event wait;
		struct more_ready_event more_ready;
		struct inflight_event inflight;
		struct close_event close;
		struct fork_event fork;
		struct exec_event exec;
		struct exit_event exit;
		struct thread_event thread;
		struct nofile_event nofile;
		struct scan_event scan;
		struct instance_event instance;
		struct watched_event watched;
		struct entry_event entry;
		struct io_event io;
		struct fdinfo_event fdinfo;
		struct comm_event comm;
		struct start_event start;
		struct clock_event clock; /* holds from time_ns on */
		struct feature_event feature;
		struct syscalls_event syscalls;
		struct target_event target;
		struct lost_event lost;
		struct tick_event tick; /* also of EVENT_END */
	};
};

/* The i-th of them, i < count. */
struct ready_event ready_at(const struct ready_bytes *r, unsigned i);

/* Is the event the return of a system call? */
static inline bool event_is_call(const struct event *ev)
{
	return ev->kind == EVENT_CREATE || ev->kind == EVENT_CTL || ev->kind == EVENT_WAIT;
}

#endif
