/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/tasks.h"

#include "base/list.h"

#include <stdlib.h>
#include <string.h>

static size_t batch_bytes(unsigned room)
{
	return sizeof(struct batch) + room * sizeof(struct ready_event);
}

static void free_batch(struct bounds *b, struct task *task)
{
	bounds_free(b, task->batch, task->batch ? batch_bytes(task->batch->room) : 0);
	task->batch = NULL;
}

static void free_task(struct bounds *b, struct task *task)
{
	free_batch(b, task);
	bounds_free_text(b, task->file);
	bounds_free(b, task, sizeof(*task));
}

static void free_tasks(struct tasks *t)
{
	struct node *n, *next;

	table_each(&t->by_tid, n, next)
		free_task(t->bounds, container_of(n, struct task, by_tid));
	table_free(&t->by_tid);
	table_free(&t->tasks_by_pid);
}

static void free_process(struct bounds *b, struct process *p)
{
	bounds_free(b, p, sizeof(*p));
}

static void free_processes(struct tasks *t)
{
	struct node *n, *next;

	table_each(&t->by_pid, n, next)
		free_process(t->bounds, container_of(n, struct process, by_pid));
	table_free(&t->by_pid);
}

void tasks_free(struct tasks *t)
{
	free_tasks(t);
	free_processes(t);
	while (t->roots) {
		struct root *root = t->roots;

		t->roots = root->next;
		bounds_free(t->bounds, root, sizeof(*root));
	}
}

struct task *tasks_find(const struct tasks *t, uint32_t tid)
{
	struct node *n;

	if (t->recent && t->recent->tid == tid)
		return t->recent;
	n = table_find(&t->by_tid, hash_u64(tid));
	while (n && container_of(n, struct task, by_tid)->tid != tid)
		n = table_next(n);
	return n ? container_of(n, struct task, by_tid) : NULL;
}

struct task *tasks_get_or_add(struct tasks *t, uint32_t pid, uint32_t tid)
{
	struct task *task = tasks_find(t, tid);

	if (task) {
		t->recent = task;
		return task;
	}
	task = bounds_alloc(t->bounds, sizeof(*task));
	if (!task || table_add(&t->by_tid, &task->by_tid, hash_u64(tid))) {
		bounds_free(t->bounds, task, sizeof(*task));
		return NULL;
	}
	if (table_add(&t->tasks_by_pid, &task->by_pid, hash_u64(pid))) {
		table_del(&t->by_tid, &task->by_tid);
		bounds_free(t->bounds, task, sizeof(*task));
		return NULL;
	}
	task->pid = pid;
	task->tid = tid;
	return task;
}

void tasks_forget(struct tasks *t, struct task *task)
{
	tasks_end_wait(t, task);
	if (t->recent == task)
		t->recent = NULL;
	table_del(&t->by_tid, &task->by_tid);
	table_del(&t->tasks_by_pid, &task->by_pid);
	free_task(t->bounds, task);
}

/* Waits are reported nearly in the order in which they began. */
static void link_due(struct tasks *t, struct task *task)
{
	struct task *before = t->last_due;

	while (before && before->wait.due_ns > task->wait.due_ns && bounds_step(t->bounds))
		before = before->prev_due;
	task->prev_due = before;
	task->next_due = before ? before->next_due : t->due;
	*(before ? &before->next_due : &t->due) = task;
	*(task->next_due ? &task->next_due->prev_due : &t->last_due) = task;
}

static void unlink_due(struct tasks *t, struct task *task)
{
	*(task->prev_due ? &task->prev_due->next_due : &t->due) = task->next_due;
	*(task->next_due ? &task->next_due->prev_due : &t->last_due) = task->prev_due;
}

void tasks_begin_wait(struct tasks *t, struct task *task, const struct event *ev, uint64_t due_ns)
{
	tasks_end_wait(t, task);
	task->wait = (struct wait){
		.active = true,
		.began_before = ev->inflight.began_before,
		.id = ev->inflight.id,
		.entry_ns = ev->time_ns,
		.due_ns = due_ns,
		.ep = ev->inflight.ep,
		.args = ev->inflight.args,
	};
	task->waited_ep = ev->inflight.ep;
	list_push_by(t->waiting, task, next_waiting, prev_waiting);
	link_due(t, task);
}

void tasks_end_wait(struct tasks *t, struct task *task)
{
	if (!task->wait.active)
		return;
	task->wait.active = false;
	if (!task->wait.shown)
		unlink_due(t, task);
	list_del_by(t->waiting, task, next_waiting, prev_waiting);
}

