/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * model.h - what is true of the targets' epoll use at this point of the stream.
 *
 * A pure function of the events: no clock, no /proc. Each event changes the model, and gives the
 * views that consumers (report, sinks) show: the event with what it meant at that time.
 */
#ifndef ET_MODEL_H
#define ET_MODEL_H

#include "event/event.h"
#include "model/interest.h"
#include "model/lapses.h"
#include "model/machine.h"
#include "model/tasks.h"

enum view_kind {
	VIEW_CALL,	   /* a system call returned: ev */
	VIEW_BLOCKED,	   /* a wait blocks for longer than was asked for, and goes on blocking */
	VIEW_UNFINISHED,   /* a wait whose return will not be reported */
	VIEW_EXITED,	   /* a process ended: ev */
	VIEW_THREAD_ENDED, /* a thread did: task */
	VIEW_HALTED,	   /* a process was stopped, or frozen with its cgroup: halt */
	VIEW_RESUMED,	   /* it goes on: halt */
	VIEW_LOST,	   /* records were lost: ev */
	VIEW_NO_EPOLL,	   /* a target has made no epoll call so far */
	VIEW_SEEN,	   /* a scan has observed entry: ev */
	VIEW_ENDED,	   /* entry is gone */
	VIEW_CLOSE,	   /* a number is closed that was watched, or was to be: ev */
	VIEW_IO,	   /* the first call on a file gave EAGAIN: ev */
	VIEW_SCAN,	   /* a scan of descriptors has ended: ev */
	VIEW_COMPAT,	   /* a process runs a 32-bit program now, which cannot be traced */
};

/* How an entry went. */
enum ended_how {
	ENDED_DELETED, /* by EPOLL_CTL_DEL */
	ENDED_CLOSED,  /* its file was closed: pid and tid closed it last */
	ENDED_WITH,    /* with its instance, or with the process that had both */
	ENDED_UNSEEN,  /* the call that did it was not observed */
};

struct ready_view {
	struct ready_event event;
	const struct entry *entry; /* the descriptor it means, NULL: not known */
};

struct view {
	enum view_kind kind;
	uint64_t time_ns; /* of a call and a wait: its entry */
	uint32_t pid, tid;
	const struct event *ev;		 /* if the kind says so; else NULL */
	const struct task *task;	 /* the thread of a call or a wait; NULL: not known */
	const struct instance *instance; /* of epfd; NULL: it is none */
	const struct entry
		*entry; /* of an epoll_ctl that changed one, and of VIEW_SEEN, VIEW_ENDED */
	const struct file *epfile;	/* what epfd is if it is no instance; NULL: not open */
	const struct file *file;	/* epoll_ctl: what fd is; NULL: not open */
	const struct ready_view *ready; /* of a wait: its ready events, as far as they are known */
	unsigned ready_count;
	const struct wait *wait; /* VIEW_BLOCKED, VIEW_UNFINISHED */
	uint64_t blocked_ns;	 /* VIEW_BLOCKED: so far, at least */
	struct {
		const struct task *task; /* a thread of it, NULL: it has ended */
		const char *call;	 /* the name of the system call that it is in, or NULL */
		uint64_t since_ns;	 /* how long that thread is where it is, at least */
		uint32_t children;
	} silent; /* VIEW_NO_EPOLL */
	struct {
		enum thread_state how; /* THREAD_STOPPED, THREAD_FROZEN */
		uint64_t since_ns;     /* when that was observed */
	} halt;			       /* VIEW_HALTED, VIEW_RESUMED */
	enum ended_how ended;	       /* VIEW_ENDED */
};

/* Ready events that the wait has returned and that are not known. */
static inline unsigned view_ready_unknown(const struct view *v)
{
	const struct call *c = &v->ev->call;

	return c->ret > 0 && !c->skipped ? c->ret - v->ready_count : 0;
}

/* Waits with ready events that it stands for, and of which nothing else is known. */
static inline unsigned view_waits_passed_over(const struct view *v)
{
	return v->ev->call.ret > 0 ? v->ev->wait.others : 0;
}

struct model_options {
	uint64_t blocked_after_ns;
	bool blocked_as_recorded; /* the stream says after how long instead */
	bool bounded;		  /* the stream may be made up: see bounds.h */
	bool keeps_observed; /* what scans see is kept: pending bytes, readiness, what threads do */
};

typedef void view_fn(void *ctx, const struct view *v);

struct model;

/* NULL if memory ran out. Views are given to fn. */
struct model *model_new(const struct model_options *opt, view_fn *fn, void *ctx);

/* Takes NULL. */
void model_free(struct model *m);

/* Applies one event and gives its views. */
void model_apply(struct model *m, const struct event *ev);

/* For reports, which read and never change it. */
const struct interest *model_interest(const struct model *m);
const struct tasks *model_tasks(const struct model *m);

/* What became of numbers that were registered; kept if what scans see is. */
const struct lapses *model_lapses(const struct model *m);

/* How the stream begins. */
const struct start_event *model_start(const struct model *m);

/* From the times of the stream to others. */
const struct clocks *model_clocks(const struct model *m);

/* What the stream says of the machine that was traced. */
const struct machine *model_machine(const struct model *m);

/*
 * The name of a system call of the machine that was traced, "i386 call" for CALL_NR_I386; NULL: the
 * number has none.
 */
const char *model_syscall_name(const struct model *m, int nr);

/* Is it poll(2), select(2), or a call like these? */
bool model_syscall_polls(const struct model *m, int nr);

/* Time of the first and of the last event. */
uint64_t model_first_ns(const struct model *m);
uint64_t model_now_ns(const struct model *m);

/* When the last scan of descriptors ended, 0: there was none. */
uint64_t model_scanned_ns(const struct model *m);

/* When that scan began; did it leave nothing out? */
uint64_t model_scan_began_ns(const struct model *m);
bool model_scan_whole(const struct model *m);

/* Has one begun that has not ended? */
bool model_scan_under_way(const struct model *m);

/* Has that scan observed a descriptor of the instance? */
bool model_scan_saw(const struct model *m, const struct instance *inst);

/* There was more than is kept, or than memory had room for: something is missing. */
bool model_incomplete(const struct model *m);

/* How long a wait can block until it is shown. */
uint64_t model_shown_within_ns(uint64_t blocked_after_ns);

/* May a consumer go through so much of the model? See bounds.h. */
bool model_affords(struct model *m, uint64_t steps);

/* Begins an interval now: figures are 0 again, what lives stays. */
void model_new_interval(struct model *m);

/* When the interval began; the first begins with the first event. */
uint64_t model_since_ns(const struct model *m);

#endif
