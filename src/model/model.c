/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/model_internal.h"

#include <stdlib.h>

/* Has a process that lives the instance, as far as is known? */
static bool is_held(const struct model *m, const struct instance *inst)
{
	for (const struct holder *h = inst->holders; h && bounds_step(inst->bounds); h = h->next)
		if (h->foreign || tasks_process(&m->tasks, h->pid))
			return true;
	return false;
}

/* The closes of a process that ends are reported after its end. */
static enum ended_how how_ended(const struct model *m, const struct entry *e)
{
	if (e->dels)
		return ENDED_DELETED;
	if (e->instance->gone)
		return ENDED_WITH;
	if (!e->closer)
		return ENDED_UNSEEN;
	return tasks_process(&m->tasks, e->closer_pid) || is_held(m, e->instance) ? ENDED_CLOSED
										  : ENDED_WITH;
}

/* A reader of the interest lists is notified when one of their entries goes. */
static void entry_ended(void *ctx, const struct entry *e)
{
	struct model *m = ctx;
	struct view v = {
		.kind = VIEW_ENDED, .time_ns = e->ended_ns, .entry = e, .instance = e->instance};

	v.ended = how_ended(m, e);
	if (v.ended == ENDED_CLOSED) {
		if (e->closed_ns > e->last_ready_ns) /* else its file lived on and was reported */
			v.time_ns = e->closed_ns;
		v.pid = e->closer_pid;
		v.tid = e->closer;
		v.task = tasks_find(&m->tasks, e->closer);
	}
	model_give(m, &v);
}

struct model *model_new(const struct model_options *opt, view_fn *fn, void *ctx)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->opt = *opt;
	m->bounds = opt->bounded ? (struct bounds){BOUNDS_BYTES, BOUNDS_STEPS, false}
				 : (struct bounds){BOUNDS_NONE, BOUNDS_NONE, false};
	m->interest.bounds = &m->bounds;
	m->tasks.bounds = &m->bounds;
	m->scan.tasks = &m->tasks;
	m->lapses.bounds = &m->bounds;
	m->interest.keeps_observed = opt->keeps_observed;
	m->interest.ended = entry_ended;
	m->interest.ctx = m;
	m->fn = fn;
	m->ctx = ctx;
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	interest_free(&m->interest);
	tasks_free(&m->tasks);
	lapses_free(&m->lapses);
	scan_free(&m->scan);
	machine_free(&m->machine);
	free(m->ready);
	free(m);
}

void model_new_interval(struct model *m)
{
	m->since_ns = m->now_ns;
	interest_new_interval(&m->interest);
}

static void apply_lost(struct model *m, const struct event *ev)
{
	struct view v = model_view(VIEW_LOST, ev);

	if (ev->lost.total + ev->lost.missed) /* registrations and events may be among them */
		lapses_free(&m->lapses);
	model_give(m, &v);
}

static void apply_watched(struct model *m, const struct event *ev)
{
	if (m->opt.keeps_observed)
		scan_put_back(&m->scan, &m->interest, ev);
	if (ev->watched.nowhere)
		lapses_see(&m->lapses, ev);
	else
		scan_watched(&m->scan, ev);
}

/* What scans could not see is reported once, not at every scan. */
static void apply_scan(struct model *m, const struct event *ev)
{
	const struct scan_event *l = &ev->scan;
	struct event news = *ev;
	struct view v = model_view(VIEW_SCAN, &news);

	scan_apply(&m->scan, &m->interest, ev);
	if (!l->end)
		return;
	model_settle(m);
	if (m->opt.keeps_observed)
		model_count_waiters(m);
	news.scan.no_iterator = l->no_iterator && !m->reported.no_iterator;
	news.scan.no_fdinfo = l->no_fdinfo && !m->reported.no_fdinfo;
	news.scan.cut = l->cut && !m->reported.cut;
	news.scan.unseen = l->unseen && !m->reported.unseen;
	m->reported.no_iterator |= l->no_iterator;
	m->reported.no_fdinfo |= l->no_fdinfo;
	m->reported.cut |= l->cut;
	m->reported.unseen |= l->unseen;
	model_give(m, &v);
}

