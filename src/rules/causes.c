/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What one cause raises again and again is one finding: a server that handles a connection wrongly
 * does so with each. There are no stacks to go by, so that findings count as of one cause that are of
 * one rule (and variant), in one instance, or process, and about files of one kind.
 */
#include "rules/rule.h"

#include <stdlib.h>
#include <string.h>

#define CAUSES_MAX 4096

void finding_free(struct finding *f)
{
	buf_free(&f->evidence);
	free(f->file);
	free(f);
}

void finding_set_file(struct finding *f, const char *file, const struct file_what *what)
{
	free(f->file);
	f->file = file ? strdup(file) : NULL;
	f->what = *what;
}

static bool is_cause(const struct finding *c, const struct finding *member)
{
	return c->rule == member->rule && c->variant == member->variant &&
	       c->instance == member->instance && (c->instance || c->pid == member->pid) &&
	       files_alike(c->file, &c->what, member->file, &member->what);
}

static uint64_t hash(const struct finding *member)
{
	return hash_two(hash_two(member->rule, member->variant),
			member->instance ? member->instance : (uint64_t)member->pid << 32);
}

static struct finding *new_cause(struct rules *r, const struct finding *member)
{
	struct finding *c = r->cause_count < CAUSES_MAX ? calloc(1, sizeof(*c)) : NULL;

	if (!c || table_add(&r->by_cause, &c->by_key, hash(member))) {
		free(c);
		r->full = true;
		return NULL;
	}
	c->rule = member->rule;
	c->variant = member->variant;
	c->raised_ns = member->time_ns;
	*r->causes_end = c;
	r->causes_end = &c->next;
	r->cause_count++;
	return c;
}

static struct finding *cause_of(struct rules *r, const struct finding *member)
{
	struct node *n = table_find(&r->by_cause, hash(member));

	for (; n; n = table_next(n)) {
		struct finding *c = container_of(n, struct finding, by_key);

		if (is_cause(c, member))
			return c;
	}
	return new_cause(r, member);
}

/* The cause is about what the member is about. */
static void take_example(struct finding *c, struct finding *member)
{
	struct buf evidence = c->evidence;

	c->key = member->key;
	c->pid = member->pid;
	c->tid = member->tid;
	c->instance = member->instance;
	c->epfd = member->epfd;
	c->fd = member->fd;
	c->entry = member->entry;
	c->delivered_ns = member->delivered_ns;
	c->delivered = member->delivered;
	c->fix = member->fix;
	c->evidence = member->evidence;
	member->evidence = evidence;
	finding_set_file(c, member->file, &member->what);
}

void causes_raise(struct rules *r, struct finding *member)
{
	struct finding *c = member->cause ? member->cause : cause_of(r, member);

	if (!c)
		return;
	member->cause = c;
	if (!member->standing) {
		member->standing = 1;
		member->count++;
		c->standing++;
		c->count++;
	}
	c->state = FINDING_RAISED;
	c->time_ns = c->last_ns = member->time_ns;
	c->repeated = member->severity <= c->severity;
	if (member->severity >= c->severity)
		take_example(c, member);
	if (!c->repeated) {
		c->severity = member->severity;
		c->graver_ns = member->time_ns;
	}
	r->fn(r->ctx, c);
}

void rules_again(struct rules *r, struct finding *member)
{
	if (!member->cause)
		return;
	member->cause->count++;
	member->cause->last_ns = r->now_ns;
}

void causes_resolve(struct rules *r, struct finding *member)
{
	struct finding *c = member->cause;

	if (!c || !member->standing)
		return;
	member->standing = 0;
	if (--c->standing)
		return;
	c->state = FINDING_RESOLVED;
	c->time_ns = member->time_ns;
	c->repeated = c->count > 1; /* nor are later ones reported as raised */
	r->fn(r->ctx, c);
}

void causes_free(struct rules *r)
{
	while (r->causes) {
		struct finding *c = r->causes;

		r->causes = c->next;
		finding_free(c);
	}
	table_free(&r->by_cause);
}
