/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * blocking-fd: a watched descriptor without O_NONBLOCK. Sooner or later the loop is blocked in a
 * read or write of it instead of in its wait; if that was observed it is an error.
 */
#include "rules/facts.h"
#include "rules/rule.h"

#include <stdlib.h>

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_blocking_fd = {
	.title = "a watched descriptor lacks O_NONBLOCK",
	.means = "A read or write may block although the loop believes that it cannot: "
		 "after a spurious event, or when it reads until EAGAIN as EPOLLET "
		 "requires. Everything else that the loop serves then waits.",
	.evidence = "The file's flags; with --io also the call that removed O_NONBLOCK. It "
		    "is an error if a thread of the loop was seen blocked in a call on it; "
		    "a warning with EPOLLET and EPOLLIN for a pipe, and for a socket from "
		    "which --io saw the process itself read or accept without MSG_DONTWAIT; "
		    "otherwise a note.",
	.not_it = "One read per event in level-triggered mode, which with --io is not "
		  "reported; MSG_DONTWAIT; a listener from which workers in other "
		  "processes accept; eventfd, timerfd and signalfd, which are ready when "
		  "they say so.",
	.fix = "O_NONBLOCK by fcntl(F_SETFL), not F_SETFD, or accept4(SOCK_NONBLOCK)",
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = 0,
		  .pictured = pictured,
		  .judge = judge,
		  .explain = explain}},
};

#define memory_reads  memory[0] /* so many reads, */
#define memory_events memory[1] /* and so many events of it had been delivered then */

/* Files that a read or write of may block for long. */
static bool may_block(enum file_class class)
{
	return class == CLASS_STREAM || class == CLASS_DATAGRAM || class == CLASS_LISTENER ||
	       class == CLASS_PIPE;
}

/* A thread of the loop that is in a call about this very file, in no wait; NULL: none. */
static const struct task *stuck_in(const struct rules *r, const struct entry *e)
{
	struct node *n, *next;

	table_each(&model_tasks(r->model)->by_tid, n, next) {
		const struct task *t = container_of(n, struct task, by_tid);

		if (t->scanned && t->state == THREAD_BLOCKED && t->file &&
		    t->file_addr == e->file && t->waited_ep == e->instance->ep && !t->wait.active &&
		    t->scanned_ns >= model_scan_began_ns(r->model) &&
		    t->scanned_ns - t->since_ns >= r->T / 2)
			return t;
	}
	return NULL;
}

/*
 * Has --io shown no more reads than events, and no write? Then each read followed an event. It may
 * have been blocked in a read when the trace began. A datagram may be dropped between event and read,
 * a connection reset before it is accepted.
 */
static bool reads_what_is_reported(const struct rules *r, struct finding *f, const struct entry *e)
{
	uint64_t reads = e->io ? e->io->in.calls : 0;

	if (!fact_feature(r, FEATURE_IO) || (e->io && e->io->out.calls && e->io->out.may_block))
		return false;
	if (e->observed->pending.class == CLASS_DATAGRAM ||
	    e->observed->pending.class == CLASS_LISTENER)
		return false;
	if (e->deliveries < f->memory_events) { /* an interval has begun */
		f->memory_reads = reads;
		f->memory_events = e->deliveries;
	}
	return reads - f->memory_reads <= e->deliveries - f->memory_events + 1;
}

/*
 * Is one of the two threads that read it last of the process that waits for it? A master may only watch
 * a listener, and its workers, which share that, block in accept.
 */
static bool loop_reads(const struct rules *r, const struct entry *e)
{
	const struct process *p = fact_process(r, e->instance);
	const struct task *last = tasks_find(model_tasks(r->model), e->io->in.tid);
	const struct task *other = tasks_find(model_tasks(r->model), e->io->in.other_tid);

	return p && ((last && last->pid == p->pid) || (other && other->pid == p->pid));
}

/*
 * Edge-triggered mode wants reads until EAGAIN. Of a socket a read may say MSG_DONTWAIT, which only
 * --io sees.
 */
static enum severity severity_of(const struct rules *r, struct finding *f, const struct entry *e,
				 const struct task *stuck)
{
	bool waits = e->observed->pending.class == CLASS_PIPE ||
		     (e->io && e->io->in.may_block && loop_reads(r, e));

	if (stuck)
		return SEVERITY_ERROR;
	if (!e->deliveries || (e->io && e->io->in.calls && !e->io->in.may_block))
		return SEVERITY_NONE;
	if (!(e->observed->events & EPOLLET) && reads_what_is_reported(r, f, e))
		return SEVERITY_NONE;
	return fact_edge(e) && waits ? SEVERITY_WARNING : SEVERITY_NOTE;
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	return fact_known(r, e) && !e->observed->pending.nonblock && e->state == ENTRY_OPEN &&
	       may_block(e->observed->pending.class);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct task *stuck = stuck_in(r, s->entry);

	if (stuck) {
		f->pid = stuck->pid;
		f->tid = stuck->tid;
	}
	return severity_of(r, f, s->entry, stuck);
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	const struct task *stuck = stuck_in(r, e);
	const char *call;

	evidence(f, "O_NONBLOCK is not set, %s",
		 e->observed->events & EPOLLET ? "EPOLLET" : "level-triggered");
	evidence_change(r, f, e);
	if (stuck) {
		call = model_syscall_name(r->model, stuck->nr);
		evidence(f, "thread %u of the loop is blocked in %s on it for %.1f s", stuck->tid,
			 call ? call : "a system call",
			 seconds(stuck->scanned_ns - stuck->since_ns));
	} else if (f->severity == SEVERITY_NOTE) {
		evidence(f, "possible: one read an event, or MSG_DONTWAIT, does not block");
	}
}
