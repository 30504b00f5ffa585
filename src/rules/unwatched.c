/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unwatched: input waits in a socket that no instance watches, though the program believes that one
 * does. What became of the number shows that it believes so: a program that has taken a socket out of
 * the list on purpose, or has never registered it, looks the same to the kernel.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool is_lost(struct rules *r, const struct subject *s);
static enum severity judge_lost(struct rules *r, struct finding *f, const struct subject *s);
static void explain_lost(struct rules *r, struct finding *f, const struct subject *s);
static bool waits_in_vain(struct rules *r, const struct subject *s);
static void explain_wait(struct rules *r, struct finding *f, const struct subject *s);
static uint64_t key_of_wait(const struct rules *r, const struct subject *s);

const struct rule rule_unwatched = {
	.title = "a socket that the program waits for is in no interest list",
	.means = "A registration goes away with its file when that is closed, and "
		 "EPOLL_CTL_DEL goes by number. A program that keeps its own list by "
		 "number loses a socket if a late EPOLL_CTL_DEL removes the entry of the "
		 "number's new file, if it believes that a new file is registered "
		 "because the number's old one was, or if it does not answer an "
		 "EPOLL_CTL_MOD that gave ENOENT. So does a program whose forked child "
		 "tidies up in the instance that both share.",
	.evidence = "Input or the end of file waits in a socket that no instance watches, "
		    "nobody has taken any of it, and no thread is in a call on it; and its "
		    "entry was deleted before its first event or by another process, or "
		    "EPOLL_CTL_MOD on it gave ENOENT, or the number's former file was "
		    "closed and this one was never registered. It is a warning after T, or "
		    "after 3 T if the entry was deleted before its first event, and an "
		    "error if every thread of the process has been parked for 5 T. In the "
		    "last case there is only that error, or a note after 10 T, because many "
		    "files that are never registered have such a number. Datagrams, and "
		    "sockets that the peer has closed, weigh less: they may be late "
		    "answers, or kept for later. It is also a warning if all threads of a "
		    "process have been parked without a time-out for T and no instance that "
		    "they wait on watches anything.",
	.not_it = "A reader that is paused by EPOLL_CTL_DEL after some events; sockets "
		  "that another thread reads, or that poll or select watches; listeners; "
		  "input that is left because output of the process is blocked; threads "
		  "that wait on an empty instance while others may register something.",
	.fix = "forget what is known of a number when it is closed, EPOLL_CTL_DEL "
	       "before close, and EPOLL_CTL_ADD if EPOLL_CTL_MOD gives ENOENT",
	.asks = {{.about = ABOUT_STRAY,
		  .pictured = is_lost,
		  .judge = judge_lost,
		  .explain = explain_lost},
		 {.about = ABOUT_WAITER,
		  .hold = 1,
		  .pictured = waits_in_vain,
		  .severity = SEVERITY_WARNING,
		  .explain = explain_wait,
		  .key = key_of_wait}},
	.needs_ready = true,
};

#define CONFIRM	      5	 /* T that every thread of the process must be parked for */
#define PATIENCE      3	 /* T, if a reader may have been paused before its first event */
#define LONG_PATIENCE 10 /* T, if the socket may never have been meant for a list */

/* Why the program thinks that the socket is watched. */
enum belief {
	NO_BELIEF,
	DELETED_EARLY,	  /* before its first event */
	DELETED_BY_OTHER, /* by a process that has not registered it */
	MOD_REFUSED,
	NUMBER_REUSED, /* the former file of the number was registered, and closed */
};

static enum belief belief_of(const struct rules *r, const struct lapse *l)
{
	bool same = l->file == l->stray->file && l->ino == l->stray->ino;

	switch (l->how) {
	case LAPSE_DELETED:
		if (!same)
			return NO_BELIEF;
		if (!tasks_one_table(model_tasks(r->model), l->by_pid, l->pid))
			return DELETED_BY_OTHER;
		return l->deliveries || l->discovered || r->unread ? NO_BELIEF : DELETED_EARLY;
	case LAPSE_REFUSED:
		return same ? MOD_REFUSED : NO_BELIEF;
	case LAPSE_CLOSED:
		return NUMBER_REUSED;
	case LAPSE_INSTANCE:
		break;
	}
	return NO_BELIEF;
}

