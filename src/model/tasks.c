/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/tasks.h"

#include <stdlib.h>

static void free_task(struct task *task)
{
	free(task->file);
	free(task);
}

static void free_task_nodes(struct table *t)
{
	for (size_t i = 0; i < t->size; i++) {
		for (struct node *n = t->slots[i], *next; n; n = next) {
			next = n->next;
			free_task(container_of(n, struct task, by_tid));
		}
	}
	table_free(t);
}

static void free_process_nodes(struct table *t)
{
	for (size_t i = 0; i < t->size; i++) {
		for (struct node *n = t->slots[i], *next; n; n = next) {
			next = n->next;
			free(container_of(n, struct process, by_pid));
		}
	}
	table_free(t);
}

void tasks_free(struct tasks *t)
{
	free_task_nodes(&t->by_tid);
	free_process_nodes(&t->by_pid);
	while (t->roots) {
		struct root *root = t->roots;

		t->roots = root->next;
		free(root);
	}
}

struct task *tasks_find(const struct tasks *t, uint32_t tid)
{
	struct node *n = table_find(&t->by_tid, hash_u64(tid));

	while (n && container_of(n, struct task, by_tid)->tid != tid)
		n = table_next(n);
	return n ? container_of(n, struct task, by_tid) : NULL;
}

struct task *tasks_get(struct tasks *t, uint32_t pid, uint32_t tid)
{
	struct task *task = tasks_find(t, tid);

	if (task)
		return task;
	task = calloc(1, sizeof(*task));
	if (!task || table_add(&t->by_tid, &task->by_tid, hash_u64(tid))) {
		free(task);
		return NULL;
	}
	task->pid = pid;
	task->tid = tid;
	return task;
}

void tasks_forget(struct tasks *t, struct task *task)
{
	tasks_end_wait(t, task);
	table_del(&t->by_tid, &task->by_tid);
	free_task(task);
}

void tasks_begin_wait(struct tasks *t, struct task *task, const struct event *ev)
{
	tasks_end_wait(t, task);
	task->wait = (struct wait){
		.active = true,
		.began_before = ev->inflight.began_before,
		.id = ev->inflight.id,
		.entry_ns = ev->time_ns,
		.ep = ev->inflight.ep,
		.args = ev->inflight.args,
	};
	task->prev_waiting = NULL;
	task->next_waiting = t->waiting;
	if (task->next_waiting)
		task->next_waiting->prev_waiting = task;
	t->waiting = task;
}

void tasks_end_wait(struct tasks *t, struct task *task)
{
	if (!task->wait.active)
		return;
	task->wait.active = false;
	if (task->prev_waiting)
		task->prev_waiting->next_waiting = task->next_waiting;
	else
		t->waiting = task->next_waiting;
	if (task->next_waiting)
		task->next_waiting->prev_waiting = task->prev_waiting;
}

struct task *tasks_due(const struct tasks *t, uint64_t now_ns, uint64_t after_ns)
{
	struct task *found = NULL;

	for (struct task *task = t->waiting; task; task = task->next_waiting) {
		if (task->wait.shown || now_ns < task->wait.entry_ns + after_ns)
			continue;
		if (!found || task->wait.entry_ns < found->wait.entry_ns)
			found = task;
	}
	return found;
}

static struct process *find_process(const struct tasks *t, uint32_t pid)
{
	struct node *n = table_find(&t->by_pid, hash_u64(pid));

	while (n && container_of(n, struct process, by_pid)->pid != pid)
		n = table_next(n);
	return n ? container_of(n, struct process, by_pid) : NULL;
}

static struct root *get_root(struct tasks *t, uint32_t pid, uint32_t children)
{
	struct root **at = &t->roots;

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			return NULL;
		(*at)->pid = pid;
		(*at)->children = children;
	}
	return *at;
}

void tasks_add_process(struct tasks *t, uint32_t pid, uint32_t root, uint32_t children)
{
	struct process *p = find_process(t, pid);

	if (!p) {
		p = calloc(1, sizeof(*p));
		if (!p || table_add(&t->by_pid, &p->by_pid, hash_u64(pid))) {
			free(p);
			return;
		}
		p->pid = pid;
	}
	p->root = get_root(t, root, children);
}

struct root *tasks_root(const struct tasks *t, uint32_t pid)
{
	struct process *p = find_process(t, pid);

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
	size_t count = 0;

	for (size_t i = 0; pids && i < t->by_pid.size; i++)
		for (const struct node *n = t->by_pid.slots[i]; n; n = n->next)
			pids[count++] = container_of(n, struct process, by_pid)->pid;
	if (pids)
		qsort(pids, count, sizeof(*pids), by_value);
	*ret_count = count;
	return pids;
}

void tasks_forget_process(struct tasks *t, uint32_t pid)
{
	struct process *p = find_process(t, pid);

	if (!p)
		return;
	table_del(&t->by_pid, &p->by_pid);
	free(p);
}
