/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the rules suspect and raise: findings, by what they are about. */
#include "rules/rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS_MAX 65536

static uint64_t key_hash(enum rule_id id, uint64_t key)
{
	return hash_two(key, id);
}

struct finding *rules_find(const struct rules *r, enum rule_id id, uint64_t key)
{
	struct node *n = table_find(&r->by_key, key_hash(id, key));

	for (; n; n = table_next(n)) {
		struct finding *f = container_of(n, struct finding, by_key);

		if (f->rule == id && f->key == key)
			return f;
	}
	return NULL;
}

static struct finding *new_finding(struct rules *r, enum rule_id id, uint64_t key)
{
	struct finding *f = r->count < FINDINGS_MAX ? calloc(1, sizeof(*f)) : NULL;

	if (!f || table_add(&r->by_key, &f->by_key, key_hash(id, key))) {
		free(f);
		r->full = true;
		return NULL;
	}
	f->rule = id;
	f->key = key;
	f->epfd = f->fd = -1;
	f->since_ns = r->now_ns;
	*r->findings_end = f;
	r->findings_end = &f->next;
	r->count++;
	return f;
}

struct finding *rules_suspect(struct rules *r, enum rule_id id, uint64_t key)
{
	struct finding *f = rules_find(r, id, key);

	if (!f)
		f = new_finding(r, id, key);
	if (!f)
		return NULL;
	if (f->state == FINDING_RESOLVED && f->round + 1 < r->round)
		f->since_ns = r->now_ns;
	f->round = r->round;
	return f;
}

/* The number by which a process that is traced holds the instance. */
static const struct holder *holder_of(const struct instance *inst, uint32_t pid)
{
	const struct holder *any = NULL;

	for (const struct holder *h = inst->holders; h; h = h->next) {
		if (h->foreign)
			continue;
		if (h->pid == pid)
			return h;
		if (!any)
			any = h;
	}
	return any;
}

void rules_about_instance(struct rules *r, struct finding *f, const struct instance *inst)
{
	const struct task *waiter =
		inst->waiters ? tasks_find(model_tasks(r->model), inst->waiter) : NULL;
	const struct holder *h;

	if (waiter && !f->pid) {
		f->pid = waiter->pid;
		f->tid = waiter->tid;
	}
	h = holder_of(inst, f->pid ? f->pid : inst->user);
	f->instance = inst->number;
	f->epfd = h ? h->fd : -1;
	if (h && !f->pid)
		f->pid = h->pid;
	if (!f->pid)
		f->pid = inst->user;
	if (!f->tid)
		f->tid = f->pid;
}

void rules_about_entry(struct rules *r, struct finding *f, const struct entry *e)
{
	rules_about_instance(r, f, e->instance);
	f->entry = e->number;
	f->fd = e->fd;
	finding_set_file(f, e->name, &e->what);
	f->ready_ns = e->last_ready_ns;
	f->ready = e->last_ready;
}

bool rules_raise(struct rules *r, struct finding *f, enum severity severity)
{
	bool graver = severity > f->severity;

	if (severity == SEVERITY_NONE || (f->state == FINDING_RAISED && !graver))
		return false;
	f->time_ns = r->now_ns;
	f->state = FINDING_RAISED;
	if (graver)
		f->severity = severity;
	if (severity > r->worst)
		r->worst = severity;
	f->evidence.len = 0;
	return true;
}

void evidence(struct finding *f, const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (f->evidence.len)
		buf_char(&f->evidence, '\n');
	buf_str(&f->evidence, line);
}

void rules_report(struct rules *r, struct finding *f)
{
	buf_char(&f->evidence, 0);
	if (f->evidence.failed) /* better none than half of it */
		buf_free(&f->evidence);
	f->delivered_ns = f->ready_ns;
	f->delivered = f->ready;
	causes_raise(r, f);
}

void rules_resolve(struct rules *r, struct finding *f)
{
	f->state = FINDING_RESOLVED;
	f->time_ns = r->now_ns;
	causes_resolve(r, f);
}

void rules_drop(struct rules *r, struct finding **at)
{
	struct finding *f = *at;

	*at = f->next;
	if (!f->next)
		r->findings_end = at;
	table_del(&r->by_key, &f->by_key);
	finding_free(f);
	r->count--;
}