/* Is a thread of the process in a call on the file, or in one that may be about any? */
static bool in_use(const struct rules *r, const struct lapse *l)
{
	const struct tasks *tasks = model_tasks(r->model);
	struct node *n = table_find(&tasks->tasks_by_pid, hash_u64(l->pid));

	for (; n && model_affords(r->model, 1); n = table_next(n)) {
		const struct task *t = container_of(n, struct task, by_pid);

		if (t->pid != l->pid || !t->scanned || t->state == THREAD_RUNS)
			continue;
		if (t->file && t->file_addr == l->stray->file)
			return true;
		if (model_syscall_polls(r->model, t->nr))
			return true;
	}
	return false;
}

/*
 * A datagram may be the late answer to a question that was given up, and a socket that has reached
 * its end of file may have been kept for later use.
 */
static bool may_be_left(const struct lapse *l)
{
	return l->stray->pending.class != CLASS_STREAM || l->stray->pending.peer_closed;
}

/* Does the process wait for room, or for a connection to be made? Then other things come first. */
static bool waits_for_room(const struct rules *r, uint32_t pid)
{
	const struct instance *i = model_interest(r->model)->instances;

	for (; i && model_affords(r->model, 1); i = i->next) {
		const struct process *p = fact_process(r, i);

		if (!p || p->pid != pid)
			continue;
		for (const struct entry *e = i->entries; e && model_affords(r->model, 1);
		     e = e->next)
			if (fact_known(r, e) && e->observed->events & OUTPUT &&
			    !(e->observed->events & EPOLLET) && !e->observed->ready)
				return true;
	}
	return false;
}

/* T: how many of these it has been so; parked: nothing in the process can come back to it. */
static enum severity deleted_early(const struct lapse *l, uint64_t T, bool parked)
{
	bool may_be = may_be_left(l), unread = pending_waits(&l->stray->pending);

	if (parked && unread)
		return may_be ? SEVERITY_WARNING : SEVERITY_ERROR;
	if (may_be)
		return T >= LONG_PATIENCE ? SEVERITY_NOTE : SEVERITY_NONE;
	return T >= PATIENCE ? SEVERITY_WARNING : SEVERITY_NONE;
}

/* A blocking socket is read by the thread that has it. */
static enum severity number_reused(const struct rules *r, const struct lapse *l, uint64_t T,
				   bool parked)
{
	if (may_be_left(l) || !l->stray->pending.nonblock)
		return SEVERITY_NONE;
	if (parked && !waits_for_room(r, l->pid))
		return SEVERITY_ERROR;
	return T >= LONG_PATIENCE ? SEVERITY_NOTE : SEVERITY_NONE;
}

static enum severity judge_lost(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct lapse *l = s->stray;
	uint64_t quiet_ns = fact_stray_quiet_ns(r, l), held_ns = r->now_ns - f->since_ns;
	uint64_t T = quiet_ns < held_ns ? quiet_ns / r->T : held_ns / r->T;
	bool parked = T >= CONFIRM && fact_process_parked_ns(r, l->pid) >= CONFIRM * r->T;

	switch (belief_of(r, l)) {
	case DELETED_BY_OTHER:
	case MOD_REFUSED:
		return parked ? SEVERITY_ERROR : T >= 1 ? SEVERITY_WARNING : SEVERITY_NONE;
	case DELETED_EARLY:
		if (!fact_backpressured(r, l->pid))
			return deleted_early(l, T, parked);
		break;
	case NUMBER_REUSED:
		if (!fact_backpressured(r, l->pid))
			return number_reused(r, l, T, parked);
		break;
	case NO_BELIEF:
		break;
	}
	return SEVERITY_NONE;
}

static void evidence_belief(struct rules *r, struct finding *f, const struct lapse *l)
{
	double ago = seconds(r->now_ns - l->time_ns);

	switch (belief_of(r, l)) {
	case DELETED_EARLY:
		evidence(f, "EPOLL_CTL_DEL of it by thread %u %.1f s ago, before its first event",
			 l->by_tid, ago);
		break;
	case DELETED_BY_OTHER:
		evidence(f,
			 "process %u registered it, EPOLL_CTL_DEL of it by process %u %.1f s ago",
			 l->pid, l->by_pid, ago);
		break;
	case MOD_REFUSED:
		evidence(f,
			 "EPOLL_CTL_MOD of it by thread %u gave ENOENT %.1f s ago, and no "
			 "EPOLL_CTL_ADD has answered that",
			 l->by_tid, ago);
		break;
	case NUMBER_REUSED:
		evidence(f,
			 "the former file of descriptor %d was registered, and closed by thread "
			 "%u %.1f s ago; this one was never registered",
			 l->fd, l->by_tid, ago);
		break;
	case NO_BELIEF:
		break;
	}
}

