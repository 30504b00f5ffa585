/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * phantom: an entry whose number is closed, or names another file now, while its file lives on. The
 * kernel goes on reporting it, and no epoll_ctl by that number reaches it. Scans over all processes
 * show that none which uses the instance has the file there, see model/scan.c; model/deliver.c finds
 * out that it was delivered, though another file is registered with the same data now.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool is_placed(const struct rules *r, const struct entry *e);
static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_phantom = {
	.title = "an entry whose number is closed, and whose file lives on",
	.means = "An entry belongs to the open file, not to the number. If a copy of the "
		 "descriptor is left, by dup, fork or SCM_RIGHTS, the entry stays: its "
		 "events continue, with data that now means something else or nothing. "
		 "EPOLL_CTL_DEL of the number gives EBADF or ENOENT.",
	.evidence = "For T no process that uses the instance, by epoll_ctl or a wait since "
		    "the fork, has had this file at this number. It is an error if the "
		    "entry was delivered meanwhile, otherwise a warning. If another file is "
		    "registered with the same data now, a delivery counts for the one that "
		    "was observed to be ready.",
	.not_it = "A close under way; a child that never had the numbers. A holder that "
		  "is not a target, or that was there before the attach, may use the "
		  "instance unobserved: what it has at the number counts until it has "
		  "been observed to do nothing for five seconds.",
	.fix = "EPOLL_CTL_DEL before close; close-on-exec; if it is too late, dup2 of "
	       "the copy onto the old number and EPOLL_CTL_DEL",
	.mark = MARK_NUMBER,
	.marked = is_placed,
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 0,
		  .pictured = pictured,
		  .judge = judge,
		  .explain = explain}},
};

#define memory_first memory[0] /* the time of the first scan that observed it so, ns */

static bool holds_instance(const struct instance *inst, uint32_t pid)
{
	const struct holder *h = inst->holders;

	while (h && h->pid != pid)
		h = h->next;
	return h;
}

/* An open entry of the same number and data, which the program takes the events for; NULL: none. */
static const struct entry *successor_of(const struct rules *r, const struct entry *e)
{
	const struct entry *new = interest_by_number(model_interest(r->model), e->instance, e->fd);

	while (new && (new->state != ENTRY_OPEN || new->data != e->data) &&
	       model_affords(r->model, 1))
		new = interest_by_number_next(new);
	return new &&new->state == ENTRY_OPEN &&new->data == e->data ? new : NULL;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	const struct entry *new = successor_of(r, e);
	char text[ENTRY_TEXT];

	evidence(f,
		 "number %d is closed, or another file's, in every process that uses the "
		 "instance, and its file lives on",
		 e->fd);
	if (new)
		evidence(f,
			 "%s is registered with the same data now: events of the old file are "
			 "taken for its own",
			 entry_text(text, new));
	if (e->unheld)
		evidence(f,
			 "no process has the file open at any number: it is in use elsewhere, as "
			 "in flight through a socket");
	else if (e->elsewhere)
		evidence(f, "process %u has the file open as descriptor %d%s", e->elsewhere,
			 e->elsewhere_fd,
			 e->elsewhere != f->pid && holds_instance(e->instance, e->elsewhere)
				 ? "; it has the instance, too, and does not use it"
				 : "");
}

/* A scan under way has not reached all processes that have the file: until its end it may be open. */
static bool is_placed(const struct rules *r, const struct entry *e)
{
	(void)e;
	return !model_scan_under_way(r->model);
}

static bool pictured(struct rules *r, const struct subject *s)
{
	(void)r;
	return s->entry->state == ENTRY_CLOSED;
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;

	if (!f->memory_first)
		f->memory_first = r->now_ns;
	if (r->now_ns - f->memory_first < r->T)
		return SEVERITY_NONE; /* a close may be under way */
	return e->last_ready_ns > f->memory_first ? SEVERITY_ERROR : SEVERITY_WARNING;
}
