/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rules.h - looks for misuse in what the model knows, and reports it.
 *
 * Rules read the model and never change it. Those that depend on the kernel's state are asked at the
 * end of each scan of descriptors, those that depend on calls at each call.
 */
#ifndef ET_RULES_H
#define ET_RULES_H

#include "model/model.h"
#include "rules/finding.h"
#include "rules/pace.h"
#include "rules/rules_options.h"

/* Called for each finding that is raised, again or not (f->repeated), made graver, or resolved. */
typedef void finding_fn(void *ctx, const struct finding *f);

/* The text of a rule, for --explain and the manual; see struct rule. */
struct rule_text {
	const char *title, *means, *evidence, *not_it, *fix;
};

/* What one scan alone shows of an entry. */
enum mark {
	MARK_NONE,
	MARK_NO_EDGE,  /* edge-triggered, input waits, not ready, all wait: no event will come */
	MARK_DISARMED, /* EPOLLONESHOT has disarmed it, and input waits */
	MARK_NUMBER,   /* no process that uses the instance has the file at this number */
	MARK_COUNT,
};

struct rules;

/* NULL if memory ran out. */
struct rules *rules_new(const struct rules_options *opt, struct model *m, finding_fn *fn,
			void *ctx);

/* Takes NULL. */
void rules_free(struct rules *r);

/* Takes a view of the model, when the model has changed and the view has been shown. */
void rules_view(struct rules *r, const struct view *v);

/*
 * What one scan shows of an entry: the mark of the first rule that has its picture and is not excused,
 * which is *ret_rule then. idle: all threads that wait on its instance have waited for a while. Only
 * for rules that need no views.
 */
enum mark rules_mark(struct rules *r, const struct entry *e, bool idle, enum rule_id *ret_rule);

/* Those that were raised, one for each cause, the oldest first; first: NULL. NULL: no more. */
const struct finding *rules_next(const struct rules *r, const struct finding *f);

/* The same of its members that are raised now. */
const struct finding *rules_member(const struct rules *r, const struct finding *cause,
				   const struct finding *member);

/* The gravest that was raised, whatever became of it. */
enum severity rules_worst(const struct rules *r);

/* Why the rule was not checked, or not in full; NULL: it was. Good until the next view. */
const char *rules_unchecked(const struct rules *r, enum rule_id id);

/* Were there more findings than are kept? */
bool rules_full(const struct rules *r);

/* Does it find what happens, which stays true, and not what is and may end? */
bool rules_happens(enum rule_id id);

/* Was the rule asked for? */
bool rules_asked(const struct rules *r, enum rule_id id);

/* Waits that returned. */
uint64_t rules_waits(const struct rules *r);

/* How often threads wait, and how often that fails. */
const struct paces *rules_paces(const struct rules *r);

/* What no rule looks for yet: a text each, NULL after the last. */
extern const char *const rules_unbuilt[];

/* Ready events of waits that are not known, so that no rule was asked about them. */
uint64_t rules_ready_unknown(const struct rules *r);

/* Waits of threads that wait very often which were counted and not read, see bpf/sampling.bpf.h. */
uint64_t rules_waits_passed_over(const struct rules *r);

/* Entries that no rule could judge: the most at a scan, and one of them, as "5<pipe:[1]>". */
struct unjudged {
	size_t count;
	char example[160];
};

/*
 * Entries that are edge-triggered or one-shot, though nothing shows what waits in them; and entries
 * that are delivered again and again, though nothing shows whether anything is done about them. Valid
 * until the next view.
 */
const struct unjudged *rules_opaque(const struct rules *r);
const struct unjudged *rules_spins_unjudged(const struct rules *r);

/* Scans at whose end rules were asked. */
uint64_t rules_scans(const struct rules *r);

#define HALTS_MAX 16

/* A process that was stopped or frozen, so that no rule was asked about it. */
struct halt {
	uint32_t pid;
	enum thread_state how; /* THREAD_STOPPED, THREAD_FROZEN */
	uint64_t since_ns;     /* it still is; 0: it goes on */
	uint64_t total_ns;     /* up to when it went on last */
};

/* Those that the model has reported, HALTS_MAX at most. */
size_t rules_halts(const struct rules *r, const struct halt **ret_halts);

struct rule_text rule_text(enum rule_id id);

/* What to do about it. */
const char *finding_fix(const struct finding *f);

/* "lost-edge". */
const char *rule_name(enum rule_id id);

/* The rule of that name, RULE_COUNT: there is none. */
enum rule_id rule_by_name(const char *name);

const char *severity_name(enum severity s);

#endif