/* Room for so many events more. False: memory ran out. */
static bool grow_batch(struct bounds *b, struct task *task, unsigned more)
{
	struct batch *old = task->batch, *new;
	unsigned have = old ? old->count : 0, room = 2 * (have + more);

	if (old && old->room - have >= more)
		return true;
	new = bounds_alloc(b, batch_bytes(room));
	if (!new)
		return false;
	if (old)
		memcpy(new, old, batch_bytes(have));
	new->room = room;
	free_batch(b, task);
	task->batch = new;
	return true;
}

#define BATCH_MAX 65536 /* the kernel's are of half as many, see ET_READY_MORE */

void tasks_add_ready(struct tasks *t, struct task *task, const struct event *ev)
{
	const struct ready_bytes *ready = &ev->more_ready.ready;

	if (task->batch && task->batch->end_ns != ev->time_ns)
		free_batch(t->bounds, task);
	if (task->batch && task->batch->count > BATCH_MAX)
		return;
	if (!grow_batch(t->bounds, task, ready->count))
		return;
	task->batch->end_ns = ev->time_ns;
	for (unsigned i = 0; i < ready->count; i++)
		task->batch->at[task->batch->count++] = ready_at(ready, i);
}

void tasks_drop_ready(struct tasks *t, struct task *task)
{
	free_batch(t->bounds, task);
}

struct task *tasks_show_due(struct tasks *t, uint64_t now_ns)
{
	struct task *task = t->due;

	if (!task || now_ns < task->wait.due_ns)
		return NULL;
	unlink_due(t, task);
	task->wait.shown = true;
	return task;
}

struct task *tasks_other(const struct tasks *t, uint32_t pid, uint32_t tid)
{
	struct node *n = table_find(&t->tasks_by_pid, hash_u64(pid));

	for (; n; n = table_next(n)) {
		struct task *task = container_of(n, struct task, by_pid);

		if (task->pid == pid && task->tid != tid)
			return task;
	}
	return NULL;
}

struct process *tasks_process(const struct tasks *t, uint32_t pid)
{
	struct node *n = table_find(&t->by_pid, hash_u64(pid));

	while (n && container_of(n, struct process, by_pid)->pid != pid)
		n = table_next(n);
	return n ? container_of(n, struct process, by_pid) : NULL;
}

static uint32_t table_of(const struct tasks *t, uint32_t pid)
{
	const struct process *p = tasks_process(t, pid);

	return p && p->table_of ? p->table_of : pid;
}

bool tasks_one_table(const struct tasks *t, uint32_t pid, uint32_t other)
{
	return table_of(t, pid) == table_of(t, other);
}

struct root *tasks_get_or_add_root(struct tasks *t, uint32_t pid, uint32_t children)
{
	struct root **at = &t->roots;

	while (*at && (*at)->pid != pid) {
		if (!bounds_step(t->bounds))
			return NULL;
		at = &(*at)->next;
	}
	if (!*at) {
		*at = bounds_alloc(t->bounds, sizeof(**at));
		if (!*at)
			return NULL;
		(*at)->pid = pid;
		(*at)->children = children;
	}
	return *at;
}

void tasks_add_process(struct tasks *t, uint32_t pid, struct root *root)
{
	struct process *p = tasks_process(t, pid);

	if (!p) {
		p = bounds_alloc(t->bounds, sizeof(*p));
		if (!p || table_add(&t->by_pid, &p->by_pid, hash_u64(pid))) {
			free_process(t->bounds, p);
			return;
		}
		p->pid = pid;
	}
	p->root = root;
}

struct root *tasks_root(const struct tasks *t, uint32_t pid)
{
	struct process *p = tasks_process(t, pid);

	return p ? p->root : NULL;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint32_t *tasks_pids(const struct tasks *t, size_t *ret_count)
{
	uint32_t *pids = calloc(t->by_pid.count + 1, sizeof(*pids));
	struct node *n, *next;
	size_t count = 0;

	*ret_count = 0;
	if (!pids)
		return NULL;
	table_each(&t->by_pid, n, next)
		pids[count++] = container_of(n, struct process, by_pid)->pid;
	qsort(pids, count, sizeof(*pids), by_value);
	*ret_count = count;
	return pids;
}

void tasks_forget_process(struct tasks *t, uint32_t pid)
{
	struct process *p = tasks_process(t, pid);

	if (!p)
		return;
	table_del(&t->by_pid, &p->by_pid);
	free_process(t->bounds, p);
}
