/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rules by their numbers: their rows, their names, what they say. */
#include "rules/rule.h"

#include <string.h>

#define ROW(id, file, name) [RULE_##id] = &rule_##file,
const struct rule *const rules_registry[RULE_COUNT] = {RULES(ROW)};
#undef ROW

#define NAME(id, file, name) [RULE_##id] = name,
static const char *const names[RULE_COUNT] = {RULES(NAME)};
#undef NAME

bool rules_happens(enum rule_id id)
{
	return rules_registry[id]->happens;
}

const char *severity_name(enum severity s)
{
	static const char *const severities[] = {"none", "note", "warning", "error"};

	return severities[s];
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
