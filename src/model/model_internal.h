/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * model_internal.h - what the files of the model share. model.c applies events; calls.c and waits.c
 * hold what it does for calls, and for threads and their waits; core.c what these need.
 */
#ifndef ET_MODEL_INTERNAL_H
#define ET_MODEL_INTERNAL_H

#include "model/lapses.h"
#include "model/scan.h"
#include "model/machine.h"
#include "model/model.h"

struct model {
	struct model_options opt;
	view_fn *fn;
	void *ctx;
	struct bounds bounds;
	struct interest interest;
	struct tasks tasks;
	struct scan scan;
	struct lapses lapses;
	struct scan_event reported; /* of what scans could not see */
	struct machine machine;
	uint64_t first_ns, now_ns;
	uint64_t since_ns; /* when the interval began, 0: it is the first */
	struct ready_view *ready;
	size_t ready_cap;
	struct file nested; /* an instance that is a target of epoll_ctl, with its text */
	char nested_text[32];
};

/* Here, because every event passes them. */
static inline void model_give(struct model *m, const struct view *v)
{
	m->fn(m->ctx, v);
}

/* A view of that kind, with the times and numbers of its event. */
static inline struct view model_view(enum view_kind kind, const struct event *ev)
{
	return (struct view){
		.kind = kind, .time_ns = ev->time_ns, .pid = ev->pid, .tid = ev->tid, .ev = ev};
}

/* The process uses epoll: its family is not silent. */
void model_epoll_seen(struct model *m, uint32_t pid);

/* A call of a thread has returned, so it is in no wait any more. The thread, NULL: not known. */
struct task *model_call_returned(struct model *m, const struct event *ev);

/* A scan has observed at that time that a thread is stopped or frozen, or goes on. */
void model_halt(struct model *m, struct task *task, enum thread_state state, uint64_t time_ns);

/* A thread has that name from now on. */
void model_apply_comm(struct model *m, const struct event *ev);

/* The instance of a call or a wait, made if it is new; NULL: ep is 0. */
struct instance *model_instance_of(struct model *m, uint64_t ep, uint32_t pid, int epfd);

/* A process uses the instance at that time; those with one descriptor table are one user. */
void model_use(struct model *m, struct instance *inst, uint32_t pid, uint64_t time_ns);

/* Counts what was in doubt, see struct doubt. */
void model_settle(struct model *m);

/* Waits of the process have returned events and were not recorded, the last one at that time at most. */
void model_passed_over(struct model *m, uint32_t pid, uint64_t time_ns);

/* calls.c */
void model_apply_create(struct model *m, const struct event *ev);
void model_apply_ctl(struct model *m, const struct event *ev);
void model_apply_wait(struct model *m, const struct event *ev);
void model_apply_ready(struct model *m, const struct event *ev);

/* waits.c */
void model_apply_inflight(struct model *m, const struct event *ev);
void model_apply_thread(struct model *m, const struct event *ev);
void model_apply_fork(struct model *m, const struct event *ev);
void model_apply_exec(struct model *m, const struct event *ev);
void model_apply_nofile(struct model *m, const struct event *ev);
void model_apply_exit(struct model *m, const struct event *ev);
void model_apply_end(struct model *m);

/* A scan of descriptors has ended: which threads wait on which instance. */
void model_count_waiters(struct model *m);

/* Waits that have become old enough to be shown. */
void model_show_blocked(struct model *m);

/* Targets without an epoll call: reported once after a while, and at the end. */
void model_report_silent(struct model *m, bool end);

#endif
