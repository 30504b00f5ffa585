/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* System calls that returned. */
#include "base/array.h"
#include "model/interest_internal.h"
#include "model/model_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A number that was an instance's is that of another one now. */
static void begin_instance(struct model *m, const struct event *ev, struct instance *inst)
{
	struct instance *old = scan_bind(&m->interest, ev->pid, ev->call.ret, 0);
	struct holder *h;

	if (old)
		interest_bury_instance(&m->interest, old, ev->time_ns);
	if (!inst)
		return;
	inst->first_ns = ev->time_ns + ev->call.duration_ns;
	h = interest_hold(&m->interest, inst, ev->pid, ev->call.ret);
	if (h)
		h->round = m->scan.round;
}

void model_apply_create(struct model *m, const struct event *ev)
{
	struct view v = model_view(VIEW_CALL, ev);
	struct instance *inst = NULL;

	v.task = model_call_returned(m, ev);
	if (ev->call.skipped) {
		inst = interest_find(&m->interest, ev->call.ep);
	} else if (ev->call.ret >= 0 && ev->call.ep) {
		inst = interest_create(&m->interest, ev->call.ep, ev->time_ns);
		begin_instance(m, ev, inst);
	}
	v.instance = inst;
	model_give(m, &v);
}

/* What fd of an epoll_ctl is; NULL: it is not open. */
static const struct file *ctl_file(struct model *m, const struct event *ev)
{
	const struct instance *nested;

	if (!ev->ctl.file.addr)
		return NULL;
	if (!ev->ctl.file.ep)
		return &ev->ctl.file;
	nested = interest_get_or_add(&m->interest, ev->ctl.file.ep);
	snprintf(m->nested_text, sizeof(m->nested_text), "eventpoll#%u",
		 nested ? nested->number : 0);
	m->nested = ev->ctl.file;
	m->nested.text = m->nested_text;
	return &m->nested;
}

/* A call has. */
static void use_instance(struct model *m, struct instance *inst, const struct event *ev)
{
	model_use(m, inst, ev->pid, ev->time_ns + ev->call.duration_ns);
}

void model_apply_ctl(struct model *m, const struct event *ev)
{
	struct view v = model_view(VIEW_CALL, ev);
	struct instance *inst = model_instance_of(m, ev->call.ep, ev->pid, ev->ctl.epfd);
	struct task *task;

	task = model_call_returned(m, ev);
	if (task)
		task->turns.now.changes++;
	v.task = task;
	v.instance = inst;
	v.epfile = ev->ctl.epfile.addr ? &ev->ctl.epfile : NULL;
	v.file = ctl_file(m, ev);
	if (inst && !ev->call.skipped)
		use_instance(m, inst, ev);
	if (inst && !ev->call.ret && !ev->call.skipped && v.file)
		v.entry = interest_ctl(&m->interest, inst, ev, v.file);
	if (m->opt.keeps_observed && inst && !ev->call.skipped)
		lapses_ctl(&m->lapses, inst, v.entry, ev);
	model_give(m, &v);
}

static bool ready_room(struct model *m, unsigned n)
{
	return array_room(&m->ready, &m->ready_cap, n, sizeof(*m->ready));
}

/* Names a ready event of a wait, and counts it for its entry. */
static void deliver_ready(struct model *m, const struct event *ev, struct instance *inst,
			  struct ready_view *r)
{
	r->entry = inst ? interest_deliver(&m->interest, inst, &r->event, ev) : NULL;
	if (r->entry && r->entry->state == ENTRY_GONE)
		lapses_deliver(&m->lapses, r->entry);
}

/* The events that came before the wait's own, NULL: none, or they are of another one. */
static const struct batch *batch_of(const struct task *task, const struct event *ev)
{
	const struct batch *b = task ? task->batch : NULL;
	uint64_t room = ev->call.ret > 0 ? ev->call.ret : 0;

	if (!b || b->end_ns != ev->time_ns + ev->call.duration_ns ||
	    b->count + ev->wait.ready.count > room)
		return NULL;
	return b;
}

/* Those of its own event, and after them those that came before it. */
static void deliver_all(struct model *m, struct view *v, struct instance *inst,
			const struct batch *b)
{
	const struct ready_bytes *first = &v->ev->wait.ready;
	unsigned more = b ? b->count : 0;

	if (!ready_room(m, first->count + more))
		return;
	for (unsigned i = 0; i < first->count; i++)
		m->ready[i].event = ready_at(first, i);
	for (unsigned i = 0; i < more; i++)
		m->ready[first->count + i].event = b->at[i];
	v->ready = m->ready;
	v->ready_count = first->count + more;
	for (unsigned i = 0; i < v->ready_count; i++)
		deliver_ready(m, v->ev, inst, &m->ready[i]);
}

void model_apply_ready(struct model *m, const struct event *ev)
{
	struct task *task = tasks_get_or_add(&m->tasks, ev->pid, ev->tid);

	if (task)
		tasks_add_ready(&m->tasks, task, ev);
}

/* The thread has waited, and a turn of its loop begins. */
static void begin_turn(struct model *m, struct instance *inst, struct task *task,
		       const struct event *ev)
{
	if (!inst)
		return;
	use_instance(m, inst, ev);
	inst->waited_ns = inst->used_ns;
	if (!task || ev->call.io_uring)
		return;
	task->waited_ep = inst->ep;
	task->turn_ns = inst->used_ns;
}

/* A wait that fails by its descriptor or its arguments will do so again. */
static void note_failure(struct task *task, const struct event *ev)
{
	struct failing *f = &task->failing;
	int err = ev->call.ret == -EBADF || ev->call.ret == -EINVAL ? -ev->call.ret : 0;

	if (err && err == f->err && ev->wait.args.epfd == f->epfd) {
		f->count += 1 + ev->wait.others;
		return;
	}
	*f = (struct failing){
		.count = err != 0, .err = err, .epfd = ev->wait.args.epfd, .since_ns = ev->time_ns};
}

void model_apply_wait(struct model *m, const struct event *ev)
{
	struct view v = model_view(VIEW_CALL, ev);
	struct instance *inst = model_instance_of(m, ev->call.ep, ev->pid, ev->wait.args.epfd);
	struct task *task = model_call_returned(m, ev);

	v.task = task;
	v.instance = inst;
	if (!ev->call.skipped)
		begin_turn(m, inst, task, ev);
	if (task && !ev->call.io_uring) {
		note_failure(task, ev);
		turns_count_wait(&task->turns, ev);
		task->interrupted = ev->call.ret == -EINTR;
	}
	v.epfile = ev->wait.epfile.addr ? &ev->wait.epfile : NULL;
	deliver_all(m, &v, inst, batch_of(task, ev));
	if (task)
		tasks_drop_ready(&m->tasks, task);
	if (inst && view_ready_unknown(&v))
		inst->unread_ns = ev->time_ns + ev->call.duration_ns;
	if (view_waits_passed_over(&v))
		model_passed_over(m, ev->pid, ev->time_ns + ev->call.duration_ns);
	model_give(m, &v);
}
