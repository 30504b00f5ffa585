/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/model.h"

#include "model/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct model {
	struct model_options opt;
	view_fn *fn;
	void *ctx;
	struct interest interest;
	struct tasks tasks;
	struct look look;
	struct start_event start;
	uint64_t first_ns, now_ns;
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
	m->interest.keeps_seen = opt->keeps_seen;
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
	look_free(&m->look);
	free(m->ready);
	free(m);
}

const struct interest *model_interest(const struct model *m)
{
	return &m->interest;
}

const struct tasks *model_tasks(const struct model *m)
{
	return &m->tasks;
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
	struct task *task;

	if (ev->call.io_uring) { /* tells nothing of what the thread itself is in */
		epoll_seen(m, ev->pid);
		return;
	}
	task = tasks_get(&m->tasks, ev->pid, ev->tid);
	if (!task)
		return;
	if (!task->called)
		epoll_seen(m, ev->pid);
	task->called = true;
	tasks_end_wait(&m->tasks, task);
}

/* A number that was an instance's is that of another one now. */
static void begin_instance(struct model *m, const struct event *ev, struct instance *inst)
{
	struct instance *old = look_bind(&m->interest, ev->pid, ev->call.ret, 0);
	struct holder *h;

	if (old)
		interest_bury_instance(&m->interest, old, ev->time_ns);
	if (!inst)
		return;
	inst->first_ns = ev->time_ns;
	h = interest_hold(inst, ev->pid, ev->call.ret);
	if (h)
		h->round = m->look.round;
}

static void apply_create(struct model *m, const struct event *ev)
{
	struct view v = view_of(VIEW_CALL, ev);
	struct instance *inst = NULL;

	call_returned(m, ev);
	if (ev->call.ret >= 0 && ev->call.ep) {
		inst = interest_create(&m->interest, ev->call.ep, ev->time_ns);
		begin_instance(m, ev, inst);
	}
	v.instance = inst;
	give(m, &v);
}

/* The instance of a call or a wait; it may have been known by the process's number only. */
static struct instance *instance_of(struct model *m, uint64_t ep, uint32_t pid, int epfd)
{
	struct instance *inst = interest_find(&m->interest, ep);

	if (!inst && ep)
		inst = look_bind(&m->interest, pid, epfd, ep);
	if (!inst)
		inst = interest_get(&m->interest, ep);
	if (inst && !inst->first_ns)
		inst->first_ns = m->now_ns;
	return inst;
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
	struct instance *inst = instance_of(m, ev->call.ep, ev->pid, ev->ctl.epfd);

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
	struct instance *inst = instance_of(m, ev->call.ep, ev->pid, ev->wait.args.epfd);

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
		.instance = instance_of(m, task->wait.ep, task->pid, task->wait.args.epfd),
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
	(void)instance_of(m, ev->inflight.ep, ev->pid, ev->inflight.args.epfd);
	if (!task->wait.active || task->wait.entry_ns != ev->time_ns)
		tasks_begin_wait(&m->tasks, task, ev);
	if (ev->inflight.cut) {
		give_wait(m, VIEW_UNFINISHED, task);
		tasks_end_wait(&m->tasks, task);
	}
}

/* The oldest wait that is due to be shown, NULL: none. */
static struct task *due(struct model *m)
{
	struct task *found = NULL;

	for (struct task *t = m->tasks.waiting; t; t = t->next_waiting) {
		if (t->wait.shown || m->now_ns < t->wait.entry_ns + m->opt.blocked_after_ns)
			continue;
		if (!found || t->wait.entry_ns < found->wait.entry_ns)
			found = t;
	}
	return found;
}

static void show_blocked(struct model *m)
{
	for (struct task *t = due(m); t; t = due(m)) {
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

/* Where a look has found a thread. */
static void place_task(struct task *task, const struct event *ev)
{
	const struct thread_event *t = &ev->thread;

	if (!task->looked || task->nr != t->nr || task->switches != t->switches)
		task->since_ns = ev->time_ns;
	task->looked = true;
	task->state = t->state;
	task->nr = t->nr;
	task->switches = t->switches;
	task->idle_ns = t->idle_ns;
	snprintf(task->comm, sizeof(task->comm), "%s", t->comm);
	free(task->file);
	task->file = NULL;
	if (!t->has_file)
		return;
	task->fd = t->fd;
	task->file_ep = t->file.ep;
	task->file = strdup(t->file.text);
}

static void apply_thread(struct model *m, const struct event *ev)
{
	struct task *task = tasks_get(&m->tasks, ev->pid, ev->tid);
	struct root *root = tasks_root(&m->tasks, ev->pid);

	if (task)
		place_task(task, ev);
	if (task && root && root->pid == ev->tid)
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

static void apply_look(struct model *m, const struct event *ev)
{
	struct view v = view_of(VIEW_LOOK, ev);

	look_apply(&m->look, &m->interest, ev);
	if (ev->look.end)
		give(m, &v);
}

void model_apply(struct model *m, const struct event *ev)
{
	if (!m->first_ns)
		m->first_ns = ev->time_ns;
	if (ev->time_ns > m->now_ns)
		m->now_ns = ev->time_ns;
	m->look.now_ns = m->now_ns;
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
	case EVENT_LOOK:
		apply_look(m, ev);
		break;
	case EVENT_INSTANCE:
		look_instance(&m->look, &m->interest, ev);
		break;
	case EVENT_WATCHED:
		look_watched(&m->look, ev);
		break;
	case EVENT_ENTRY:
		look_entry(&m->look, &m->interest, ev);
		break;
	case EVENT_FDINFO:
		look_fdinfo(&m->look, &m->interest, ev);
		break;
	}
}
