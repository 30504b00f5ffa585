/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctl-error: epoll_ctl failed, reported once for each instance, operation, errno and cause. What an
 * errno means depends on what comes next: libraries ADD first and MOD if that is EEXIST, or MOD
 * first and ADD if that is ENOENT, and DEL blindly. So a call that another may answer, or one for a
 * file that cannot be polled, is judged when the program has gone on to wait for T.
 */
#include "event/names.h"
#include "rules/closed.h"
#include "rules/ctl_cause.h"
#include "rules/facts.h"
#include "rules/failed_ctl.h"
#include "rules/rule.h"

#include <errno.h>
#include <sys/epoll.h>

static void take_view(struct rules *r, const struct view *v);

const struct rule rule_ctl_error = {
	.title = "epoll_ctl failed",
	.means = "EEXIST: the file is registered already, and keeps its mask. EPERM: "
		 "regular files, directories and some devices cannot be polled. ENOENT: "
		 "the file is not registered. EBADF: the descriptor is not open. ENOSPC: "
		 "max_user_watches is reached. ELOOP: instances watch each other. "
		 "EINVAL: not an instance, the instance itself, an EPOLL_CTL_MOD of an "
		 "entry that has EPOLLEXCLUSIVE or is to get it, or flags that do not go "
		 "with it.",
	.evidence = "The calls, and who closed the descriptor. Warnings: EEXIST the second "
		    "time, or at once if the mask or the data differs, unless an "
		    "EPOLL_CTL_MOD answers it; ENOENT of EPOLL_CTL_MOD unless an "
		    "EPOLL_CTL_ADD answers it; EPERM of a file, or of a device while all "
		    "threads are parked (each once the program has gone on to wait for T); "
		    "EBADF of EPOLL_CTL_ADD and EPOLL_CTL_MOD. ENOSPC, ENOMEM, ELOOP and "
		    "EINVAL are errors, others notes.",
	.not_it = "Libraries that add first and modify at EEXIST, or the other way round "
		  "at ENOENT, or close what cannot be watched; EPOLL_CTL_ADD with the "
		  "same mask, and data that differ only in a count above the descriptor's "
		  "number (libev); EPOLL_CTL_DEL of what is not registered.",
	.fix = "EEXIST: EPOLL_CTL_MOD. ENOENT of EPOLL_CTL_MOD: EPOLL_CTL_ADD. EBADF: "
	       "EPOLL_CTL_DEL before close, and forget there that it is registered. "
	       "EPERM: no epoll for that file. ENOSPC: a higher "
	       "fs.epoll.max_user_watches. EINVAL of an EPOLLEXCLUSIVE entry: "
	       "EPOLL_CTL_DEL and EPOLL_CTL_ADD. Each finding names its own",
	.view = take_view,
	.views = 1u << VIEW_CALL | 1u << VIEW_SCAN | 1u << VIEW_CLOSE,
	.happens = true,
};

static uint64_t key_of(unsigned instance, int op, int err, enum ctl_cause cause)
{
	return (uint64_t)instance << 32 | (uint32_t)(op & 0xff) << 24 | (uint32_t)cause << 16 |
	       (uint16_t)err;
}

static void evidence_result(struct finding *f, int op, int err)
{
	struct buf words = {0};

	name_ctl_op(&words, op);
	buf_str(&words, " = -1 ");
	name_errno(&words, err);
	buf_char(&words, 0);
	evidence(f, "%s", words.failed ? "epoll_ctl failed" : words.data);
	buf_free(&words);
}

/* The finding, if it is to be reported now: with what it is about, and how the call ended. */
static struct finding *raise_call(struct rules *r, const struct failed_ctl *c,
				  const struct instance *inst, enum ctl_cause cause,
				  enum severity severity)
{
	uint64_t key = key_of(c->instance, c->op, c->err, cause);
	struct finding *f = rules_suspect(r, RULE_CTL_ERROR, key);

	if (!f)
		return NULL;
	if (f->state == FINDING_RAISED && severity <= f->severity) {
		rules_again(r, f);
		return NULL;
	}
	f->variant = key;
	f->pid = c->pid;
	f->tid = c->tid;
	if (inst)
		rules_about_instance(r, f, inst);
	f->epfd = c->epfd;
	f->fd = c->fd;
	finding_set_file(f, c->file, &c->what);
	f->fix = ctl_fix(c->op, c->err, cause);
	if (!rules_raise(r, f, severity))
		return NULL;
	evidence_result(f, c->op, c->err);
	return f;
}

static struct finding *raise_view(struct rules *r, const struct view *v, enum ctl_cause cause,
				  enum severity severity)
{
	struct failed_ctl c = failed_ctl_now(v);

	return raise_call(r, &c, v->instance, cause, severity);
}

