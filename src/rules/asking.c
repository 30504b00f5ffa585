/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The engine asks: each question of each rule about each of its subjects, at the end of a scan, and
 * about a view. What is pictured is suspected, held, judged, raised; what no scan confirms is dropped.
 */
#include "rules/facts.h"
#include "rules/rule.h"
#include "rules/spins.h"

/*
 * Withdraws findings whose evidence this scan has not shown. But a process that has ended takes its
 * state with it, which proves nothing, and rules were not asked about one that is halted.
 */
static void sweep_findings(struct rules *r)
{
	struct finding **at = &r->findings;

	while (*at) {
		struct finding *f = *at;

		if (f->round != r->round && !rules_registry[f->rule]->happens) {
			if (f->state == FINDING_SUSPECTED) {
				rules_drop(r, at);
				continue;
			}
			if (f->state == FINDING_RAISED && !fact_halted(r, f->pid) &&
			    tasks_process(model_tasks(r->model), f->pid))
				rules_resolve(r, f);
		}
		at = &f->next;
	}
}

static uint64_t key_of(enum about about, const struct subject *s)
{
	switch (about) {
	case ABOUT_ENTRY:
	case ABOUT_DELIVERED:
		return s->entry->number;
	case ABOUT_INSTANCE:
		return s->instance->number;
	case ABOUT_HOLDER:
		return (uint64_t)s->holder->pid << 32 | s->instance->number;
	case ABOUT_WAITER:
		return (uint64_t)s->waiter->tid << 32;
	case ABOUT_THREAD:
		return (uint64_t)s->thread->tid << 32;
	case ABOUT_STRAY:
		return (uint64_t)s->stray->pid << 32 | (uint32_t)s->stray->fd;
	case ABOUT_VIEW:
		return (uint64_t)s->view->pid << 32;
	case ABOUT_NOTHING:
	case ABOUT_COUNT:
		break;
	}
	return 0;
}

/* What can be said of any finding about such a subject. */
static void fill_subject(struct rules *r, struct finding *f, const struct subject *s)
{
	if (s->holder)
		f->pid = f->tid = s->holder->pid;
	if (s->waiter) {
		f->pid = s->waiter->pid;
		f->tid = s->waiter->tid;
	}
	if (s->thread) {
		f->pid = s->thread->pid;
		f->tid = s->thread->tid;
	}
	if (s->view) {
		f->pid = s->view->pid;
		f->tid = s->view->tid;
	}
	if (s->entry)
		rules_about_entry(r, f, s->entry);
	else if (s->instance)
		rules_about_instance(r, f, s->instance);
}

static void ask_question(struct rules *r, const struct asked *a, const struct subject *s)
{
	const struct question *q = a->question;
	struct finding *f;

	if (!q->pictured(r, s))
		return;
	f = rules_suspect(r, a->id, q->key ? q->key(r, s) : key_of(q->about, s));
	if (!f || r->now_ns - f->since_ns < q->hold * r->T)
		return;
	if ((q->idle && !fact_idle(s->instance)) || (q->excused && q->excused(r, s)))
		return;
	if (!rules_raise(r, f, q->judge ? q->judge(r, f, s) : q->severity))
		return;
	fill_subject(r, f, s);
	q->explain(r, f, s);
	rules_report(r, f);
}

static void ask_all_of(struct rules *r, enum about about, const struct subject *s)
{
	for (unsigned i = 0; i < r->asked_count[about]; i++)
		ask_question(r, &r->asked[about][i], s);
}

/* Of a scan, an entry that cannot be judged. */
static void add_unjudged(struct unjudged *u, const struct entry *e)
{
	if (!u->count++)
		entry_text(u->example, e);
}

static void keep_most(struct unjudged *most, const struct unjudged *now)
{
	if (now->count > most->count)
		*most = *now;
}

