/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live_internal.h - what the files of the live source share.
 */
#ifndef ET_LIVE_INTERNAL_H
#define ET_LIVE_INTERNAL_H

#include "base/clock.h"
#include "capture/live.h"
#include "capture/prepare.h"
#include "capture/tracefs.h"
#include "../../bpf/control.h"
#include "calls.skel.h"
#include "scans.skel.h"
#include "maps.skel.h"
#include "uring.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <signal.h>

#define MAX_LINKS    32
#define LIVE_OBJECTS 3

/* A descriptor of a target that is an instance. */
struct held {
	uint64_t ep;	   /* 0: not known */
	uint32_t pid, tid; /* a thread whose descriptor table it is */
	int fd;
	uint32_t told; /* entries of the instance that the look has told */
};

/* Where the ring's reader and writers are, in bytes since the start; shared with the kernel. */
struct ring_positions {
	const unsigned long *consumer, *producer;
	const char *data; /* size bytes, twice in a row */
	size_t page, size;
};

struct live {
	struct live_options opt;
	struct maps_bpf *maps;	 /* shared by the others */
	struct calls_bpf *calls; /* NULL: not asked for, or the kernel refuses it */
	struct scans_bpf *scans;
	struct uring_bpf *uring;
	struct bpf_object *objects[LIVE_OBJECTS]; /* those of them with programs, loaded */
	unsigned object_count;
	struct et_settings settings;
	struct prepare prepare;
	struct et_shared *shared; /* the memory of all */
	struct ring_buffer *ring;
	struct ring_positions positions;
	unsigned long drain_end; /* of the drain under way, a position */
	bool drain_brief;	 /* and it ends with its first slice */
	uint64_t slice_end_ns;
	unsigned taken;
	struct clock_shift shift;
	struct clock_offsets offsets;	  /* as they were delivered last */
	uint64_t tick_ns;		  /* time of the last tick */
	uint64_t progress_ns;		  /* all that was emitted up to then has been delivered */
	volatile sig_atomic_t stop_asked; /* by live_stop */
	volatile uint64_t stopped_ns;	  /* when it ended capture at once, 0: it did not */
	const struct record_sink *sink;	  /* during live_read and its like */
	int sink_result;		  /* what the sink answered last */
	int tracefs;
	enum tracefs_way tracefs_way;
	struct bpf_link *links[MAX_LINKS];
	unsigned link_count;
	struct bpf_link *list_link; /* iterators */
	struct bpf_link *look_link;
	struct bpf_link *files_link; /* NULL: this kernel cannot look at descriptors */
	struct held *held;	     /* instances that the look under way has found */
	unsigned held_count, held_cap;
	unsigned last_held; /* whose entry was told last */
	bool moved;	    /* fdinfo had more than the last look has told: changed, or unheld */
	bool doubtful;	    /* entries may be there that no descriptor table leads to */
	size_t most_rows;   /* of an instance, when fdinfo was read last */
	uint64_t next_look_ns;
	uint64_t next_files_ns;	 /* when descriptors are looked at again */
	uint64_t threads_due_ns; /* when the threads of silent targets are told again; 0: done */
	uint64_t lost[ET_KIND_COUNT]; /* already told */
	bool has_pt_regs, has_prepare_exec, has_typed_reads, has_file_iterator;
	bool has_io_uring_events; /* the tracepoints are there */
	bool has_io_uring;	  /* and begin and end of its operations are seen */
	bool io_uring_armed;	  /* as they are from when a target is seen to have a ring */
	struct {
		uint32_t user_tgid, root, children;
		uint32_t tgid; /* the kernel's number */
		bool compat;   /* a 32-bit descendant: told, not traced */
		char comm[ET_COMM_LEN];
	} * named; /* the processes that the user named, and with --tree their descendants */
	unsigned named_count;
};

static inline uint64_t live_now_ns(const struct live *live)
{
	return clock_now_ns(&live->shift);
}

/* Opens and loads the programs; what the kernel refuses is left out where that can be. */
int live_load(struct live *live);

/* Unloads them; links are destroyed before. */
void live_unload(struct live *live);

/* Attaches what sees io_uring; 0 or -errno. */
int live_arm_io_uring(struct live *live);

/* The system call tracepoint of a program, NULL where it is of another kind. */
const char *live_tracepoint_of(const struct bpf_program *prog);

/* Does the kernel have a tracepoint like "sched/sched_switch"? */
bool live_has_event(const struct live *live, const char *name);

/* The tasks that the tool's PID namespace sees; the caller frees *ret_tasks. Count or -errno. */
ssize_t live_tasks(struct live *live, struct et_task **ret_tasks);

/* Reads an iterator to its end in pieces of at most size bytes; calls fn after each. 0 or -errno. */
int live_run_iterator(struct bpf_link *link, size_t size, int (*fn)(struct live *), struct live *);

/* What a look at threads is to tell. */
enum look_what {
	LOOK_BLOCKED = 1,     /* waits that block since blocked_since_ns or longer */
	LOOK_PRIOR = 2,	      /* waits that began before the attach */
	LOOK_SILENT = 4,      /* threads of targets that have not used epoll */
	LOOK_ALL_THREADS = 8, /* of all targets */
	LOOK_AGAIN = 16,      /* with LOOK_BLOCKED: also waits that have been told */
};

/* Looks at the targets' threads once; what is told lies in the ring then. 0 or -errno. */
int live_look(struct live *live, unsigned what, uint64_t blocked_since_ns);

/*
 * Looks at the targets' instances and what they watch, and delivers that; with fdinfo also what
 * /proc tells of them, which delays the targets by 1 to 2 us for each entry. 0 or -errno.
 */
int live_look_files(struct live *live, bool fdinfo);

/* Notes instances, entries and closes; for every record that comes out of the ring. */
void live_note_held(struct live *live, const void *data, size_t size);

/*
 * Delivers the record of a thread whose system call could not be read in the kernel with what
 * /proc/PID/task/TID/syscall says; false: it is no such record.
 */
bool live_ask_proc(struct live *live, const void *data, size_t size);

/* Makes live->ring, and maps its positions. 0 or -errno. */
int live_make_ring(struct live *live);

void live_unmap_ring(struct live *live);

/*
 * Delivers what lies in the ring now, and reports progress meanwhile; what the sink answers, or
 * -errno. Where that would take long the second one leaves some for the next time.
 */
int live_drain(struct live *live);
int live_drain_briefly(struct live *live);

/* Delivers how far other clocks are ahead, if one has been set. What comes out of the ring next may
 * be of since the last tick, and so is that. */
void live_watch_clock(struct live *live);

/* Delivers the losses since the last time, if there were any, and a tick. */
void live_report_progress(struct live *live);

/* Delivers one record; what the sink answers. */
int live_deliver(struct live *live, const void *rec, size_t size);

/* The header of a record that user space writes, with the time of now. */
struct et_hdr live_header(const struct live *live, enum et_kind kind, size_t size);

#endif
