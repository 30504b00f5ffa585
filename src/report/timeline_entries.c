/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tracks of instances and of their entries. */
#include "report/timeline_internal.h"

#include <stdlib.h>
#include <sys/epoll.h>

/* What was emitted of an entry. */
#define EMITTED 1u
#define ENDED	2u
#define READY	4u /* the last scan observed it on the ready list */

/* The byte of a number, NULL if memory ran out. */
static uint8_t *state_of(uint8_t **at, size_t *size, uint32_t number)
{
	size_t more = *size ? *size : 256;
	uint8_t *bytes;

	if (number < *size)
		return *at + number;
	while (more <= number)
		more *= 2;
	bytes = realloc(*at, more);
	if (!bytes)
		return NULL;
	memset(bytes + *size, 0, more - *size);
	*at = bytes;
	*size = more;
	return bytes + number;
}

static struct track instance_track(const struct instance *inst)
{
	return (struct track){
		.kind = TRACK_INSTANCE,
		.id = track_id(ID_INSTANCE, inst->number),
		.instance = inst->number,
	};
}

static struct track ready_track(const struct instance *inst)
{
	return (struct track){
		.kind = TRACK_COUNTER,
		.id = track_id(ID_READY, inst->number),
		.parent = track_id(ID_INSTANCE, inst->number),
		.instance = inst->number,
		.name = "ready",
	};
}

static struct track entry_track(const struct entry *e)
{
	return (struct track){
		.kind = TRACK_ENTRY,
		.id = track_id(ID_ENTRY, e->number),
		.parent = track_id(ID_INSTANCE, e->instance->number),
		.instance = e->instance->number,
		.entry = e->number,
	};
}

/* The process whose track an instance is on: one that holds it, or was observed to use it. */
static struct proc *owner_of(struct timeline *t, const struct instance *inst, uint32_t pid)
{
	const struct holder *h = inst->holders;
	uint32_t of = h ? h->pid : pid;
	const char *comm = timeline_comm(t, of);

	if (!of)
		return NULL;
	return timeline_proc(t, of, !*comm && h ? h->comm : comm);
}

void timeline_instance(struct timeline *t, const struct instance *inst, uint32_t pid)
{
	uint8_t *is = state_of(&t->instances, &t->instances_size, inst->number);
	struct track track = instance_track(inst);
	struct proc *p;

	if (!is || *is)
		return;
	*is = EMITTED;
	p = owner_of(t, inst, pid);
	t->name.len = 0;
	buf_printf(&t->name, "eventpoll#%u", inst->number);
	if (p) {
		track.parent = p->track.id;
		track.pid = p->pid;
		buf_printf(&t->name, " of %u ", p->pid);
		buf_escaped(&t->name, p->comm, strlen(p->comm), "");
	}
	timeline_emit_track(t, &track);
	track = ready_track(inst);
	t->w.track(t->w.ctx, &track);
}

static void entry_args(struct timeline *t, const struct entry *e, bool discovered)
{
	args_clear(&t->args);
	args_i64(&t->args, "fd", e->fd);
	if (e->name)
		args_file(&t->args, "file", e->name, e->what.deleted);
	args_events(&t->args, "events", e->events);
	args_hex(&t->args, "data", e->data);
	if (discovered)
		args_true(&t->args, "found");
}

static void emit_edge(struct timeline *t, const struct entry *e, enum track_event_kind kind,
		      uint64_t time_ns)
{
	struct track track = entry_track(e);

	timeline_emit(t, &(struct track_event){.kind = kind,
					       .track = &track,
					       .time_ns = time_ns,
					       .name = "registered",
					       .category = "entry"});
}

static void emit_instant(struct timeline *t, const struct entry *e, uint64_t time_ns,
			 const char *name)
{
	struct track track = entry_track(e);

	timeline_emit(t, &(struct track_event){.kind = HAPPENS_INSTANT,
					       .track = &track,
					       .time_ns = time_ns,
					       .name = name,
					       .category = "entry"});
}

