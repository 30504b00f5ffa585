/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

struct model {
	struct model_options opt;
	view_fn *fn;
	void *ctx;
	struct interest interest;
	struct tasks tasks;
	struct start_event start;
	uint64_t first_ns, now_ns;
	uint64_t since_ns; /* when the interval began, 0: it is the first */
	struct ready_view *ready;
	unsigned ready_cap;
	char nested[32]; /* text of an instance that is a target of epoll_ctl */
};

struct model *model_new(const struct model_options *opt, view_fn *fn, void *ctx)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->opt = *opt;
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
	free(m->ready);
	free(m);
}

const struct interest *model_interest(const struct model *m)
{
	return &m->interest;
}

const struct start_event *model_start(const struct model *m)
{
	return &m->start;
}

uint64_t model_first_ns(const struct model *m)
{
	return m->first_ns;
}

uint64_t model_now_ns(const struct model *m)
{
	return m->now_ns;
}

const struct tasks *model_tasks(const struct model *m)
{
	return &m->tasks;
}

uint64_t model_since_ns(const struct model *m)
{
	return m->since_ns ? m->since_ns : m->first_ns;
}

void model_new_interval(struct model *m)
{
	m->since_ns = m->now_ns;
	interest_new_interval(&m->interest);
}

static void give(struct model *m, const struct view *v)
{
	m->fn(m->ctx, v);
}

static struct view view_of(enum view_kind kind, const struct event *ev)
{
	return (struct view){
		.kind = kind, .time_ns = ev->time_ns, .pid = ev->pid, .tid = ev->tid, .ev = ev};
}

static void epoll_seen(struct model *m, uint32_t pid)
{
	struct root *root = tasks_root(&m->tasks, pid);

	if (root)
		root->epoll_seen = true;
}

/* A call of a thread has returned, so it is in no wait any more. */
static void call_returned(struct model *m, const struct event *ev)
{
	struct task *task = tasks_get(&m->tasks, ev->pid, ev->tid);

	if (!task)
		return;
	if (!task->called)
		epoll_seen(m, ev->pid);
	task->called = true;
	tasks_end_wait(&m->tasks, task);
}

static void apply_create(struct model *m, const struct event *ev)
{
	struct view v = view_of(VIEW_CALL, ev);

	call_returned(m, ev);
	if (ev->call.ret >= 0 && ev->call.ep)
		v.instance = interest_create(&m->interest, ev->call.ep, ev->time_ns);
	give(m, &v);
}

/* What fd of an epoll_ctl is; NULL: it is not open. */
static const char *ctl_text(struct model *m, const struct event *ev)
{
	const struct instance *nested;

	if (!ev->ctl.file.addr)
		return NULL;
	if (!ev->ctl.file.ep)
		return ev->ctl.file.text;
	nested = interest_get(&m->interest, ev->ctl.file.ep);
	snprintf(m->nested, sizeof(m->nested), "eventpoll#%u", nested ? nested->number : 0);
	return m->nested;
}

static void apply_ctl(struct model *m, const struct event *ev)
{
	struct view v = view_of(VIEW_CALL, ev);
	struct instance *inst = interest_get(&m->interest, ev->call.ep);

	call_returned(m, ev);
	v.instance = inst;
	v.epfd_text = ev->ctl.epfile.addr ? ev->ctl.epfile.text : NULL;
	v.fd_text = ctl_text(m, ev);
	if (inst && !ev->call.ret && v.fd_text)
		interest_ctl(&m->interest, inst, ev, v.fd_text);
	give(m, &v);
}

static bool ready_room(struct model *m, unsigned n)
{
	struct ready_view *more;

	if (n <= m->ready_cap)
		return true;
	more = realloc(m->ready, n * sizeof(*more));
	if (!more)
		return false;
	m->ready = more;
	m->ready_cap = n;
	return true;
}

/* Names the ready events of a wait, and counts them for their entries. */
static void deliver(struct model *m, const struct event *ev, struct instance *inst)
{
	uint64_t end_ns = ev->time_ns + ev->call.duration_ns;

	for (unsigned i = 0; i < ev->wait.copied; i++) {
		struct ready_view *r = &m->ready[i];
		struct entry *e = NULL;

		r->event = wait_ready(&ev->wait, i);
		if (inst)
			e = interest_match(&m->interest, inst, r->event.data, ev->time_ns);
		if (e) {
			e->deliveries++;
			e->last_ready_ns = end_ns;
		}
		r->entry = e;
	}
}

static void apply_wait(struct model *m, const struct event *ev)
{
	struct view v = view_of(VIEW_CALL, ev);
	struct instance *inst = interest_get(&m->interest, ev->call.ep);

	call_returned(m, ev);
	v.instance = inst;
	v.epfd_text = ev->wait.epfile.addr ? ev->wait.epfile.text : NULL;
	if (ready_room(m, ev->wait.copied)) {
		deliver(m, ev, inst);
		v.ready = m->ready;
	}
	give(m, &v);
}

static void give_wait(struct model *m, enum view_kind kind, const struct task *task)
{
	struct view v = {
		.kind = kind,
		.time_ns = task->wait.entry_ns,
		.pid = task->pid,
		.tid = task->tid,
		.instance = interest_get(&m->interest, task->wait.ep),
		.wait = &task->wait,
	};

	if (m->now_ns > task->wait.entry_ns)
		v.blocked_ns = m->now_ns - task->wait.entry_ns;
	give(m, &v);
}

