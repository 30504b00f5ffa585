/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * closed-while-waiting: an instance was closed while a thread waits on it. The wait keeps it alive
 * and goes on, but nothing can be registered any more, and who waits without time-out never
 * returns. The same with the last of its entries: a thread may add others later, so that is a note.
 */
#include "rules/list.h"

#include "rules/facts.h"

#include "event/names.h"

static void tell(struct rules *r, struct finding *f, const struct task *t)
{
	evidence(f, "thread %u blocked in %s for %.1f s", t->tid, call_name(t->wait.id),
		 seconds(r->now_ns - t->wait.entry_ns));
	rules_tell(r, f);
}

/* No descriptor leads to the instance any more. */
void closed_while_waiting_waiting(struct rules *r, const struct task *t)
{
	const struct instance *inst = interest_find(model_interest(r->model), t->wait.ep);
	struct finding *f;

	if (!t->wait.ep || t->wait.entry_ns >= model_look_began_ns(r->model))
		return;
	if (inst && model_look_saw(r->model, inst))
		return;
	f = rules_suspect(r, RULE_CLOSED_WHILE_WAITING, (uint64_t)t->tid << 32);
	if (!f || r->now_ns - f->since_ns < r->T)
		return;
	f->pid = t->pid;
	f->tid = t->tid;
	f->epfd = t->wait.args.epfd;
	if (inst)
		f->instance = inst->number;
	if (!rules_raise(r, f, SEVERITY_WARNING))
		return;
	evidence(f, "the instance that was descriptor %d is open nowhere: only this wait keeps it",
		 t->wait.args.epfd);
	tell(r, f, t);
}

/* Its last entry went by a close, during a wait without time-out. */
void closed_while_waiting_instance(struct rules *r, const struct instance *inst)
{
	const struct task *t =
		inst->waiters ? tasks_find(model_tasks(r->model), inst->waiter) : NULL;
	const struct entry *last = inst->gone_entries;
	struct finding *f;

	if (!t || inst->live_count || !last || last->dels || t->wait.args.timeout_ns != -1 ||
	    last->ended_ns < t->wait.entry_ns)
		return;
	f = rules_suspect(r, RULE_CLOSED_WHILE_WAITING, inst->number);
	if (!f || r->now_ns - f->since_ns < r->T)
		return;
	rules_about_entry(r, f, last);
	if (!rules_raise(r, f, SEVERITY_NOTE))
		return;
	evidence(f, "the last entry of the instance was closed during a wait without time-out");
	tell(r, f, t);
}
