/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the model is asked, and what all that it does for events needs. */
#include "model/interest_internal.h"
#include "model/model_internal.h"

const struct interest *model_interest(const struct model *m)
{
	return &m->interest;
}

const struct lapses *model_lapses(const struct model *m)
{
	return &m->lapses;
}

const struct start_event *model_start(const struct model *m)
{
	return &m->machine.start;
}

const struct clocks *model_clocks(const struct model *m)
{
	return &m->machine.clocks;
}

const struct machine *model_machine(const struct model *m)
{
	return &m->machine;
}

const char *model_syscall_name(const struct model *m, int nr)
{
	return machine_syscall(&m->machine, nr);
}

bool model_syscall_polls(const struct model *m, int nr)
{
	return machine_polls(&m->machine, nr);
}

uint64_t model_first_ns(const struct model *m)
{
	return m->first_ns;
}

uint64_t model_scanned_ns(const struct model *m)
{
	return m->scan.ended_ns;
}

uint64_t model_scan_began_ns(const struct model *m)
{
	return m->scan.begin_ns;
}

bool model_scan_whole(const struct model *m)
{
	return m->scan.whole;
}

bool model_scan_under_way(const struct model *m)
{
	return m->scan.under_way;
}

bool model_scan_saw(const struct model *m, const struct instance *inst)
{
	return inst->round == m->scan.round;
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

bool model_incomplete(const struct model *m)
{
	return m->bounds.reached;
}

bool model_affords(struct model *m, uint64_t steps)
{
	return bounds_steps(&m->bounds, steps);
}

void model_epoll_seen(struct model *m, uint32_t pid)
{
	struct root *root = tasks_root(&m->tasks, pid);

	if (root)
		root->epoll_seen = true;
}

static void give_halt(struct model *m, enum view_kind kind, const struct process *p,
		      uint64_t time_ns)
{
	struct view v = {.kind = kind, .time_ns = time_ns, .pid = p->pid, .tid = p->pid};

	v.halt.how = p->halt;
	v.halt.since_ns = p->halted_ns;
	model_give(m, &v);
}

void model_halt(struct model *m, struct task *task, enum thread_state state, uint64_t time_ns)
{
	bool halted = state == THREAD_STOPPED || state == THREAD_FROZEN;
	struct process *p = tasks_process(&m->tasks, task->pid);

	if (!p || halted == task->halted)
		return;
	task->halted = halted;
	if (halted && !p->halted++) {
		p->halt = state;
		p->halted_ns = time_ns;
		give_halt(m, VIEW_HALTED, p, time_ns);
	} else if (!halted && !--p->halted) {
		p->resumed_ns = time_ns;
		give_halt(m, VIEW_RESUMED, p, time_ns);
	}
}

void model_passed_over(struct model *m, uint32_t pid, uint64_t time_ns)
{
	struct process *p = tasks_process(&m->tasks, pid);

	if (p)
		p->passed_ns = time_ns;
}

struct task *model_call_returned(struct model *m, const struct event *ev)
{
	struct task *task;

	if (ev->call.io_uring) { /* does not say what the thread itself is in */
		model_epoll_seen(m, ev->pid);
		return tasks_find(&m->tasks, ev->tid);
	}
	task = tasks_get_or_add(&m->tasks, ev->pid, ev->tid);
	if (!task)
		return NULL;
	if (!task->called)
		model_epoll_seen(m, ev->pid);
	task->called = true;
	task->returned_ns = ev->time_ns + ev->call.duration_ns;
	if (task->returned_ns > task->scanned_ns)
		task->scanned = false; /* it is there no longer */
	if (task->halted && ev->time_ns > task->scanned_ns)
		model_halt(m, task, THREAD_RUNS, ev->time_ns);
	tasks_end_wait(&m->tasks, task);
	return task;
}

/* The instance of a call or a wait; it may have been known by the process's number only. */
struct instance *model_instance_of(struct model *m, uint64_t ep, uint32_t pid, int epfd)
{
	struct instance *inst = interest_find(&m->interest, ep);

	if (!inst && ep)
		inst = scan_bind(&m->interest, pid, epfd, ep);
	if (!inst)
		inst = interest_get_or_add(&m->interest, ep);
	if (inst && !inst->first_ns)
		inst->first_ns = m->now_ns;
	m->interest.recent = inst;
	return inst;
}

/* Events that may be of two entries are counted for one, by what is known by now. */
void model_settle(struct model *m)
{
	for (struct instance *i = m->interest.instances; i && bounds_step(&m->bounds); i = i->next)
		interest_settle(&m->interest, i, NULL);
}

static bool are_one_user(const struct model *m, const struct instance *inst, uint32_t pid)
{
	return !inst->user || inst->user == pid || tasks_one_table(&m->tasks, inst->user, pid) ||
	       interest_one_table(inst, inst->user, pid);
}

/* Noted with the instance: the process may be gone when somebody asks. */
static void note_parting(struct model *m, struct instance *inst, uint32_t pid)
{
	const struct process *p = tasks_process(&m->tasks, pid);

	if (p && !p->table_of && p->forked_ns > inst->parted_ns)
		inst->parted_ns = p->forked_ns;
}

void model_use(struct model *m, struct instance *inst, uint32_t pid, uint64_t time_ns)
{
	interest_use(inst, pid, time_ns);
	if (inst->user != pid)
		note_parting(m, inst, pid);
	if (time_ns < inst->used_ns) { /* of a wait that goes on, others have used it since */
		if (!are_one_user(m, inst, pid)) {
			inst->former_user = pid;
			inst->former_used_ns = time_ns;
		}
		return;
	}
	if (!are_one_user(m, inst, pid)) {
		inst->former_user = inst->user;
		inst->former_used_ns = inst->used_ns;
	}
	inst->user = pid;
	inst->used_ns = time_ns;
}