/* The numbers of a process are closed after its end: what became of them does not matter. */
static void apply_close(struct model *m, const struct event *ev)
{
	const struct task *task = tasks_find(&m->tasks, ev->tid);
	struct view v = model_view(VIEW_CLOSE, ev);

	if (m->opt.keeps_observed && tasks_process(&m->tasks, ev->pid))
		lapses_close(&m->lapses, &m->interest, ev);
	interest_close(&m->interest, ev, task ? task->waited_ep : 0);
	model_give(m, &v);
}

static void apply_io(struct model *m, const struct event *ev)
{
	struct view v = model_view(VIEW_IO, ev);

	scan_io(&m->scan, ev);
	if (ev->io.first)
		model_give(m, &v);
}

static void apply_entry(struct model *m, const struct event *ev)
{
	struct view v = model_view(VIEW_SEEN, ev);

	v.entry = scan_entry(&m->scan, &m->interest, ev);
	if (!v.entry)
		return;
	v.instance = v.entry->instance;
	model_give(m, &v);
}

void model_apply(struct model *m, const struct event *ev)
{
	m->bounds.steps_left += BOUNDS_STEPS_PER_EVENT;
	if (!m->first_ns)
		m->first_ns = ev->time_ns;
	if (ev->time_ns > m->now_ns)
		m->now_ns = ev->time_ns;
	m->scan.now_ns = m->now_ns;
	switch (ev->kind) {
	case EVENT_START:
	case EVENT_CLOCK:
	case EVENT_FEATURE:
	case EVENT_SYSCALLS:
		machine_apply(&m->machine, ev);
		if (m->opt.blocked_as_recorded)
			m->opt.blocked_after_ns = m->machine.start.blocked_after_ns;
		break;
	case EVENT_COMM:
		model_apply_comm(m, ev);
		break;
	case EVENT_TARGET:
		tasks_add_process(
			&m->tasks, ev->pid,
			tasks_get_or_add_root(&m->tasks, ev->target.root, ev->target.children));
		break;
	case EVENT_TICK:
		model_show_blocked(m);
		model_report_silent(m, false);
		break;
	case EVENT_LOST:
		apply_lost(m, ev);
		break;
	case EVENT_END:
		model_apply_end(m);
		break;
	case EVENT_CREATE:
		model_apply_create(m, ev);
		break;
	case EVENT_CTL:
		model_apply_ctl(m, ev);
		break;
	case EVENT_WAIT:
		model_apply_wait(m, ev);
		break;
	case EVENT_READY:
		model_apply_ready(m, ev);
		break;
	case EVENT_INFLIGHT:
		model_apply_inflight(m, ev);
		break;
	case EVENT_CLOSE:
		apply_close(m, ev);
		break;
	case EVENT_FORK:
		model_apply_fork(m, ev);
		break;
	case EVENT_EXEC:
		model_apply_exec(m, ev);
		break;
	case EVENT_EXIT:
		model_apply_exit(m, ev);
		break;
	case EVENT_THREAD:
		model_apply_thread(m, ev);
		break;
	case EVENT_NOFILE:
		model_apply_nofile(m, ev);
		break;
	case EVENT_SCAN:
		apply_scan(m, ev);
		break;
	case EVENT_INSTANCE:
		scan_instance(&m->scan, &m->interest, ev);
		break;
	case EVENT_WATCHED:
		apply_watched(m, ev);
		break;
	case EVENT_IO:
		apply_io(m, ev);
		break;
	case EVENT_ENTRY:
		apply_entry(m, ev);
		break;
	case EVENT_FDINFO:
		scan_fdinfo(&m->scan, &m->interest, ev);
		break;
	}
}
