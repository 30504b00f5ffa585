/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * epfd-leak: an instance that lives through an exec, since it is not close-on-exec; or instances
 * that are made and never waited on, while their number grows.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static void ask_instance(struct rules *r, const struct instance *inst);

const struct rule rule_epfd_leak = {
	.title = "an instance that nobody needs stays open",
	.means = "Without EPOLL_CLOEXEC an instance lives on in each program that is run, with "
		 "all it watches. Or instances are made, and neither used nor closed.",
	.evidence = "A process has an instance since before its exec and does not wait on it. Or "
		    "16 instances that nobody has waited on for 10 T, and more at a later look.",
	.not_it = "Programs that never run another one.",
	.fix = "epoll_create1(EPOLL_CLOEXEC); close what is not used",
	.instance = ask_instance,
};

#define UNUSED_LEAST	   16			   /* instances that nobody has waited on */
#define PATIENCE	   10			   /* T that they must be old, each */
#define memory_round	   memory[0]		   /* the look that counts now */
#define memory_count	   memory[1]		   /* instances that it has found so far, */
#define memory_old	   memory[2]		   /* and of these old ones */
#define memory_before	   memory[3]		   /* the most that a look before has found */
#define UNUSED_IN(pid)	   ((uint64_t)(pid) << 32) /* no instance has number 0 */
#define BY_EXEC(pid, inst) ((uint64_t)(pid) << 32 | (inst)->number)

static void through_exec(struct rules *r, const struct instance *inst, const struct holder *h)
{
	const struct process *p = tasks_process(model_tasks(r->model), h->pid);
	struct finding *f;

	if (h->foreign || h->cloexec || !p || !p->execed_ns || inst->first_ns >= p->execed_ns ||
	    inst->waiters)
		return;
	f = rules_suspect(r, RULE_EPFD_LEAK, BY_EXEC(h->pid, inst));
	if (!f)
		return;
	f->pid = f->tid = h->pid;
	rules_about_instance(r, f, inst);
	if (!rules_raise(r, f, SEVERITY_NOTE))
		return;
	evidence(f, "process %u ('%s') has it since before its exec: it is not close-on-exec",
		 h->pid, h->comm);
	rules_tell(r, f);
}

/* Counted for each process, as one instance after the other is asked about. */
static void unused(struct rules *r, const struct instance *inst, uint32_t pid)
{
	struct finding *f = rules_suspect(r, RULE_EPFD_LEAK, UNUSED_IN(pid));

	if (!f)
		return;
	if (f->memory_round != r->round) {
		if (f->memory_count > f->memory_before)
			f->memory_before = f->memory_count;
		f->memory_round = r->round;
		f->memory_count = f->memory_old = 0;
	}
	f->memory_count++;
	f->memory_old += r->now_ns - inst->first_ns >= PATIENCE * r->T;
	if (f->memory_old < UNUSED_LEAST || !f->memory_before ||
	    f->memory_count <= f->memory_before)
		return;
	f->pid = f->tid = pid;
	rules_about_instance(r, f, inst);
	if (!rules_raise(r, f, SEVERITY_NOTE))
		return;
	evidence(f, "%u instances that nobody has waited on for %.1f s, and more and more of them",
		 (unsigned)f->memory_old, seconds(PATIENCE * r->T));
	rules_tell(r, f);
}

static void ask_instance(struct rules *r, const struct instance *inst)
{
	for (const struct holder *h = inst->holders; h; h = h->next) {
		if (!model_affords(r->model, 1))
			return;
		through_exec(r, inst, h);
		if (!inst->waited_ns && !inst->waiters && !h->foreign)
			unused(r, inst, h->pid);
	}
}
