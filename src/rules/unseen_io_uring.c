/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unseen-io-uring: a target has an io_uring, and this kernel shows nothing of what goes through it.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_unseen_io_uring = {
	.title = "operations of io_uring are not seen",
	.means = "A program can do epoll_ctl, read, write and accept through "
		 "io_uring. These are no system calls; if the kernel lacks the "
		 "tracepoints, or the privileges do not suffice, what is done "
		 "that way is missing: entries come and go by themselves, and "
		 "reads are not counted.",
	.evidence = "A scan found that a target has an io_uring, and its operations "
		    "cannot be traced: see --features. It is a warning, because the "
		    "history is incomplete.",
	.not_it = "A program that uses its io_uring for files alone.",
	.fix = "trace on a kernel with the tracepoints of io_uring, or switch "
	       "io_uring off in the program",
	.happens = true,
	.asks = {{.about = ABOUT_VIEW,
		  .views = 1u << VIEW_SCAN,
		  .pictured = pictured,
		  .severity = SEVERITY_WARNING,
		  .explain = explain}},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	(void)r;
	return s->view->ev->scan.unseen;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct root *root = model_tasks(r->model)->roots;

	(void)s;
	f->pid = f->tid = root ? root->pid : 0;
	evidence(f, "what is done by io_uring is missing in what was found, and in what was not");
}
