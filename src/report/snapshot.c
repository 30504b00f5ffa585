/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

/*
 * Have all threads that wait on the instance been waiting for a while? A thread that is away from its
 * wait, or was just now, may be about to read what it was notified of.
 */
#define IDLE_NS 10000000ULL

/* How long it had waited when descriptors were scanned; 0: not known. */
static uint64_t idle_then_ns(const struct task *t, const struct model *m)
{
	if (t->wait.began_before)
		return t->idle_ns;
	return model_scanned_ns(m) > t->wait.entry_ns ? model_scanned_ns(m) - t->wait.entry_ns : 1;
}

static bool is_idle(const struct snapshot_instance *s, const struct model *m)
{
	for (size_t i = 0; i < s->waiter_count; i++) {
		uint64_t idle_ns = idle_then_ns(s->waiters[i], m);

		if (idle_ns && idle_ns < IDLE_NS)
			return false;
	}
	return s->waiter_count > 0;
}

/* What the file's poll would say, as far as the scan shows (pipe_poll, tcp_poll ...). */
static uint32_t events_of(const struct pending *p)
{
	uint32_t events = pending_waits(p) ? EPOLLIN : 0;

	if (p->error || p->error_queue)
		events |= EPOLLERR;
	if (p->peer_closed)
		events |= p->class == CLASS_PIPE ? EPOLLHUP : EPOLLIN | EPOLLRDHUP;
	if (p->class == CLASS_STREAM && p->has_unsent && !p->no_space)
		events |= EPOLLOUT;
	return events;
}

uint32_t snapshot_ready_events(const struct entry *e)
{
	const struct observed *s = e->observed;

	return s && s->known && s->ready
		       ? events_of(&s->pending) & (e->events | EPOLLERR | EPOLLHUP)
		       : 0;
}

static int by_attention(const void *a, const void *b)
{
	const struct snapshot_entry *x = a, *y = b;
	bool x_ready = x->entry->observed && x->entry->observed->ready;
	bool y_ready = y->entry->observed && y->entry->observed->ready;

	if ((x->mark != MARK_NONE) != (y->mark != MARK_NONE))
		return x->mark != MARK_NONE ? -1 : 1;
	if (x_ready != y_ready)
		return x_ready ? -1 : 1;
	return (x->entry->fd > y->entry->fd) - (x->entry->fd < y->entry->fd);
}

static int by_ids(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a;
	const struct task *y = *(const struct task *const *)b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->tid > y->tid) - (x->tid < y->tid);
}

static int by_instance(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a;
	const struct task *y = *(const struct task *const *)b;

	if (x->wait.ep != y->wait.ep)
		return x->wait.ep < y->wait.ep ? -1 : 1;
	return by_ids(a, b);
}

static int by_watched(const void *a, const void *b)
{
	const struct watch *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int by_number(const void *a, const void *b)
{
	const struct snapshot_instance *x = a, *y = b;

	return (x->instance->number > y->instance->number) -
	       (x->instance->number < y->instance->number);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

bool snapshot_waits(const struct task *task)
{
	return task->wait.active && (!task->scanned || task->state == THREAD_BLOCKED ||
				     task->scanned_ns < task->wait.entry_ns);
}

uint64_t snapshot_idle_ns(const struct task *task, const struct model *m)
{
	uint64_t now_ns = model_now_ns(m);

	if (snapshot_waits(task) && !task->wait.began_before)
		return now_ns > task->wait.entry_ns ? now_ns - task->wait.entry_ns : 1;
	return task->scanned && task->idle_ns ? task->idle_ns + (now_ns - task->scanned_ns) : 0;
}

static int fill_entries(struct snapshot_instance *s, struct rules *rules, const struct model *m)
{
	bool idle = is_idle(s, m);

	s->entries = calloc(s->instance->live_count + 1, sizeof(*s->entries));
	if (!s->entries)
		return -ENOMEM;
	for (const struct entry *e = s->instance->entries; e; e = e->next) {
		struct snapshot_entry *row = &s->entries[s->entry_count++];

		row->entry = e;
		row->mark = rules_mark(rules, e, idle, &row->rule);
		s->ready_count += e->observed && e->observed->ready;
		s->mark_count += row->mark != MARK_NONE;
	}
	qsort(s->entries, s->entry_count, sizeof(*s->entries), by_attention);
	return 0;
}

/* All waiting threads, in the order of their instances, each of which has its part of them. */
static int fill_waiting(struct snapshot *s, const struct tasks *tasks)
{
	s->waiting = calloc(tasks->by_tid.count + 1, sizeof(*s->waiting));
	if (!s->waiting)
		return -ENOMEM;
	for (const struct task *t = tasks->waiting; t; t = t->next_waiting)
		if (t->wait.ep && snapshot_waits(t))
			s->waiting[s->waiting_count++] = t;
	qsort(s->waiting, s->waiting_count, sizeof(*s->waiting), by_instance);
	return 0;
}

static void find_waiters(struct snapshot_instance *i, const struct snapshot *s)
{
	size_t from = 0, to = s->waiting_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (s->waiting[middle]->wait.ep < i->instance->ep)
			from = middle + 1;
		else
			to = middle;
	}
	i->waiters = s->waiting + from;
	while (from + i->waiter_count < s->waiting_count &&
	       i->waiters[i->waiter_count]->wait.ep == i->instance->ep)
		i->waiter_count++;
}

static bool is_instance(const struct entry *e)
{
	return e->file && e->what.kind == FILE_INSTANCE;
}

/* Which instances watch others, each but once. */
static int fill_watches(struct snapshot *s, const struct interest *in)
{
	size_t count = 0;

	for (const struct instance *i = in->instances; i; i = i->next)
		for (const struct entry *e = i->entries; e; e = e->next)
			count += is_instance(e);
	s->watches = calloc(count + 1, sizeof(*s->watches));
	if (!s->watches)
		return -ENOMEM;
	count = 0;
	for (const struct instance *i = in->instances; i; i = i->next)
		for (const struct entry *e = i->entries; e; e = e->next)
			if (is_instance(e))
				s->watches[count++] = (struct watch){e->file, i->number};
	qsort(s->watches, count, sizeof(*s->watches), by_watched);
	for (size_t i = 0; i < count; i++)
		if (!i || by_watched(&s->watches[i - 1], &s->watches[i]))
			s->watches[s->watch_count++] = s->watches[i];
	return 0;
}

const struct watch *snapshot_watchers(const struct snapshot *s, const struct instance *inst,
				      size_t *ret_count)
{
	size_t from = 0, to = s->watch_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (s->watches[middle].file < inst->file)
			from = middle + 1;
		else
			to = middle;
	}
	for (to = from; to < s->watch_count && s->watches[to].file == inst->file; to++)
		;
	*ret_count = to - from;
	return s->watches + from;
}

