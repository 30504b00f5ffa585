/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * phantom: an entry whose number is closed, or names another file now, while its file lives on. The
 * kernel goes on reporting it, and no epoll_ctl by that number reaches it. That nobody who holds
 * the instance has the file there was seen by looks over all processes, see model/look.c.
 */
#include "rules/list.h"

#include "rules/facts.h"

#define memory_first memory[0] /* the time of the first look that saw it so, ns */

static void tell(struct rules *r, struct finding *f, const struct entry *e)
{
	evidence(f,
		 "number %d is closed, or another file's, in every process that holds the "
		 "instance, and its file lives on",
		 e->fd);
	if (e->unheld)
		evidence(f,
			 "no process has the file open at any number: it is in use elsewhere, as "
			 "in flight through a socket");
	else if (e->elsewhere)
		evidence(f, "process %u has the file open as descriptor %d", e->elsewhere,
			 e->elsewhere_fd);
	rules_tell(r, f);
}

void phantom_entry(struct rules *r, const struct entry *e)
{
	struct finding *f;
	bool delivered;

	if (e->state != ENTRY_CLOSED)
		return;
	f = rules_suspect(r, RULE_PHANTOM, e->number);
	if (!f)
		return;
	if (!f->memory_first)
		f->memory_first = r->now_ns;
	if (r->now_ns - f->memory_first < r->T)
		return; /* a close may be under way */
	delivered = e->last_ready_ns > f->memory_first;
	rules_about_entry(r, f, e);
	if (rules_raise(r, f, delivered ? SEVERITY_ERROR : SEVERITY_WARNING))
		tell(r, f, e);
}
