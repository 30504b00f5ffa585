/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes, their threads, and the waits these are in. */
#include "model/model_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_wait(struct model *m, enum view_kind kind, const struct task *task)
{
	struct view v = {
		.kind = kind,
		.time_ns = task->wait.entry_ns,
		.pid = task->pid,
		.tid = task->tid,
		.instance = model_instance_of(m, task->wait.ep, task->pid, task->wait.args.epfd),
		.wait = &task->wait,
		.task = task,
	};

	if (m->now_ns > task->wait.entry_ns)
		v.blocked_ns = m->now_ns - task->wait.entry_ns;
	model_give(m, &v);
}

/*
 * A wait with a time-out of about that length is a loop's tick: not worth a line unless it outlasts
 * its time-out, as when its thread cannot run.
 */
static uint64_t shown_after_ns(const struct model *m, int64_t timeout_ns)
{
	uint64_t after_ns = m->opt.blocked_after_ns, slack_ns = after_ns / 10;
	uint64_t timeout = timeout_ns < 0 ? 0 : timeout_ns;

	if (timeout <= after_ns - slack_ns || (timeout > after_ns && timeout - after_ns > after_ns))
		return after_ns;
	return timeout + slack_ns;
}

uint64_t model_shown_within_ns(uint64_t blocked_after_ns)
{
	uint64_t slack_ns = blocked_after_ns / 10;

	/* A recording may say anything. */
	return blocked_after_ns < UINT64_MAX / 4 ? 2 * blocked_after_ns + slack_ns
						 : blocked_after_ns;
}

void model_apply_inflight(struct model *m, const struct event *ev)
{
	struct instance *inst;
	struct task *task = tasks_get_or_add(&m->tasks, ev->pid, ev->tid);

	if (!task)
		return;
	model_epoll_seen(m, ev->pid);
	if (ev->inflight.began_before && !ev->inflight.cut && task->called)
		return; /* it has returned since it was scanned */
	inst = model_instance_of(m, ev->inflight.ep, ev->pid, ev->inflight.args.epfd);
	if (inst && !inst->holders)
		interest_hold(&m->interest, inst, ev->pid, ev->inflight.args.epfd);
	if (!task->wait.active || task->wait.entry_ns != ev->time_ns)
		tasks_begin_wait(&m->tasks, task, ev,
				 ev->time_ns + shown_after_ns(m, ev->inflight.args.timeout_ns));
	if (ev->inflight.cut) {
		give_wait(m, VIEW_UNFINISHED, task);
		tasks_end_wait(&m->tasks, task);
		if (inst)
			interest_wait_cut(&m->interest, inst, ev);
	}
}

/* A thread that waits on the instance, or did last: has it been in a wait since the scan began? */
static void count_waiter(struct model *m, struct instance *inst, const struct task *t)
{
	if (!t->wait.active || t->wait.ep != inst->ep || t->wait.entry_ns >= m->scan.begin_ns) {
		inst->all_waiting_since_ns = 0;
		return;
	}
	if (!inst->waiters++ || t->wait.entry_ns < inst->waits_ns) {
		inst->waits_ns = t->wait.entry_ns;
		inst->waiter = t->tid;
	}
	if (inst->all_waiting_since_ns && t->wait.entry_ns > inst->all_waiting_since_ns)
		inst->all_waiting_since_ns = t->wait.entry_ns;
	model_use(m, inst, t->pid, m->scan.begin_ns); /* though it may never return */
}

void model_count_waiters(struct model *m)
{
	struct node *n, *next;

	if (!bounds_steps(&m->bounds, m->tasks.by_tid.count + m->tasks.by_tid.size))
		return;
	for (struct instance *i = m->interest.instances; i && bounds_step(&m->bounds);
	     i = i->next) {
		i->waiters = 0;
		i->all_waiting_since_ns = 1;
	}
	table_each(&m->tasks.by_tid, n, next) {
		const struct task *t = container_of(n, struct task, by_tid);
		struct instance *inst = interest_find(&m->interest, t->waited_ep);

		if (inst)
			count_waiter(m, inst, t);
	}
	for (struct instance *i = m->interest.instances; i && bounds_step(&m->bounds); i = i->next)
		if (!i->waiters)
			i->all_waiting_since_ns = 0;
}

void model_show_blocked(struct model *m)
{
	struct task *t;

	while ((t = tasks_show_due(&m->tasks, m->now_ns)))
		give_wait(m, VIEW_BLOCKED, t);
}

static void give_silent(struct model *m, const struct root *root)
{
	const struct task *task = tasks_find(&m->tasks, root->pid);
	struct view v = {
		.kind = VIEW_NO_EPOLL, .time_ns = m->now_ns, .pid = root->pid, .tid = root->pid};

	if (task && task->scanned) {
		v.silent.task = task;
		v.silent.since_ns = m->now_ns - task->since_ns;
		v.silent.call = model_syscall_name(m, task->nr);
	}
	v.silent.children = root->children;
	model_give(m, &v);
}

/* Targets without an epoll call: reported once after a while, and at the end. */
void model_report_silent(struct model *m, bool end)
{
	bool late = m->now_ns >= m->first_ns + m->opt.blocked_after_ns;

	if (!end && !(late && m->tasks.roots_scanned))
		return;
	m->tasks.roots_scanned = false;
	for (struct root *r = m->tasks.roots; r && bounds_step(&m->bounds); r = r->next) {
		if (r->epoll_seen || !(end || (!r->reported && r->scans > 1)))
			continue;
		r->reported = true;
		give_silent(m, r);
	}
}

static void name_task(struct task *task, const char *comm)
{
	snprintf(task->comm, sizeof(task->comm), "%s", comm);
}