static int fill_holding(struct snapshot *s, const struct interest *in)
{
	size_t count = 0;

	for (const struct instance *i = in->instances; i; i = i->next)
		for (const struct holder *h = i->holders; h; h = h->next)
			count++;
	s->holding = calloc(count + 1, sizeof(*s->holding));
	if (!s->holding)
		return -ENOMEM;
	for (const struct instance *i = in->instances; i; i = i->next)
		for (const struct holder *h = i->holders; h; h = h->next)
			s->holding[s->holding_count++] = h->pid;
	qsort(s->holding, count, sizeof(*s->holding), by_value);
	return 0;
}

const char *snapshot_comm(const struct model *m, uint32_t pid, const struct holder *h)
{
	const struct task *t = tasks_find(model_tasks(m), pid);

	return t && t->comm[0] ? t->comm : h ? h->comm : "";
}

bool snapshot_holds(const struct snapshot *s, uint32_t pid)
{
	return bsearch(&pid, s->holding, s->holding_count, sizeof(pid), by_value);
}

static int fill_instances(struct snapshot *s, struct rules *rules, const struct model *m)
{
	size_t count = 0;
	int err = fill_waiting(s, model_tasks(m));

	if (err)
		return err;
	for (const struct instance *i = model_interest(m)->instances; i; i = i->next)
		count++;
	s->instances = calloc(count + 1, sizeof(*s->instances));
	if (!s->instances)
		return -ENOMEM;
	for (const struct instance *i = model_interest(m)->instances; i; i = i->next)
		s->instances[s->instance_count++].instance = i;
	qsort(s->instances, count, sizeof(*s->instances), by_number);
	for (size_t i = 0; i < count && !err; i++) {
		find_waiters(&s->instances[i], s);
		err = fill_entries(&s->instances[i], rules, m);
	}
	return err;
}

static int fill_threads(struct snapshot *s, const struct tasks *tasks)
{
	struct node *n, *next;

	s->threads = calloc(tasks->by_tid.count + 1, sizeof(*s->threads));
	if (!s->threads)
		return -ENOMEM;
	table_each(&tasks->by_tid, n, next) {
		const struct task *t = container_of(n, struct task, by_tid);

		if ((t->scanned || t->called) && !snapshot_waits(t))
			s->threads[s->thread_count++] = t;
	}
	qsort(s->threads, s->thread_count, sizeof(*s->threads), by_ids);
	return 0;
}

int snapshot_make(struct model *m, struct snapshot *ret_s)
{
	struct rules *rules =
		rules_new(&(struct rules_options){.enabled = RULES_ALL}, m, NULL, NULL);
	struct snapshot s = {0};
	int err = rules ? fill_instances(&s, rules, m) : -ENOMEM;

	rules_free(rules);
	if (!err)
		err = fill_watches(&s, model_interest(m));
	if (!err)
		err = fill_holding(&s, model_interest(m));
	if (!err)
		err = fill_threads(&s, model_tasks(m));
	if (!err) {
		s.pids = tasks_pids(model_tasks(m), &s.pid_count);
		err = s.pids ? 0 : -ENOMEM;
	}
	if (err)
		snapshot_free(&s);
	else
		*ret_s = s;
	return err;
}

void snapshot_free(struct snapshot *s)
{
	for (size_t i = 0; i < s->instance_count; i++)
		free(s->instances[i].entries);
	free(s->instances);
	free(s->threads);
	free(s->pids);
	free(s->waiting);
	free(s->watches);
	free(s->holding);
	*s = (struct snapshot){0};
}
