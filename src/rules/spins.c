/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "rules/spins.h"

#include "event/names.h"
#include "rules/facts.h"

#include <errno.h>

#define PER_SECOND	  100
#define ACCEPT_PER_SECOND 20
#define CPU_SHARE	  0.05
#define DEPTH_MAX	  5 /* of instances within instances: EP_MAX_NESTS, and a recording may say more */

bool spin_io_tells(const struct rules *r, const struct entry_turns *t)
{
	return fact_feature(r, FEATURE_IO) && !t->put_back;
}

/*
 * Where not all waits are recorded, one event that happened to be stands for many: it takes a number of
 * them to say how many there were.
 */
#define SAMPLES_MIN 10

static bool is_delivered_often(const struct entry_turns *t, uint64_t count, unsigned per_second)
{
	return count >= SAMPLES_MIN * t->last.heaviest && is_often(t->ns, count, per_second);
}

/* Both scans, the last one among them, have seen it. */
static const struct entry_turns *turns_of(const struct rules *r, const struct entry *e)
{
	const struct entry_turns *t = e->turns;

	return t && t->ns && t->scanned_ns >= model_scan_began_ns(r->model) ? t : NULL;
}

/* Calls of read(2) and its like by the process between the last two scans; false: not known. */
static bool count_reads(const struct rules *r, uint32_t pid, uint64_t *ret_reads)
{
	const struct tasks *tasks = model_tasks(r->model);
	struct node *n = table_find(&tasks->tasks_by_pid, hash_u64(pid));
	uint64_t reads = 0;

	for (; n && model_affords(r->model, 1); n = table_next(n)) {
		const struct task *t = container_of(n, struct task, by_pid);

		if (t->pid != pid)
			continue;
		if (!t->turns.counts_io || !t->turns.ns)
			return false;
		reads += t->turns.last_reads;
	}
	*ret_reads = reads;
	return true;
}

/*
 * Is it read? What an eventfd has counted is the same after a read and a write: the calls of the
 * process decide, of which there are fewer than events if it is not read.
 */
static bool may_be_read(const struct rules *r, const struct entry *e, const struct entry_turns *t,
			bool *ret_known)
{
	uint64_t reads;

	*ret_known = t->read_known || spin_io_tells(r, t);
	if (t->was_read)
		return true;
	switch (t->pending.class) {
	case CLASS_EVENTFD:
	case CLASS_SEMAPHORE:
	case CLASS_SIGNALFD:
	case CLASS_INOTIFY:
		break;
	case CLASS_OTHER:
	case CLASS_STREAM:
	case CLASS_DATAGRAM:
	case CLASS_LISTENER:
	case CLASS_PIPE:
	case CLASS_TIMERFD:
	case CLASS_INSTANCE:
		return false;
	}
	if (spin_io_tells(r, t))
		return false;
	*ret_known = count_reads(r, fact_pid(r, e->instance), &reads);
	return *ret_known && reads >= t->last.count / 2;
}

static bool is_notifier(const struct pending *p)
{
	switch (p->class) {
	case CLASS_PIPE:
	case CLASS_EVENTFD:
	case CLASS_SEMAPHORE:
	case CLASS_TIMERFD:
	case CLASS_SIGNALFD:
	case CLASS_INOTIFY:
		return true;
	case CLASS_OTHER:
	case CLASS_STREAM:
	case CLASS_DATAGRAM:
	case CLASS_LISTENER:
	case CLASS_INSTANCE:
		break;
	}
	return false;
}

static bool has_no_descriptor_left(const struct rules *r, const struct entry *e)
{
	const struct process *p = fact_process(r, e->instance);

	if (e->io && e->io->in.ret < 0 && e->io->in.ret != -EAGAIN)
		return e->io->in.ret == -EMFILE || e->io->in.ret == -ENFILE ||
		       e->io->in.ret == -ENOBUFS || e->io->in.ret == -ENOMEM;
	return p && p->nofile_ns >= model_scan_began_ns(r->model);
}

static enum spin spin_of_listener(const struct rules *r, const struct entry *e,
				  const struct entry_turns *t)
{
	if (!pending_waits(&t->pending) ||
	    !is_delivered_often(t, t->last.with_input, ACCEPT_PER_SECOND))
		return SPIN_NONE;
	if (t->was_taken) /* by a spare descriptor, or by another thread */
		return SPIN_NONE;
	if (has_no_descriptor_left(r, e))
		return SPIN_ACCEPT;
	return !t->was_read && is_delivered_often(t, t->last.with_input, PER_SECOND) ? SPIN_INPUT
										     : SPIN_NONE;
}

static enum spin why_ready(const struct rules *r, const struct entry *e, unsigned depth);

/* An entry of the instance that this entry watches spins: that is to be found, and not both. */
static bool spins_within(const struct rules *r, const struct entry *outer, unsigned depth)
{
	const struct instance *inner = depth < DEPTH_MAX ? fact_inner(r, outer) : NULL;
	const struct entry *e = inner ? inner->entries : NULL;

	for (; e && model_affords(r->model, 1); e = e->next)
		if (why_ready(r, e, depth + 1) > SPIN_UNKNOWN ||
		    (e->what.kind == FILE_INSTANCE && spins_within(r, e, depth + 1)))
			return true;
	return false;
}