/* What the errno means of a file or an entry, it means only if the kernel has given it. */
static void note_refused(struct rules *r, const struct view *v)
{
	int err = -v->ev->call.ret;
	bool grave = err == EINVAL || err == ENOSPC || err == ENOMEM || err == ELOOP;
	struct finding *f;

	if (err == ERRNO_RESTART)
		return;
	f = raise_view(r, v, CAUSE_ERRNO, grave ? SEVERITY_ERROR : SEVERITY_NOTE);
	if (!f)
		return;
	evidence(f, "the kernel was not asked: a seccomp filter, or a tracer, refused it");
	f->fix = "let the filter, or the tracer, pass epoll_ctl()";
	rules_report(r, f);
}

static void report_now(struct rules *r, const struct view *v, enum severity severity)
{
	enum ctl_cause cause = ctl_cause(r, v);
	struct finding *f = raise_view(r, v, cause, severity);

	if (!f)
		return;
	evidence_cause(f, v, cause);
	rules_report(r, f);
}

/* The number is not open: what it was, and which thread closed it. */
static void report_closed(struct rules *r, const struct view *v)
{
	const struct ctl_event *c = &v->ev->ctl;
	enum ctl_cause cause = ctl_cause(r, v);
	struct finding *f =
		raise_view(r, v, cause, c->op == EPOLL_CTL_DEL ? SEVERITY_NOTE : SEVERITY_WARNING);

	if (!f)
		return;
	evidence_cause(f, v, cause);
	if (cause == CAUSE_ERRNO &&
	    !evidence_closed(r, f, c->fd, c->table, v->time_ns + v->ev->call.duration_ns))
		evidence(f, "what descriptor %d was, and who closed it, was not seen", c->fd);
	rules_report(r, f);
}

/* The entry of that number whose file a scan has observed open elsewhere; NULL: there is none. */
static const struct entry *entry_elsewhere(const struct rules *r, const struct view *v)
{
	const struct ctl_event *c = &v->ev->ctl;
	const struct entry *e =
		v->instance ? interest_by_number(model_interest(r->model), v->instance, c->fd)
			    : NULL;

	while (e && (e->state != ENTRY_CLOSED || !e->elsewhere || e->file == c->file.addr))
		e = model_affords(r->model, 1) ? interest_by_number_next(e) : NULL;
	return e;
}

/* DEL of a number that stands for another file than the entry that has it: it stays. */
static void report_other_file(struct rules *r, const struct view *v)
{
	const struct entry *e = entry_elsewhere(r, v);
	struct finding *f = e ? raise_view(r, v, CAUSE_ERRNO, SEVERITY_NOTE) : NULL;

	if (!f)
		return;
	evidence(
		f,
		"the entry of that number is of a file that it is not any more, and stays: process "
		"%u has the file open as descriptor %d",
		e->elsewhere, e->elsewhere_fd);
	rules_report(r, f);
}

/* One more of what was judged: it is counted. */
static void count_judged(struct rules *r, const struct view *v)
{
	const struct failed_ctl *c = failed_ctl_of(r, v);
	struct finding *f = c && c->judged
				    ? rules_find(r, RULE_CTL_ERROR,
						 key_of(c->instance, c->op, c->err, CAUSE_ERRNO))
				    : NULL;

	if (f)
		rules_again(r, f);
}

static void report_again(struct rules *r, const struct view *v)
{
	const struct failed_ctl *c = failed_ctl_of(r, v);
	struct finding *f = c && c->count > 1 && !c->judged && !c->asks_whether
				    ? raise_view(r, v, CAUSE_ERRNO, SEVERITY_WARNING)
				    : NULL;

	if (!f)
		return;
	evidence(f, "again, and no EPOLL_CTL_MOD answers it");
	rules_report(r, f);
}

static void note_failed(struct rules *r, const struct view *v)
{
	bool deletes = v->ev->ctl.op == EPOLL_CTL_DEL;

	switch (-v->ev->call.ret) {
	case EEXIST:
		count_judged(r, v);
		report_again(r, v);
		break;
	case EBADF:
		report_closed(r, v);
		break;
	case ENOENT: /* of a MOD: see judge() */
		if (deletes)
			report_other_file(r, v);
		else
			count_judged(r, v);
		break;
	case ENOSPC:
	case ENOMEM:
	case ELOOP:
	case EINVAL:
		report_now(r, v, SEVERITY_ERROR);
		break;
	case EPERM: /* see judge() */
		count_judged(r, v);
		break;
	case ECANCELED: /* of io_uring */
		break;
	default:
		report_now(r, v, SEVERITY_NOTE);
		break;
	}
}

