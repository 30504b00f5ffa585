/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The engine: asks the rules at the end of scans, and at each view. */
#include "rules/facts.h"
#include "rules/failed_ctl.h"
#include "rules/rule.h"
#include "rules/spins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(id, file, name) [RULE_##id] = &rule_##file,
const struct rule *const rules_registry[RULE_COUNT] = {RULES(ROW)};
#undef ROW

#define NAME(id, file, name) [RULE_##id] = name,
static const char *const names[RULE_COUNT] = {RULES(NAME)};
#undef NAME

const char *const rules_unbuilt[] = {
	"speed and fairness",
	NULL,
};

static bool is_on(const struct rules *r, unsigned id)
{
	return r->opt.enabled >> id & 1;
}

/* Puts the rule's questions to those of the same subject; false: memory ran out. */
static bool begin_rule(struct rules *r, enum rule_id id)
{
	size_t size = rules_registry[id]->state_size;

	for (unsigned i = 0; i < ASKS_MAX; i++) {
		const struct question *q = &rules_registry[id]->asks[i];

		if (q->about != ABOUT_NOTHING)
			r->asked[q->about][r->asked_count[q->about]++] = (struct asked){id, q};
	}
	if (rules_registry[id]->view)
		r->viewers[r->viewer_count++] = rules_registry[id];
	r->states[id] = size ? calloc(1, size) : NULL;
	return !size || r->states[id];
}

struct rules *rules_new(const struct rules_options *opt, struct model *m, finding_fn *fn, void *ctx)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->opt = *opt;
	r->T = opt->stall_ns;
	r->model = m;
	r->fn = fn;
	r->ctx = ctx;
	r->findings_end = &r->findings;
	r->causes_end = &r->causes;
	r->backpressured_round = UINT64_MAX;
	for (unsigned id = 0; id < RULE_COUNT; id++)
		if (is_on(r, id) && !begin_rule(r, id)) {
			rules_free(r);
			return NULL;
		}
	return r;
}

void rules_free(struct rules *r)
{
	if (!r)
		return;
	while (r->findings) {
		struct finding *f = r->findings;

		r->findings = f->next;
		finding_free(f);
	}
	causes_free(r);
	table_free(&r->by_key);
	failed_ctls_free(r);
	paces_free(&r->paces);
	for (unsigned id = 0; id < RULE_COUNT; id++)
		free(r->states[id]);
	free(r);
}

/*
 * What this scan has not seen the evidence of is withdrawn; but a process that has ended takes its
 * state with it, and proves nothing by that, and one that is halted was not asked about.
 */
