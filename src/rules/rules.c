/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The engine: the rules that were asked for, the views they take and their findings; see asking.c. */
#include "rules/facts.h"
#include "rules/failed_ctl.h"
#include "rules/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A rule may take for undone what was lost: every suspicion begins anew. */
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
	unsigned unknown = view_ready_unknown(v), passed_over = view_waits_passed_over(v);
	uint64_t times = 1ULL + v->ev->wait.others;

	r->waits += times;
	r->passed_over += v->ev->wait.others;
	paces_count(&r->paces, v->pid, v->tid, v->time_ns, v->ev->call.ret, times);
	r->ready_unknown += unknown;
	r->unread += unknown + passed_over;
	if (unknown + passed_over)
		snprintf(r->ready_text, sizeof(r->ready_text), "%llu ready events were not read",
			 (unsigned long long)r->unread);
}

void rules_view(struct rules *r, const struct view *v)
{
	r->now_ns = model_now_ns(r->model);
	failed_ctls_view(r, v);
	if (v->kind == VIEW_CALL && v->ev->kind == EVENT_WAIT)
		count_wait(r, v);
	if (v->kind == VIEW_SCAN)
		rules_ask_all(r);
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
	rules_ask_view(r, v);
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

uint64_t rules_waits_passed_over(const struct rules *r)
{
	return r->passed_over;
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
	return rule->needs_ready && r->unread ? r->ready_text : NULL;
}
