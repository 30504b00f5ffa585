/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a loop may be waiting for before it comes back to a file that it has left: it was given an
 * event, then asked another connection for something, or set a timer, and that has not come yet. All
 * threads are parked in their waits meanwhile, as they are if the file was forgotten.
 */
#include "rules/facts.h"

/* A timer that was set since then, or may have been, and has yet to expire. */
static bool is_timer_set(const struct rules *r, const struct entry *o, uint64_t then_ns)
{
	const struct pending *p = &o->observed->pending;

	return !p->count && p->has_taken && p->taken > r->now_ns &&
	       o->observed->unread_since_ns > then_ns;
}

static bool is_of_port(const struct instance *inst, uint16_t port)
{
	for (const struct entry *e = inst->entries; e && port; e = e->next)
		if (e->observed && e->observed->pending.class == CLASS_LISTENER &&
		    e->observed->pending.port == port)
			return true;
	return false;
}

/* A client says something when it likes: it is another's answer that is waited for. */
static bool is_client(const struct rules *r, const struct entry *o, const struct entry *e)
{
	uint16_t port = o->observed->pending.port;

	if (port && port == e->observed->pending.port)
		return true;
	return !model_affords(r->model, o->instance->live_count) || is_of_port(o->instance, port);
}

static bool may_answer(const struct entry *o)
{
	switch (o->observed->pending.class) {
	case CLASS_STREAM:
	case CLASS_DATAGRAM:
	case CLASS_PIPE:
	case CLASS_OTHER: /* a pidfd among them */
		return !o->observed->ready && o->observed->events & (INPUT | OUTPUT);
	case CLASS_LISTENER:
	case CLASS_EVENTFD:
	case CLASS_SEMAPHORE:
	case CLASS_TIMERFD:
	case CLASS_SIGNALFD:
	case CLASS_INOTIFY:
	case CLASS_INSTANCE:
		break;
	}
	return false;
}

/* Was it armed or written to since then, and has it had no event yet? */
static bool is_asked(const struct entry *o, uint64_t then_ns)
{
	bool armed = !o->discovered && o->changed_ns > then_ns;
	bool written = o->observed->last_written_ns > then_ns ||
		       (o->io && o->io->out.calls && o->io->out.time_ns > then_ns);

	return (armed || written) && o->last_ready_ns < then_ns;
}

static bool is_awaited(const struct rules *r, const struct entry *o, const struct entry *e)
{
	if (o == e || o->state != ENTRY_OPEN || !fact_known(r, o))
		return false;
	if (o->observed->pending.class == CLASS_TIMERFD)
		return is_timer_set(r, o, e->last_ready_ns);
	return may_answer(o) && is_asked(o, e->last_ready_ns) && !is_client(r, o, e);
}

bool fact_awaits_other(const struct rules *r, const struct entry *e)
{
	const struct process *own = fact_process(r, e->instance);
	const struct instance *i = model_interest(r->model)->instances;

	if (!e->last_ready_ns)
		return fact_unread_ns(r, e); /* nobody knows */
	for (; i; i = i->next) {
		if (!model_affords(r->model, 1 + i->live_count))
			return true; /* nobody knows */
		if (i != e->instance && (!own || fact_process(r, i) != own))
			continue;
		for (const struct entry *o = i->entries; o; o = o->next)
			if (is_awaited(r, o, e))
				return true;
	}
	return false;
}
