/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/timeline_internal.h"

#include <stdio.h>
#include <stdlib.h>

/* A wait is reported at most this long after it has blocked for --blocked-after. */
#define REPORTED_AFTER_NS 500000000ULL

struct timeline *timeline_new(const struct model *m, const struct timeline_writer *w,
			      uint64_t blocked_after_ns)
{
	struct timeline *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->model = m;
	t->w = *w;
	t->blocked_after_ns = blocked_after_ns;
	return t;
}

/* The number of a process may be another one's now. */
static void drop_proc(struct timeline *t, struct proc *p)
{
	while (p->threads)
		timeline_free_thread(t, p->threads);
	table_del(&t->procs, &p->by_pid);
	p->gone = true;
	timeline_release_proc(t, p);
}

void timeline_free(struct timeline *t)
{
	struct node *n, *next;
	struct proc *p;

	if (!t)
		return;
	while (t->changes.count) {
		p = heap_take(&t->changes).of;
		p->pending--;
		timeline_release_proc(t, p);
	}
	table_each(&t->procs, n, next)
		drop_proc(t, container_of(n, struct proc, by_pid));
	table_free(&t->procs);
	table_free(&t->threads);
	heap_free(&t->changes);
	args_free(&t->args);
	buf_free(&t->name);
	free(t->instances);
	free(t->entries);
	free(t);
}

static void emit_lost(struct timeline *t, const struct view *v)
{
	uint64_t count = v->ev->lost.total;

	if (!count)
		return;
	if (!t->losses.id) {
		t->losses =
			(struct track){.kind = TRACK_LOSSES, .id = track_id(ID_OTHER, ++t->ids)};
		t->name.len = 0;
		buf_str(&t->name, "losses");
		timeline_emit_track(t, &t->losses);
	}
	args_clear(&t->args);
	args_u64(&t->args, "records", count);
	timeline_emit(t, &(struct track_event){.kind = HAPPENS_INSTANT,
					       .track = &t->losses,
					       .time_ns = v->time_ns,
					       .name = "records lost",
					       .category = "loss"});
}

void timeline_view(struct timeline *t, const struct view *v)
{
	switch (v->kind) {
	case VIEW_CALL:
		if (v->instance)
			timeline_instance(t, v->instance, v->pid);
		timeline_call(t, v);
		if (v->ev->kind == EVENT_WAIT)
			timeline_delivered(t, v);
		else if (v->ev->kind == EVENT_CTL)
			timeline_entry_changed(t, v);
		break;
	case VIEW_BLOCKED:
	case VIEW_UNFINISHED:
		timeline_waiting(t, v);
		break;
	case VIEW_LOST:
		emit_lost(t, v);
		break;
	case VIEW_SEEN:
		timeline_seen(t, v);
		break;
	case VIEW_ENDED:
		timeline_entry_ended(t, v);
		break;
	case VIEW_EXITED: /* see timeline_event: not every thread's end gives a view */
	case VIEW_HALTED:
	case VIEW_RESUMED:
	case VIEW_THREAD_ENDED:
	case VIEW_NO_EPOLL:
	case VIEW_SCAN:
	case VIEW_COMPAT:
	case VIEW_CLOSE:
	case VIEW_IO:
		break;
	}
}

static void take_exit(struct timeline *t, const struct event *ev)
{
	struct proc *p = timeline_find_proc(t, ev->pid);
	struct thread *th = timeline_find_thread(t, ev->pid, ev->tid);

	if (p && !th && ev->exit.last)
		th = p->threads; /* the last one need not have made a call */
	if (th)
		timeline_thread_left(t, th, ev);
	if (th && !ev->exit.last)
		timeline_free_thread(t, th);
	if (!p || !ev->exit.last)
		return;
	for (th = p->threads; th; th = th->next)
		timeline_thread_end(t, th, ev->time_ns, false);
	drop_proc(t, p);
}

static void take_exec(struct timeline *t, const struct event *ev)
{
	struct proc *p = timeline_find_proc(t, ev->pid);

	if (!p)
		return;
	/* One thread is left, and has the leader's number, whichever had called it. */
	for (struct thread *th = p->threads, *next; th; th = next) {
		next = th->next;
		timeline_thread_left(t, th, ev);
		if (th->track.tid != ev->tid)
			timeline_free_thread(t, th);
	}
	timeline_proc(t, ev->pid, ev->exec.comm); /* its name is another one */
	if (timeline_find_thread(t, ev->pid, ev->tid))
		timeline_thread(t, ev->pid, ev->tid);
}

static void take_tick(struct timeline *t)
{
	uint64_t now_ns = model_now_ns(t->model);
	uint64_t after_ns = model_start(t->model)->blocked_after_ns;

	if (after_ns < t->blocked_after_ns)
		after_ns = t->blocked_after_ns;
	after_ns = model_shown_within_ns(after_ns) + REPORTED_AFTER_NS;
	if (now_ns > after_ns)
		timeline_emit_counts(t, now_ns - after_ns);
}

void timeline_event(struct timeline *t, const struct event *ev)
{
	if (ev->kind == EVENT_START)
		t->w.clocks(t->w.ctx, &ev->start.clock, ev->time_ns);
	else if (ev->kind == EVENT_CLOCK)
		t->w.clocks(t->w.ctx, &ev->clock, ev->time_ns);
	else if (ev->kind == EVENT_TICK)
		take_tick(t);
	else if (ev->kind == EVENT_EXIT)
		take_exit(t, ev);
	else if (ev->kind == EVENT_EXEC)
		take_exec(t, ev);
}

/* A stream that breaks off does not report the waits in flight. */
static void waits_end(struct timeline *t, uint64_t now_ns)
{
	for (const struct task *task = model_tasks(t->model)->waiting; task;
	     task = task->next_waiting) {
		struct view v = {
			.kind = VIEW_UNFINISHED,
			.time_ns = task->wait.entry_ns,
			.pid = task->pid,
			.tid = task->tid,
			.instance = interest_find(model_interest(t->model), task->wait.ep),
			.wait = &task->wait,
			.task = task,
		};

		if (now_ns > v.time_ns)
			v.blocked_ns = now_ns - v.time_ns;
		timeline_waiting(t, &v);
	}
}

void timeline_finish(struct timeline *t)
{
	uint64_t now_ns = model_now_ns(t->model);
	struct node *n, *next;

	waits_end(t, now_ns);
	table_each(&t->threads, n, next)
		timeline_thread_end(t, container_of(n, struct thread, by_tid), now_ns, true);
	timeline_entries_end(t, now_ns);
	timeline_emit_counts(t, UINT64_MAX);
	t->w.finish(t->w.ctx);
}