static void sweep_findings(struct rules *r)
{
	struct finding **at = &r->findings;

	while (*at) {
		struct finding *f = *at;

		if (f->round != r->round && !rules_happens(f->rule)) {
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
	struct node *n, *behind;

	table_each(&model_tasks(r->model)->by_tid, n, behind) {
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
static bool affords(struct rules *r)
{
	const struct interest *in = model_interest(r->model);

	return model_affords(r->model, in->by_fd.count * RULE_COUNT + in->by_ep.count + r->count +
					       model_tasks(r->model)->by_tid.size +
					       model_lapses(r->model)->count);
}

/* A scan that has left something out proves nothing. */
static void ask_all(struct rules *r)
{
	struct unjudged opaque = {0}, spins = {0};

	if (!model_scan_whole(r->model) || !affords(r))
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

/* What a rule has not seen it may think has not happened: every suspicion begins anew. */
static void doubt_all(struct rules *r)
{
	for (struct finding *f = r->findings; f; f = f->next)
		f->since_ns = r->now_ns;
}

static void note_loss(struct rules *r)
{
	r->lost = true;
	doubt_all(r);
}

static void count_wait(struct rules *r, const struct view *v)
{
	unsigned unknown = view_ready_unknown(v);

	r->waits++;
	paces_count(&r->paces, v->pid, v->tid, v->time_ns, v->ev->call.ret);
	r->ready_unknown += unknown;
	if (unknown)
		snprintf(r->ready_text, sizeof(r->ready_text), "%llu ready events were not read",
			 (unsigned long long)r->ready_unknown);
}

static void ask_about_view(struct rules *r, const struct view *v)
{
	struct subject s = {.view = v, .instance = v->instance};

	for (unsigned i = 0; i < r->asked_count[ABOUT_VIEW]; i++)
		if (r->asked[ABOUT_VIEW][i].question->views >> v->kind & 1)
			ask_question(r, &r->asked[ABOUT_VIEW][i], &s);
}

void rules_view(struct rules *r, const struct view *v)
{
	r->now_ns = model_now_ns(r->model);
	failed_ctls_view(r, v);
	if (v->kind == VIEW_CALL && v->ev->kind == EVENT_WAIT)
		count_wait(r, v);
	if (v->kind == VIEW_SCAN)
		ask_all(r);
	else if (v->kind == VIEW_LOST && v->ev->lost.total + v->ev->lost.missed)
		note_loss(r);
	if (v->kind == VIEW_HALTED || v->kind == VIEW_RESUMED) {
		doubt_all(r);
		halts_note(r, v);
	}
	if (v->kind == VIEW_EXITED)
		halts_end(r, v);
	for (unsigned i = 0; i < r->viewer_count; i++)
		if (r->viewers[i]->views >> v->kind & 1)
			r->viewers[i]->view(r, v);
	ask_about_view(r, v);
	failed_ctls_closed(r, v);
}

enum mark rules_mark(struct rules *r, const struct entry *e, bool idle, enum rule_id *ret_rule)
{
	struct subject s = {.entry = e, .instance = e->instance};

	r->now_ns = model_now_ns(r->model);
	for (unsigned i = 0; i < r->asked_count[ABOUT_ENTRY]; i++) {
		const struct asked *a = &r->asked[ABOUT_ENTRY][i];
		const struct question *q = a->question;
		const struct rule *rule = rules_registry[a->id];

		if (rule->mark == MARK_NONE || (q->idle && !idle) || !q->pictured(r, &s) ||
		    (q->excused && q->excused(r, &s)) || (rule->marked && !rule->marked(r, e)))
			continue;
		*ret_rule = a->id;
		return rule->mark;
	}
	return MARK_NONE;
}

const struct finding *rules_next(const struct rules *r, const struct finding *f)
{
	return f ? f->next : r->causes;
}

const struct finding *rules_member(const struct rules *r, const struct finding *cause,
				   const struct finding *member)
{
	member = member ? member->next : r->findings;
	while (member && (member->cause != cause || member->state != FINDING_RAISED))
		member = member->next;
	return member;
}

enum severity rules_worst(const struct rules *r)
{
	return r->worst;
}

bool rules_full(const struct rules *r)
{
	return r->full;
}

bool rules_happens(enum rule_id id)
{
	return rules_registry[id]->happens;
}

bool rules_asked(const struct rules *r, enum rule_id id)
{
	return is_on(r, id);
}

uint64_t rules_waits(const struct rules *r)
{
	return r->waits;
}

const struct paces *rules_paces(const struct rules *r)
{
	return &r->paces;
}

uint64_t rules_ready_unknown(const struct rules *r)
{
	return r->ready_unknown;
}

const struct unjudged *rules_opaque(const struct rules *r)
{
	return &r->opaque;
}

const struct unjudged *rules_spins_unjudged(const struct rules *r)
{
	return &r->spins;
}

uint64_t rules_scans(const struct rules *r)
{
	return r->round;
}

const char *severity_name(enum severity s)
{
	static const char *const severities[] = {"none", "note", "warning", "error"};

	return severities[s];
}

/* Does it find something by scans alone? */
static bool hangs_on_scans(const struct rule *rule)
{
	return rule->asks[0].about != ABOUT_NOTHING && rule->asks[0].about != ABOUT_VIEW;
}

const char *rules_unchecked(const struct rules *r, enum rule_id id)
{
	const struct rule *rule = rules_registry[id];

	if (!is_on(r, id))
		return "not asked for";
	if (hangs_on_scans(rule) && !r->round)
		return fact_feature(r, FEATURE_FILES) ? "needs a whole scan of descriptors"
						      : "needs the " FEATURE_FILES;
	if (rule->needs_io && !fact_feature(r, FEATURE_IO))
		return "needs --io";
	return rule->needs_ready && r->ready_unknown ? r->ready_text : NULL;
}

struct rule_text rule_text(enum rule_id id)
{
	const struct rule *rule = rules_registry[id];

	return (struct rule_text){
		.title = rule->title,
		.means = rule->means,
		.evidence = rule->evidence,
		.not_it = rule->not_it,
		.fix = rule->fix,
	};
}

const char *finding_fix(const struct finding *f)
{
	return f->fix ? f->fix : rules_registry[f->rule]->fix;
}

const char *rule_name(enum rule_id id)
{
	return names[id];
}

enum rule_id rule_by_name(const char *name)
{
	unsigned id = 0;

	while (id < RULE_COUNT && strcmp(names[id], name) != 0)
		id++;
	return (enum rule_id)id;
}