/* Has the program gone on to wait since the call, so that no answer is under way? */
static bool went_on(const struct failed_ctl *c, const struct instance *inst, const struct task *t)
{
	if (t->wait.active || t->turn_ns >= c->time_ns)
		return true;
	return !t->waited_ep && inst->waiters; /* it works for a thread that waits */
}

/*
 * For how long the program has waited since, without an answer; 0: it may be about to give one. A
 * program that knows that a file cannot be polled lets no wait block.
 */
static uint64_t waited_ns(const struct rules *r, const struct failed_ctl *c,
			  const struct instance *inst)
{
	const struct task *t = tasks_find(model_tasks(r->model), c->tid);
	const struct process *p = tasks_process(model_tasks(r->model), c->pid);
	uint64_t since_ns = c->time_ns;

	if (!t || !p || p->halted || !went_on(c, inst, t))
		return 0;
	if (c->err == EPERM && (!t->wait.active || t->wait.ep != inst->ep))
		return 0;
	if (c->err == EPERM && t->wait.entry_ns > since_ns)
		since_ns = t->wait.entry_ns;
	if (p->resumed_ns > since_ns)
		since_ns = p->resumed_ns;
	return r->now_ns > since_ns ? r->now_ns - since_ns : 0;
}

static const struct instance *instance_of(const struct rules *r, unsigned number)
{
	const struct instance *i = model_interest(r->model)->instances;

	while (i && i->number != number && model_affords(r->model, 1))
		i = i->next;
	return i && i->number == number ? i : NULL;
}

static enum severity severity_of(const struct rules *r, const struct failed_ctl *c,
				 const struct instance *inst)
{
	/* A device that cannot be polled, like /dev/null, may be watched in good faith. */
	if (c->err == EPERM && c->what.kind != FILE_PATH && fact_parked_ns(r, inst) < r->T)
		return SEVERITY_NOTE;
	return SEVERITY_WARNING;
}

/* "asked for EPOLLIN|EPOLLOUT, and the entry keeps EPOLLIN". */
static void evidence_masks(struct finding *f, const struct failed_ctl *c)
{
	struct buf b = {0};

	buf_str(&b, "asked for ");
	name_events(&b, c->events);
	buf_str(&b, ", and the entry keeps ");
	name_events(&b, c->masks);
	if (c->events == c->masks)
		buf_str(&b, ", as it was registered and with the data of then");
	buf_char(&b, 0);
	if (!b.failed)
		evidence(f, "%s", b.data);
	buf_free(&b);
}

static void evidence_unanswered(struct rules *r, struct finding *f, const struct failed_ctl *c,
				uint64_t waited)
{
	switch (c->err) {
	case EEXIST:
		evidence_masks(f, c);
		evidence(f, "no EPOLL_CTL_MOD has answered it for %.1f s", seconds(waited));
		break;
	case ENOENT:
		evidence(f,
			 "it is not registered, and no EPOLL_CTL_ADD has answered that for %.1f s",
			 seconds(waited));
		evidence_closed(r, f, c->fd, c->table, c->time_ns);
		break;
	default:
		evidence(f,
			 "this file cannot be polled, and thread %u has been in a wait for %.1f s "
			 "as if it "
			 "could",
			 c->tid, seconds(waited));
		break;
	}
}

static bool is_judged_late(const struct failed_ctl *c)
{
	return (c->err == EEXIST && c->differs) || c->err == EPERM ||
	       (c->err == ENOENT && c->op == EPOLL_CTL_MOD);
}

static void judge(struct rules *r, struct failed_ctl *c)
{
	const struct instance *inst = instance_of(r, c->instance);
	uint64_t waited = inst ? waited_ns(r, c, inst) : 0;
	enum severity severity;
	struct finding *f;

	if (waited < r->T)
		return;
	severity = severity_of(r, c, inst);
	if (severity <= c->judged)
		return;
	c->judged = severity;
	f = raise_call(r, c, inst, CAUSE_ERRNO, severity);
	if (!f)
		return;
	evidence_unanswered(r, f, c, waited);
	rules_report(r, f);
}

/* At a scan all are judged, and at its close what it was about. */
static void judge_all(struct rules *r, const struct view *v)
{
	for (unsigned i = 0; r->failed && i < FAILED_MAX; i++) {
		struct failed_ctl *c = &r->failed->at[i];

		if (c->err && !c->closed && is_judged_late(c) &&
		    (v->kind == VIEW_SCAN || failed_ctl_closes(c, v)))
			judge(r, c);
	}
}

static void take_view(struct rules *r, const struct view *v)
{
	if (v->kind == VIEW_SCAN || v->kind == VIEW_CLOSE)
		judge_all(r, v);
	if (v->kind != VIEW_CALL || v->ev->kind != EVENT_CTL || v->ev->call.ret >= 0)
		return;
	if (v->ev->call.skipped)
		note_refused(r, v);
	else
		note_failed(r, v);
}