/* The entry's byte; announces its track, and that it is registered, if that was not done yet. */
static uint8_t *need_entry(struct timeline *t, const struct entry *e, uint32_t pid)
{
	uint8_t *is = state_of(&t->entries, &t->entries_size, e->number);
	struct track track = entry_track(e);

	if (!is || *is & EMITTED)
		return is;
	timeline_instance(t, e->instance, pid);
	*is = EMITTED;
	t->name.len = 0;
	buf_printf(&t->name, "fd %d ", e->fd);
	if (e->name)
		args_append_file(&t->name, e->name, e->what.deleted);
	else if (t->name.len)
		t->name.len--;
	timeline_emit_track(t, &track);
	entry_args(t, e, e->discovered);
	emit_edge(t, e, HAPPENS_BEGIN, e->first_ns);
	return is;
}

void timeline_entry_changed(struct timeline *t, const struct view *v)
{
	const struct entry *e = v->entry;

	if (!e || e->state == ENTRY_GONE)
		return; /* VIEW_ENDED has reported it */
	need_entry(t, e, v->pid);
	if (v->ev->ctl.op != EPOLL_CTL_MOD)
		return;
	entry_args(t, e, false);
	args_u64(&t->args, "tid", v->tid);
	emit_instant(t, e, v->time_ns + v->ev->call.duration_ns, "modified");
}

void timeline_delivered(struct timeline *t, const struct view *v)
{
	uint64_t time_ns = v->time_ns + v->ev->call.duration_ns;
	struct track track;

	if (!v->instance || v->ev->call.ret < 0)
		return;
	args_clear(&t->args);
	track = ready_track(v->instance);
	timeline_emit(t, &(struct track_event){.kind = HAPPENS_VALUE,
					       .track = &track,
					       .time_ns = time_ns,
					       .name = track.name,
					       .value = v->ev->call.ret});
	for (unsigned i = 0; i < v->ready_count; i++) {
		const struct entry *e = v->ready[i].entry;

		if (!e)
			continue;
		need_entry(t, e, v->pid);
		args_clear(&t->args);
		args_events(&t->args, "events", v->ready[i].event.events);
		args_u64(&t->args, "tid", v->tid);
		timeline_more_meant(&t->args, e);
		emit_instant(t, e, time_ns, "delivered");
	}
}

void timeline_seen(struct timeline *t, const struct view *v)
{
	const struct observed *observed = v->entry->observed;
	uint8_t *is = need_entry(t, v->entry, v->pid);
	bool was;

	if (!is || !observed)
		return;
	was = *is & READY;
	*is = observed->ready ? *is | READY : *is & ~READY;
	if (!observed->ready || was)
		return;
	args_clear(&t->args);
	if (observed->pending.has_unread)
		args_u64(&t->args, "unread_bytes", observed->pending.unread_bytes);
	if (observed->pending.has_count)
		args_u64(&t->args, "count", observed->pending.count);
	emit_instant(t, v->entry, v->time_ns, "ready");
}

void timeline_entry_ended(struct timeline *t, const struct view *v)
{
	const struct entry *e = v->entry;
	uint8_t *is = need_entry(t, e, 0);
	uint64_t end_ns = e->ended_ns > e->first_ns ? e->ended_ns : e->first_ns;

	if (!is || *is & ENDED)
		return;
	*is |= ENDED;
	args_clear(&t->args);
	args_text(&t->args, "by", e->dels ? "EPOLL_CTL_DEL" : "close");
	if (v->ended == ENDED_CLOSED)
		args_u64(&t->args, "tid", v->tid);
	args_u64(&t->args, "deliveries", e->deliveries);
	emit_instant(t, e, end_ns, "removed");
	args_clear(&t->args);
	emit_edge(t, e, HAPPENS_END, end_ns);
}

void timeline_entries_end(struct timeline *t, uint64_t now_ns)
{
	for (const struct instance *i = model_interest(t->model)->instances; i; i = i->next) {
		for (const struct entry *e = i->entries; e; e = e->next) {
			uint8_t *is = need_entry(t, e, 0);

			if (!is)
				continue;
			args_clear(&t->args);
			args_true(&t->args, "unfinished");
			emit_edge(t, e, HAPPENS_END, e->first_ns > now_ns ? e->first_ns : now_ns);
		}
	}
}