/* The number, and the thread that may have lost it, because it ended its registration. */
static void set_subject(struct rules *r, struct finding *f, const struct lapse *l)
{
	const struct instance *i = model_interest(r->model)->instances;

	f->pid = l->pid;
	f->tid = l->by_pid == l->pid ? l->by_tid : l->pid;
	while (i && i->number != l->instance && model_affords(r->model, 1))
		i = i->next;
	if (i)
		rules_about_instance(r, f, i);
	f->instance = l->instance;
	f->fd = l->fd;
	if (!f->file)
		finding_set_file(f, l->stray->name, &l->stray->what);
}

static void explain_lost(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct lapse *l = s->stray;
	const struct pending *p = &l->stray->pending;
	double quiet = seconds(fact_stray_quiet_ns(r, l));
	char unread[UNREAD_TEXT];

	set_subject(r, f, l);
	if (p->listens)
		evidence(f, "%s, and no instance watches it; no accept for %.1f s",
			 unread_text(unread, p), quiet);
	else if (pending_waits(p))
		evidence(f, "%s, and no instance watches it; no read for %.1f s",
			 unread_text(unread, p), quiet);
	else
		evidence(f,
			 "the peer has closed its side, and no instance watches it; untouched "
			 "for %.1f s",
			 quiet);
	evidence_belief(r, f, l);
	if (f->severity == SEVERITY_ERROR)
		evidence(f, "all threads of process %u parked for %.1f s: none comes back to it",
			 l->pid, seconds(fact_process_parked_ns(r, l->pid)));
	else if (f->severity == SEVERITY_NOTE)
		evidence(f, "possible: it may be left alone on purpose");
}

static bool is_lost(struct rules *r, const struct subject *s)
{
	const struct pending *p = &s->stray->stray->pending;
	enum belief why = belief_of(r, s->stray);

	if (why == NO_BELIEF || !(pending_waits(p) || p->peer_closed))
		return false;
	if (p->listens && why != DELETED_BY_OTHER && why != MOD_REFUSED)
		return false;
	return !in_use(r, s->stray);
}

/* Is that of the process the whole of what it waits for: no entry of any instance? */
static bool waits_for_nothing(const struct rules *r, uint32_t pid)
{
	const struct interest *in = model_interest(r->model);

	for (const struct task *t = model_tasks(r->model)->waiting; t; t = t->next_waiting) {
		const struct instance *inst = interest_find(in, t->wait.ep);

		if (!model_affords(r->model, 1))
			return false;
		if (t->pid != pid)
			continue;
		if (!inst || inst->live_count || t->wait.args.sigmask_ptr)
			return false;
		for (const struct holder *h = inst->holders; h; h = h->next)
			if (h->pid != pid || !model_affords(r->model, 1))
				return false;
	}
	return true;
}

/* The last entry was closed during the wait: that is closed-while-waiting's. */
static bool closed_meanwhile(const struct instance *inst, const struct task *t)
{
	const struct entry *last = inst->gone_entries;

	return last && !last->dels && last->ended_ns >= t->wait.entry_ns;
}

#define NO_FD UINT32_MAX /* in the key of a wait: those of lost sockets are PID and number */

/* A socket that the process has lost says more. */
static bool has_lost(const struct rules *r, uint32_t pid)
{
	for (const struct finding *f = r->findings; f && model_affords(r->model, 1); f = f->next)
		if (f->rule == RULE_UNWATCHED && f->key >> 32 == pid && (uint32_t)f->key != NO_FD &&
		    f->round == r->round)
			return true;
	return false;
}

static bool waits_in_vain(struct rules *r, const struct subject *s)
{
	const struct instance *inst = s->instance;
	const struct task *t = s->waiter;

	return inst && !inst->live_count && inst->gone_entries && model_scan_saw(r->model, inst) &&
	       !closed_meanwhile(inst, t) && fact_process_parked_ns(r, t->pid) >= r->T &&
	       waits_for_nothing(r, t->pid) && !has_lost(r, t->pid);
}

/* One finding for all that wait there; descriptors are no such numbers. */
static uint64_t key_of_wait(const struct rules *r, const struct subject *s)
{
	(void)r;
	return (uint64_t)s->instance->number << 32 | NO_FD;
}

static void explain_wait(struct rules *r, struct finding *f, const struct subject *s)
{
	evidence(f, "the instance watches nothing, and nothing else can wake the process");
	evidence_waiter(r, f, s->instance);
}
