/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * epfd-leak: an instance that lives through an exec, since it is not close-on-exec; or instances
 * that are made and never waited on, while their number grows.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool outlived_exec(struct rules *r, const struct subject *s);
static void explain_exec(struct rules *r, struct finding *f, const struct subject *s);
static uint64_t key_of_exec(const struct rules *r, const struct subject *s);
static bool is_unused(struct rules *r, const struct subject *s);
static enum severity judge_unused(struct rules *r, struct finding *f, const struct subject *s);
static void explain_unused(struct rules *r, struct finding *f, const struct subject *s);
static uint64_t key_of_unused(const struct rules *r, const struct subject *s);

const struct rule rule_epfd_leak = {
	.title = "an instance that nobody needs stays open",
	.means = "Without EPOLL_CLOEXEC an instance lives on in every program that is "
		 "executed, with everything it watches. Or instances are made and "
		 "neither used nor closed.",
	.evidence = "A process has had an instance since before its exec and does not wait "
		    "on it. Or 16 instances have existed for 10 T without a wait, and a "
		    "later scan finds more.",
	.not_it = "Programs that never execute another one.",
	.fix = "epoll_create1(EPOLL_CLOEXEC); close what is not used",
	.asks = {{.about = ABOUT_HOLDER,
		  .pictured = outlived_exec,
		  .severity = SEVERITY_NOTE,
		  .explain = explain_exec,
		  .key = key_of_exec},
		 {.about = ABOUT_HOLDER,
		  .pictured = is_unused,
		  .judge = judge_unused,
		  .explain = explain_unused,
		  .key = key_of_unused}},
};

#define UNUSED_MIN    16	/* instances that nobody has waited on */
#define PATIENCE      10	/* T that they must be old, each */
#define memory_round  memory[0] /* the scan that counts now */
#define memory_count  memory[1] /* instances that it has counted so far, */
#define memory_old    memory[2] /* and of these old ones */
#define memory_before memory[3] /* the most that an earlier scan has counted */

static bool outlived_exec(struct rules *r, const struct subject *s)
{
	const struct process *p = tasks_process(model_tasks(r->model), s->holder->pid);

	return !s->holder->foreign && !s->holder->cloexec && p && p->execed_ns &&
	       s->instance->first_ns < p->execed_ns && !s->instance->waiters;
}

static uint64_t key_of_exec(const struct rules *r, const struct subject *s)
{
	(void)r;
	return (uint64_t)s->holder->pid << 32 | s->instance->number;
}

static void explain_exec(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)r;
	evidence(f, "process %u ('%s') has it since before its exec: it is not close-on-exec",
		 s->holder->pid, s->holder->comm);
}

static bool is_unused(struct rules *r, const struct subject *s)
{
	(void)r;
	return !s->instance->waited_ns && !s->instance->waiters && !s->holder->foreign;
}

/* One for each process: no instance has number 0. */
static uint64_t key_of_unused(const struct rules *r, const struct subject *s)
{
	(void)r;
	return (uint64_t)s->holder->pid << 32;
}

/* Counted as one instance after the other is asked about. */
static enum severity judge_unused(struct rules *r, struct finding *f, const struct subject *s)
{
	if (f->memory_round != r->round) {
		if (f->memory_count > f->memory_before)
			f->memory_before = f->memory_count;
		f->memory_round = r->round;
		f->memory_count = f->memory_old = 0;
	}
	f->memory_count++;
	f->memory_old += r->now_ns - s->instance->first_ns >= PATIENCE * r->T;
	if (f->memory_old < UNUSED_MIN || !f->memory_before || f->memory_count <= f->memory_before)
		return SEVERITY_NONE;
	return SEVERITY_NOTE;
}

static void explain_unused(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)s;
	evidence(f, "%u instances that nobody has waited on for %.1f s, and more and more of them",
		 (unsigned)f->memory_old, seconds(PATIENCE * r->T));
}
