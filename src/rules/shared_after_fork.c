/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * shared-after-fork: two processes use one instance, both after the fork that made one of them.
 * What one of them registers or removes, and what it is delivered, the other is as well. A thread
 * that is in a wait uses the instance, whether it ever returns or not: it may wait in vain for what
 * the other process has removed.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static bool pictured_by_call(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);
static uint64_t key_of(const struct rules *r, const struct subject *s);

const struct rule rule_shared_after_fork = {
	.title = "two processes use one instance",
	.means = "A forked process shares the instance; it has no copy of it. Each "
		 "process registers and removes entries for both, and events go to "
		 "either.",
	.evidence = "epoll_ctl or waits by two processes, both after the fork; a thread "
		    "that is in a wait uses the instance, whether it ever returns or not. "
		    "What each of them added, changed or removed last since the fork is "
		    "named.",
	.not_it = "Children that only inherit or close it; a parent that ends; processes "
		  "with one descriptor table (CLONE_FILES), which count as one user.",
	.fix = "make the instance after the fork",
	.asks = {{.about = ABOUT_VIEW,
		  .views = 1u << VIEW_CALL,
		  .pictured = pictured_by_call,
		  .severity = SEVERITY_WARNING,
		  .explain = explain,
		  .key = key_of},
		 /* A thread in a wait without end makes no call by which it would be noticed. */
		 {.about = ABOUT_WAITER,
		  .pictured = pictured,
		  .severity = SEVERITY_WARNING,
		  .explain = explain,
		  .key = key_of}},
	.happens = true,
};

static uint64_t forked_ns(const struct rules *r, uint32_t pid)
{
	const struct process *p = tasks_process(model_tasks(r->model), pid);

	return p ? p->forked_ns : 0;
}

/* When the last of both processes was made; 0: before the attach. */
static uint64_t parted_ns(const struct rules *r, const struct instance *inst)
{
	uint64_t former_ns = forked_ns(r, inst->former_user), own_ns = forked_ns(r, inst->user);

	return own_ns > former_ns ? own_ns : former_ns;
}

static uint64_t ctl_ns(const struct entry *e)
{
	return e->state == ENTRY_GONE ? e->ended_ns : e->changed_ns;
}

/* Was the entry's last epoll_ctl that process's, since then, and later than the other entry's? */
static bool is_later(const struct entry *e, uint32_t pid, uint64_t since_ns,
		     const struct entry *than)
{
	if (e->changed_by != pid || (e->state == ENTRY_GONE && !e->dels))
		return false;
	return ctl_ns(e) > since_ns && (!than || ctl_ns(e) > ctl_ns(than));
}

/* What the process has registered, changed or removed last since then. */
static void evidence_ctl(struct rules *r, struct finding *f, const struct instance *inst,
			 uint32_t pid, uint64_t since_ns)
{
	const struct entry *last = NULL;
	const char *what = "added";
	char text[ENTRY_TEXT];

	if (!model_affords(r->model, inst->live_count + inst->gone_count))
		return;
	for (const struct entry *e = inst->entries; e; e = e->next)
		if (is_later(e, pid, since_ns, last))
			last = e;
	for (const struct entry *e = inst->gone_entries; e; e = e->next)
		if (is_later(e, pid, since_ns, last))
			last = e;
	if (!last)
		return;
	if (last->state == ENTRY_GONE)
		what = "removed";
	else if (last->mods)
		what = "changed";
	evidence(f, "process %u %s %s for both, %.1f s ago", pid, what, entry_text(text, last),
		 seconds(r->now_ns - ctl_ns(last)));
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct instance *inst = s->instance;
	uint64_t since_ns;

	if (!inst || !inst->former_user || rules_find(r, RULE_SHARED_AFTER_FORK, inst->number))
		return false;
	since_ns = parted_ns(r, inst);
	return inst->former_used_ns > since_ns && inst->used_ns > since_ns;
}

static bool pictured_by_call(struct rules *r, const struct subject *s)
{
	return s->view->ev->kind != EVENT_CREATE && pictured(r, s);
}

static uint64_t key_of(const struct rules *r, const struct subject *s)
{
	(void)r;
	return s->instance->number;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct instance *inst = s->instance;
	uint64_t since_ns = parted_ns(r, inst);

	if (!since_ns) /* the one that was forked may have ended since */
		since_ns = inst->parted_ns;
	evidence(f, "processes %u and %u both use the instance%s", inst->former_user, inst->user,
		 since_ns ? ", both after the fork" : "");
	evidence_ctl(r, f, inst, inst->former_user, since_ns);
	evidence_ctl(r, f, inst, inst->user, since_ns);
	evidence_waiter(r, f, inst);
}
