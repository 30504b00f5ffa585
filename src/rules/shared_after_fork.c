/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * shared-after-fork: two processes use one instance, both after the fork that made one of them.
 * What one of them registers or removes, and what it is delivered, the other is as well.
 */
#include "rules/list.h"

#include "rules/facts.h"

static uint64_t forked_ns(const struct rules *r, uint32_t pid)
{
	const struct process *p = tasks_process(model_tasks(r->model), pid);

	return p ? p->forked_ns : 0;
}

void shared_after_fork_view(struct rules *r, const struct view *v)
{
	const struct instance *inst = v->instance;
	uint64_t parted_ns, own_ns;
	struct finding *f;

	if (v->kind != VIEW_CALL || !inst || !inst->former_user || v->ev->kind == EVENT_CREATE)
		return;
	if (rules_find(r, RULE_SHARED_AFTER_FORK, inst->number))
		return;
	parted_ns = forked_ns(r, inst->former_user);
	own_ns = forked_ns(r, inst->user);
	if (own_ns > parted_ns)
		parted_ns = own_ns;
	if (inst->former_used_ns <= parted_ns)
		return;
	f = rules_suspect(r, RULE_SHARED_AFTER_FORK, inst->number);
	if (!f)
		return;
	f->pid = v->pid;
	f->tid = v->tid;
	rules_about_instance(r, f, inst);
	if (!rules_raise(r, f, SEVERITY_WARNING))
		return;
	evidence(f, "processes %u and %u both use the instance%s", inst->former_user, inst->user,
		 parted_ns ? ", both after the fork" : "");
	rules_tell(r, f);
}