void model_apply_comm(struct model *m, const struct event *ev)
{
	struct task *task = tasks_get_or_add(&m->tasks, ev->pid, ev->tid);

	if (task)
		name_task(task, ev->comm.comm);
}

/* Is the process still parked, by what a scan has observed of one of its threads? */
static void place_process(struct model *m, const struct task *task, const struct event *ev,
			  bool ran)
{
	struct process *p = tasks_process(&m->tasks, ev->pid);

	if (!p)
		return;
	if (ran || !task->forever) {
		p->busy_ns = m->scan.begin_ns;
		p->parked_ns = 0;
	} else if (!p->parked_ns && p->busy_ns != m->scan.begin_ns) {
		p->parked_ns = ev->time_ns;
	}
}

/* What a scan has observed of a thread. */
static void place_task(struct bounds *b, struct task *task, const struct event *ev)
{
	const struct thread_event *t = &ev->thread;

	if (!task->scanned || task->nr != t->nr || task->switches != t->switches)
		task->since_ns = ev->time_ns;
	task->scanned = true;
	task->scanned_ns = ev->time_ns;
	task->state = t->state;
	task->forever = t->forever;
	task->nr = t->nr;
	task->switches = t->switches;
	task->idle_ns = t->idle_ns;
	name_task(task, t->comm);
	bounds_free_text(b, task->file);
	task->file = NULL;
	if (!t->has_file)
		return;
	task->fd = t->fd;
	task->file_addr = t->file.addr;
	task->file_what = t->file.what;
	task->file = bounds_copy(b, t->file.text);
}

/* What was delivered to the thread last is not known, if it has run since the scan before. */
static void note_passed(struct model *m, const struct task *task, const struct event *ev, bool ran)
{
	if (ev->thread.passed && (ran || !task->scanned_ns))
		model_passed_over(m, task->pid, ev->time_ns);
}

void model_apply_thread(struct model *m, const struct event *ev)
{
	struct task *task = tasks_get_or_add(&m->tasks, ev->pid, ev->tid);
	struct root *root = tasks_root(&m->tasks, ev->pid);

	if (task) {
		bool ran = task->scanned_ns && task->switches != ev->thread.switches;

		note_passed(m, task, ev, ran);
		place_task(&m->bounds, task, ev);
		turns_scan_thread(&task->turns, &ev->thread, ev->time_ns);
		place_process(m, task, ev, ran);
		model_halt(m, task, ev->thread.state, ev->time_ns);
	}
	if (!task || !root || root->pid != ev->tid)
		return;
	root->scans++;
	/* What it did while it was launched is no news. */
	m->tasks.roots_scanned |= ev->time_ns >= m->first_ns + m->opt.blocked_after_ns;
}

void model_apply_nofile(struct model *m, const struct event *ev)
{
	struct process *p = tasks_process(&m->tasks, ev->pid);

	if (!p)
		return;
	p->nofile_ns = ev->time_ns;
	p->nofile = ev->nofile.limit;
}

static void end_task(struct model *m, struct task *task)
{
	struct view v = {
		.kind = VIEW_THREAD_ENDED,
		.time_ns = m->now_ns,
		.pid = task->pid,
		.tid = task->tid,
		.task = task,
	};
	struct process *p = tasks_process(&m->tasks, task->pid);

	if (task->wait.active)
		give_wait(m, VIEW_UNFINISHED, task);
	model_give(m, &v);
	if (task->halted && p && p->halted) /* killed while the others are still */
		p->halted--;
	tasks_forget(&m->tasks, task);
}

/*
 * All threads of a process but one: their own ends may not have been reported, and the number of a
 * thread that calls exec just goes.
 */
static void end_others(struct model *m, uint32_t pid, uint32_t tid)
{
	struct task *t;

	while ((t = tasks_other(&m->tasks, pid, tid)))
		end_task(m, t);
}

void model_apply_exit(struct model *m, const struct event *ev)
{
	struct view v = model_view(VIEW_EXITED, ev);
	struct task *task = tasks_find(&m->tasks, ev->tid);

	if (task)
		end_task(m, task);
	if (!ev->exit.last)
		return;
	end_others(m, ev->pid, 0);
	tasks_forget_process(&m->tasks, ev->pid);
	v.tid = ev->pid; /* whichever of its threads was the last one */
	model_give(m, &v);
}

void model_apply_exec(struct model *m, const struct event *ev)
{
	struct view v = model_view(VIEW_COMPAT, ev);
	struct process *p = tasks_process(&m->tasks, ev->pid);
	struct task *task;

	end_others(m, ev->pid, ev->tid);
	task = tasks_get_or_add(&m->tasks, ev->pid, ev->tid);
	if (p) {
		p->execed_ns = ev->time_ns;
		p->table_of = 0;
	}
	if (task)
		name_task(task, ev->exec.comm);
	if (ev->exec.compat)
		model_give(m, &v);
}

void model_apply_fork(struct model *m, const struct event *ev)
{
	const struct process *parent = tasks_process(&m->tasks, ev->pid);
	struct process *p;

	if (!parent || !parent->root)
		return;
	tasks_add_process(&m->tasks, ev->fork.child, parent->root);
	p = tasks_process(&m->tasks, ev->fork.child);
	if (!p)
		return;
	p->forked_ns = ev->time_ns;
	if (ev->fork.one_table)
		p->table_of = parent->table_of ? parent->table_of : parent->pid;
}

void model_apply_end(struct model *m)
{
	for (struct task *t = m->tasks.waiting; t; t = m->tasks.waiting) {
		give_wait(m, VIEW_UNFINISHED, t);
		tasks_end_wait(&m->tasks, t);
	}
	model_report_silent(m, true);
	model_settle(m);
}