static enum spin spin_of_input(const struct rules *r, const struct entry *e,
			       const struct entry_turns *t, unsigned depth)
{
	const struct pending *p = &t->pending;
	bool known;

	if (!is_delivered_often(t, t->last.with_input, PER_SECOND) || may_be_read(r, e, t, &known))
		return SPIN_NONE;
	if (p->class == CLASS_INSTANCE)
		return spins_within(r, e, depth) ? SPIN_NONE : SPIN_INPUT;
	if (p->layered || !known)
		return SPIN_UNKNOWN;
	if (pending_waits(p))
		return is_notifier(p) ? SPIN_NOTIFIER : SPIN_INPUT;
	return p->peer_closed && !t->was_written ? SPIN_HANGUP : SPIN_NONE;
}

static enum spin spin_of_end(const struct entry_turns *t)
{
	const struct pending *p = &t->pending;

	if (!is_delivered_often(t, t->last.with_end, PER_SECOND) || t->was_read || t->was_written)
		return SPIN_NONE;
	if (p->unconnected)
		return SPIN_UNCONNECTED;
	if (t->last.any & EPOLLERR && !(t->last.any & EPOLLHUP) && (p->error || p->error_queue))
		return SPIN_ERROR;
	return SPIN_HANGUP;
}

/* Events with nothing but EPOLLOUT, at least. */
static enum spin spin_of_output(const struct rules *r, const struct entry_turns *t)
{
	uint64_t others = t->last.with_input + t->last.with_end;

	if (t->last.count <= others || !is_delivered_often(t, t->last.with_output, PER_SECOND) ||
	    !is_delivered_often(t, t->last.count - others, PER_SECOND) || t->was_written)
		return SPIN_NONE;
	return t->write_known || spin_io_tells(r, t) ? SPIN_OUTPUT : SPIN_UNKNOWN;
}

static enum spin why_ready(const struct rules *r, const struct entry *e, unsigned depth)
{
	const struct entry_turns *t = turns_of(r, e);
	enum spin spin;

	if (!t || (e->state != ENTRY_OPEN && !t->put_back))
		return SPIN_NONE;
	spin = spin_of_end(t);
	if (spin || e->events & EPOLLET)
		return spin;
	spin = t->pending.class == CLASS_LISTENER ? spin_of_listener(r, e, t)
						  : spin_of_input(r, e, t, depth);
	return spin ? spin : spin_of_output(r, t);
}

enum spin fact_spin(const struct rules *r, const struct entry *e)
{
	return why_ready(r, e, 0);
}

uint64_t spin_key(const struct rules *r, const struct subject *s)
{
	(void)r;
	return (uint64_t)s->instance->number << 32 | (uint32_t)s->entry->fd;
}

bool fact_turns_known(const struct rules *r, const struct task *t)
{
	return t->turns.ns && t->turns.scanned_ns >= model_scan_began_ns(r->model);
}

double fact_cpu_share(const struct task *t)
{
	return t->turns.ns ? (double)t->turns.last_cpu_ns / t->turns.ns : 0;
}

double fact_wanted_share(const struct task *t)
{
	uint64_t wanted_ns = t->turns.last_cpu_ns + t->turns.last_queued_ns;

	return t->turns.ns ? (double)wanted_ns / t->turns.ns : 0;
}

#define memory_scans memory[0]

bool spin_lasts(struct finding *f)
{
	return ++f->memory_scans > 1;
}

enum severity spin_judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct task *t = tasks_find(model_tasks(r->model), s->entry->turns->tid);

	if (!spin_lasts(f))
		return SEVERITY_NONE;
	return t && fact_wanted_share(t) >= CPU_SHARE ? SEVERITY_WARNING : SEVERITY_NOTE;
}

enum severity spin_judge_as(struct rules *r, struct finding *f, const struct subject *s,
			    bool certain)
{
	enum severity severity = spin_judge(r, f, s);

	return severity && !certain ? SEVERITY_NOTE : severity;
}

/* An entry that stands for the instance in another one, NULL: none does. */
static const struct entry *outer_of(const struct rules *r, const struct instance *inst)
{
	const struct instance *i = model_interest(r->model)->instances;

	for (; i && inst->file; i = i->next)
		for (const struct entry *e = i->entries; e && model_affords(r->model, 1);
		     e = e->next)
			if (e->what.kind == FILE_INSTANCE && e->file == inst->file)
				return e;
	return NULL;
}

void evidence_spin(struct rules *r, struct finding *f, const struct entry *e, const char *meanwhile)
{
	const struct entry_turns *turns = e->turns;
	const struct task *t = tasks_find(model_tasks(r->model), turns->tid);
	const struct entry *outer = outer_of(r, e->instance);
	struct buf events = {0};
	char text[ENTRY_TEXT];

	name_events(&events, turns->last.any);
	buf_char(&events, 0);
	evidence(f, "delivered %s%llu times in %.1f s with %s, %s",
		 turns->last.heaviest > 1 ? "about " : "", (unsigned long long)turns->last.count,
		 seconds(turns->ns), events.failed ? "?" : events.data, meanwhile);
	buf_free(&events);
	if (outer)
		evidence(f, "its instance is ready with it: %s in eventpoll#%u",
			 entry_text(text, outer), outer->instance->number);
	if (!t || !t->turns.ns)
		return;
	f->tid = t->tid;
	evidence(f, "thread %u spent %.0f %% of a CPU in this loop", t->tid,
		 fact_cpu_share(t) * 100);
}