static void apply_inflight(struct model *m, const struct event *ev)
{
	struct task *task = tasks_get(&m->tasks, ev->pid, ev->tid);

	if (!task)
		return;
	epoll_seen(m, ev->pid);
	if (ev->inflight.began_before && !ev->inflight.cut && task->called)
		return; /* it has returned since it was looked at */
	if (!task->wait.active || task->wait.entry_ns != ev->time_ns)
		tasks_begin_wait(&m->tasks, task, ev);
	if (ev->inflight.cut) {
		give_wait(m, VIEW_UNFINISHED, task);
		tasks_end_wait(&m->tasks, task);
	}
}

static void show_blocked(struct model *m)
{
	struct task *t;

	while ((t = tasks_due(&m->tasks, m->now_ns, m->opt.blocked_after_ns))) {
		t->wait.shown = true;
		give_wait(m, VIEW_BLOCKED, t);
	}
}

static void give_silent(struct model *m, const struct root *root)
{
	const struct task *task = tasks_find(&m->tasks, root->pid);
	struct view v = {
		.kind = VIEW_NO_EPOLL, .time_ns = m->now_ns, .pid = root->pid, .tid = root->pid};

	if (task && task->looked) {
		v.silent.task = task;
		v.silent.since_ns = m->now_ns - task->since_ns;
	}
	v.silent.children = root->children;
	give(m, &v);
}

/* Targets without an epoll call: told once after a while, and at the end. */
static void tell_silent(struct model *m, bool end)
{
	for (struct root *r = m->tasks.roots; r; r = r->next) {
		bool due_now = !r->told && r->looks > 1 &&
			       m->now_ns >= m->first_ns + m->opt.blocked_after_ns;

		if (r->epoll_seen || !(end || due_now))
			continue;
		r->told = true;
		give_silent(m, r);
	}
}

static void apply_thread(struct model *m, const struct event *ev)
{
	struct task *task = tasks_get(&m->tasks, ev->pid, ev->tid);
	struct root *root = tasks_root(&m->tasks, ev->pid);

	if (!task)
		return;
	if (!task->looked || task->nr != ev->thread.nr || task->switches != ev->thread.switches)
		task->since_ns = ev->time_ns;
	task->looked = true;
	task->nr = ev->thread.nr;
	task->switches = ev->thread.switches;
	if (root && root->pid == ev->tid)
		root->looks++;
}

/* Threads of a process that has ended: their own ends may not have been told. */
static void forget_waits(struct model *m, uint32_t pid)
{
	for (struct task *t = m->tasks.waiting, *next; t; t = next) {
		next = t->next_waiting;
		if (t->pid != pid)
			continue;
		give_wait(m, VIEW_UNFINISHED, t);
		tasks_end_wait(&m->tasks, t);
	}
}

static void apply_exit(struct model *m, const struct event *ev)
{
	struct view v = view_of(VIEW_EXITED, ev);
	struct task *task = tasks_find(&m->tasks, ev->tid);

	if (task && task->wait.active)
		give_wait(m, VIEW_UNFINISHED, task);
	if (task)
		tasks_forget(&m->tasks, task);
	if (!ev->exit.last)
		return;
	forget_waits(m, ev->pid);
	tasks_forget_process(&m->tasks, ev->pid);
	v.tid = ev->pid; /* whichever of its threads was the last one */
	give(m, &v);
}

static void apply_exec(struct model *m, const struct event *ev)
{
	struct view v = view_of(VIEW_COMPAT, ev);

	if (ev->exec.compat)
		give(m, &v);
}

static void apply_fork(struct model *m, const struct event *ev)
{
	struct root *root = tasks_root(&m->tasks, ev->pid);

	if (root)
		tasks_add_process(&m->tasks, ev->fork.child, root->pid, 0);
}

static void apply_end(struct model *m)
{
	for (struct task *t = m->tasks.waiting; t; t = m->tasks.waiting) {
		give_wait(m, VIEW_UNFINISHED, t);
		tasks_end_wait(&m->tasks, t);
	}
	tell_silent(m, true);
}

static void apply_lost(struct model *m, const struct event *ev)
{
	struct view v = view_of(VIEW_LOST, ev);

	give(m, &v);
}

void model_apply(struct model *m, const struct event *ev)
{
	if (!m->first_ns)
		m->first_ns = ev->time_ns;
	if (ev->time_ns > m->now_ns)
		m->now_ns = ev->time_ns;
	switch (ev->kind) {
	case EVENT_START:
		m->start = ev->start;
		break;
	case EVENT_TARGET:
		tasks_add_process(&m->tasks, ev->pid, ev->target.root, ev->target.children);
		break;
	case EVENT_TICK:
		show_blocked(m);
		tell_silent(m, false);
		break;
	case EVENT_LOST:
		apply_lost(m, ev);
		break;
	case EVENT_END:
		apply_end(m);
		break;
	case EVENT_CREATE:
		apply_create(m, ev);
		break;
	case EVENT_CTL:
		apply_ctl(m, ev);
		break;
	case EVENT_WAIT:
		apply_wait(m, ev);
		break;
	case EVENT_INFLIGHT:
		apply_inflight(m, ev);
		break;
	case EVENT_CLOSE:
		interest_close(&m->interest, ev);
		break;
	case EVENT_FORK:
		apply_fork(m, ev);
		break;
	case EVENT_EXEC:
		apply_exec(m, ev);
		break;
	case EVENT_EXIT:
		apply_exit(m, ev);
		break;
	case EVENT_THREAD:
		apply_thread(m, ev);
		break;
	}
}