static void ask_entries(struct rules *r, const struct instance *inst, struct unjudged *opaque)
{
	for (const struct entry *e = inst->entries; e; e = e->next) {
		ask_all_of(r, ABOUT_ENTRY, &(struct subject){.entry = e, .instance = inst});
		if (fact_opaque(r, e))
			add_unjudged(opaque, e);
	}
}

static void ask_turned(struct rules *r, const struct entry *e, struct unjudged *spins)
{
	ask_all_of(r, ABOUT_DELIVERED, &(struct subject){.entry = e, .instance = e->instance});
	if (fact_spin(r, e) == SPIN_UNKNOWN)
		add_unjudged(spins, e);
}

static void ask_delivered(struct rules *r, const struct instance *inst, struct unjudged *spins)
{
	for (const struct entry *e = inst->entries; e; e = e->next)
		if (e->turns)
			ask_turned(r, e, spins);
	for (unsigned i = 0; i < RECENT_GONE; i++) {
		const struct entry *e = inst->recent[i];

		if (e && e->turns && e->turns->put_back)
			ask_turned(r, e, spins);
	}
}

static void ask_holders(struct rules *r, const struct instance *inst)
{
	for (const struct holder *h = inst->holders; h && model_affords(r->model, 1); h = h->next)
		ask_all_of(r, ABOUT_HOLDER, &(struct subject){.holder = h, .instance = inst});
}

static void ask_waiting(struct rules *r)
{
	for (const struct task *t = model_tasks(r->model)->waiting; t; t = t->next_waiting) {
		const struct instance *inst = interest_find(model_interest(r->model), t->wait.ep);

		if (!fact_halted(r, t->pid))
			ask_all_of(r, ABOUT_WAITER,
				   &(struct subject){.waiter = t, .instance = inst});
	}
}

static void ask_threads(struct rules *r)
{
	const struct interest *in = model_interest(r->model);
	struct node *n, *next;

	table_each(&model_tasks(r->model)->by_tid, n, next) {
		const struct task *t = container_of(n, struct task, by_tid);

		if (t->waited_ep && !fact_halted(r, t->pid))
			ask_all_of(r, ABOUT_THREAD,
				   &(struct subject){.thread = t,
						     .instance = interest_find(in, t->waited_ep)});
	}
}

static void ask_strays(struct rules *r)
{
	for (const struct lapse *l = model_lapses(r->model)->newest; l; l = l->older)
		if (fact_stray(r, l) && !fact_halted(r, l->pid))
			ask_all_of(r, ABOUT_STRAY, &(struct subject){.stray = l});
}

/* A stream that was made up may have too many scans at too much. */
static bool can_afford_scan(struct rules *r)
{
	const struct interest *in = model_interest(r->model);

	return model_affords(r->model, in->by_fd.count * RULE_COUNT + in->by_ep.count + r->count +
					       model_tasks(r->model)->by_tid.size +
					       model_lapses(r->model)->count);
}

/* A scan that has left something out proves nothing. */
void rules_ask_all(struct rules *r)
{
	struct unjudged opaque = {0}, spins = {0};

	if (!model_scan_whole(r->model) || !can_afford_scan(r))
		return;
	r->round++;
	for (const struct instance *i = model_interest(r->model)->instances; i; i = i->next) {
		const struct process *p = fact_process(r, i);

		if (p && p->halted)
			continue;
		ask_all_of(r, ABOUT_INSTANCE, &(struct subject){.instance = i});
		ask_holders(r, i);
		ask_entries(r, i, &opaque);
		ask_delivered(r, i, &spins);
	}
	ask_strays(r);
	ask_waiting(r);
	ask_threads(r);
	sweep_findings(r);
	keep_most(&r->opaque, &opaque);
	keep_most(&r->spins, &spins);
}

void rules_ask_view(struct rules *r, const struct view *v)
{
	struct subject s = {.view = v, .instance = v->instance};

	for (unsigned i = 0; i < r->asked_count[ABOUT_VIEW]; i++)
		if (r->asked[ABOUT_VIEW][i].question->views >> v->kind & 1)
			ask_question(r, &r->asked[ABOUT_VIEW][i], &s);
}
