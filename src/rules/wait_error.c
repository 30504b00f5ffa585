/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wait-error: a thread waits again and again, and each wait fails by its descriptor or by its
 * arguments: EBADF or EINVAL. A loop that tries again does so for ever; it sees nothing of what it
 * thinks that it watches. One such failure is how some loops learn of a shutdown.
 */
#include "event/names.h"
#include "rules/facts.h"
#include "rules/rule.h"

#include <errno.h>

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);
static uint64_t key_of(const struct rules *r, const struct subject *s);

const struct rule rule_wait_error = {
	.title = "every wait of a thread fails",
	.means = "EBADF: the number is not open. EINVAL: it is not an instance, or an "
		 "argument is not valid. The usual cause is other code that closed a "
		 "number which was not its own, in a double close or when a daemon "
		 "closes everything it does not know; the number is then reused for "
		 "another file. A loop that tries again never sees another event.",
	.evidence = "20 consecutive waits of a thread on one number, and all of its waits "
		    "for a tenth of T, failed with EBADF or EINVAL. It is an error, which "
		    "names what the number is now and, if that was observed, the thread "
		    "that closed the instance.",
	.not_it = "A loop that ends at the first EBADF because another thread has closed "
		  "the instance to shut it down.",
	.fix = "end the loop, or make the instance again; find the close of a number "
	       "that belongs to other code",
	.asks = {{.about = ABOUT_VIEW,
		  .views = 1u << VIEW_CALL,
		  .hold = 0,
		  .pictured = pictured,
		  .severity = SEVERITY_ERROR,
		  .explain = explain,
		  .key = key_of}},
	.happens = true,
};

#define IN_A_ROW 20

static const char *errno_text(int err)
{
	return errno_name(err) ? errno_name(err) : "an error";
}

/* What the number is, and which thread closed the instance that it was. */
static void report_number(struct rules *r, struct finding *f, const struct view *v)
{
	int epfd = v->ev->wait.args.epfd;
	const struct lapse *l = lapses_find(model_lapses(r->model), v->pid, epfd);

	if (v->epfile && v->epfile->text[0])
		evidence(f, "descriptor %d is no instance: it is %s%s", epfd, v->epfile->text,
			 v->epfile->what.deleted ? FILE_DELETED : "");
	else
		evidence(f, "descriptor %d is not open", epfd);
	if (!l || l->how != LAPSE_INSTANCE)
		return;
	f->instance = l->instance;
	evidence(f, "it was eventpoll#%u until thread %u closed it %.1f s ago%s", l->instance,
		 l->by_tid, seconds(r->now_ns - l->time_ns),
		 v->epfile ? ", and the number was used again" : "");
}

static void report_arguments(struct finding *f, const struct wait_args *args)
{
	if (args->maxevents <= 0)
		evidence(f, "maxevents is %d: there must be room for one event", args->maxevents);
	else
		evidence(f, "descriptor %d is an instance: an argument is not valid", args->epfd);
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct view *v = s->view;
	const struct failing *at = &v->task->failing;
	const char *call = call_name(v->ev->call.id);

	f->epfd = v->ev->wait.args.epfd;
	evidence(f, "%u times in a row %s(%d, ...) = -1 %s, by thread %u, for %.1f s", at->count,
		 call, at->epfd, errno_text(at->err), v->tid, seconds(r->now_ns - at->since_ns));
	if (v->ev->call.skipped)
		evidence(f, "the kernel was not asked: a seccomp filter, or a tracer, refused it");
	else if (v->instance)
		report_arguments(f, &v->ev->wait.args);
	else
		report_number(r, f, v);
}

/* Between the close of an instance and the end of its loop there may be some failures. */
static bool goes_on(const struct rules *r, const struct failing *at)
{
	return at->count >= IN_A_ROW && r->now_ns - at->since_ns >= r->T / 10;
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct view *v = s->view;

	return v->ev->kind == EVENT_WAIT && v->task && !v->ev->call.io_uring &&
	       goes_on(r, &v->task->failing);
}

/* One for all threads that wait there. */
static uint64_t key_of(const struct rules *r, const struct subject *s)
{
	(void)r;
	return (uint64_t)s->view->pid << 32 | (uint32_t)s->view->ev->wait.args.epfd;
}
