/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tracks of processes and threads, and what goes to the writer. */
#include "base/list.h"
#include "report/timeline_internal.h"

#include <stdio.h>

void timeline_emit(struct timeline *t, struct track_event *h)
{
	args_seal(&t->args);
	h->args = t->args.at;
	h->arg_count = t->args.count;
	t->w.happens(t->w.ctx, h);
}

void timeline_emit_track(struct timeline *t, struct track *track)
{
	buf_char(&t->name, 0);
	track->name = t->name.failed ? "" : t->name.data;
	t->w.track(t->w.ctx, track);
	track->name = NULL;
}

const char *timeline_comm(const struct timeline *t, uint32_t tid)
{
	const struct task *task = tasks_find(model_tasks(t->model), tid);

	return task ? task->comm : "";
}

/* Announces the track if it is new or its name has changed. */
static void name_track(struct timeline *t, struct track *track, char had[17], const char *comm)
{
	if (track->id && (!*comm || !strcmp(had, comm)))
		return;
	if (!track->id)
		track->id = track_id(ID_OTHER, ++t->ids);
	snprintf(had, 17, "%s", comm);
	t->name.len = 0;
	buf_escaped(&t->name, comm, strlen(comm), "");
	timeline_emit_track(t, track);
}

struct proc *timeline_find_proc(const struct timeline *t, uint32_t pid)
{
	struct node *n = table_find(&t->procs, hash_u64(pid));

	while (n && container_of(n, struct proc, by_pid)->pid != pid)
		n = table_next(n);
	return n ? container_of(n, struct proc, by_pid) : NULL;
}

struct proc *timeline_proc(struct timeline *t, uint32_t pid, const char *comm)
{
	struct proc *p = timeline_find_proc(t, pid);

	if (!p) {
		p = bounds_alloc(timeline_bounds(t), sizeof(*p));
		if (!p || table_add(&t->procs, &p->by_pid, hash_u64(pid))) {
			bounds_free(timeline_bounds(t), p, sizeof(*p));
			return NULL;
		}
		p->pid = pid;
		p->track = (struct track){.kind = TRACK_PROCESS, .pid = pid};
	}
	name_track(t, &p->track, p->comm, comm);
	return p;
}

struct thread *timeline_find_thread(const struct timeline *t, uint32_t pid, uint32_t tid)
{
	struct node *n = table_find(&t->threads, hash_two(pid, tid));

	while (n) {
		struct thread *th = container_of(n, struct thread, by_tid);

		if (th->track.pid == pid && th->track.tid == tid)
			return th;
		n = table_next(n);
	}
	return NULL;
}

static struct thread *new_thread(struct timeline *t, struct proc *p, uint32_t tid)
{
	struct thread *th = bounds_alloc(timeline_bounds(t), sizeof(*th));

	if (!th || table_add(&t->threads, &th->by_tid, hash_two(p->pid, tid))) {
		bounds_free(timeline_bounds(t), th, sizeof(*th));
		return NULL;
	}
	th->proc = p;
	th->track = (struct track){
		.kind = TRACK_THREAD, .parent = p->track.id, .pid = p->pid, .tid = tid};
	list_push(p->threads, th);
	return th;
}

/* The one of last time has a process, too, and only names may have changed. */
static struct thread *recent_thread(struct timeline *t, uint32_t pid, uint32_t tid)
{
	struct thread *th = t->recent;

	if (!th || th->track.tid != tid || th->track.pid != pid)
		return NULL;
	name_track(t, &th->proc->track, th->proc->comm, timeline_comm(t, pid));
	return th;
}

struct thread *timeline_thread(struct timeline *t, uint32_t pid, uint32_t tid)
{
	struct thread *th = recent_thread(t, pid, tid);

	if (!th) {
		struct proc *p = timeline_proc(t, pid, timeline_comm(t, pid));

		th = p ? timeline_find_thread(t, pid, tid) : NULL;
		if (p && !th)
			th = new_thread(t, p, tid);
	}
	t->recent = th;
	if (th)
		name_track(t, &th->track, th->comm, timeline_comm(t, tid));
	return th;
}

void timeline_free_thread(struct timeline *t, struct thread *th)
{
	table_del(&t->threads, &th->by_tid);
	if (t->recent == th)
		t->recent = NULL;
	list_del(th->proc->threads, th);
	bounds_free(timeline_bounds(t), th, sizeof(*th));
}
