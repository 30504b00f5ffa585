/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the numbers that a user gives to target processes. */
#include "capture/live_internal.h"

#include "base/array.h"
#include "base/log.h"
#include "capture/scan.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tasks {
	struct et_task *at;
	ssize_t count;
};

static const struct et_task *find_tid(const struct tasks *tasks, uint32_t user_tid)
{
	for (ssize_t i = 0; i < tasks->count; i++)
		if (tasks->at[i].user_tid == user_tid)
			return &tasks->at[i];
	return NULL;
}

static bool process_lives(const struct tasks *tasks, uint32_t user_tgid)
{
	for (ssize_t i = 0; i < tasks->count; i++)
		if (tasks->at[i].user_tgid == user_tgid && !(tasks->at[i].flags & ET_TASK_DEAD))
			return true;
	return false;
}

static bool is_named(const struct live *live, uint32_t user_tgid)
{
	for (unsigned i = 0; i < live->named_count; i++)
		if (live->named[i].user_tgid == user_tgid)
			return true;
	return false;
}

/* Living children that are not traced. */
static uint32_t count_children(const struct live *live, const struct tasks *tasks,
			       uint32_t user_tgid)
{
	uint32_t n = 0;

	for (ssize_t i = 0; i < tasks->count; i++)
		n += tasks->at[i].user_parent == user_tgid &&
		     tasks->at[i].user_tid == tasks->at[i].user_tgid &&
		     !(tasks->at[i].flags & ET_TASK_DEAD) &&
		     tasks->at[i].user_tgid != (uint32_t)getpid() &&
		     !is_named(live, tasks->at[i].user_tgid);
	return n;
}

static int note_named(struct live *live, const struct et_task *task, uint32_t root)
{
	struct named_process *p;

	if (!array_room(&live->named, &live->named_cap, live->named_count + 1, sizeof(*p)))
		return -ENOMEM;
	p = &live->named[live->named_count++];
	*p = (struct named_process){
		.user_tgid = task->user_tgid,
		.tgid = task->tgid,
		.root = root,
		.compat = task->flags & ET_TASK_COMPAT,
	};
	memcpy(p->comm, task->comm, ET_COMM_LEN);
	return 0;
}

/* As struct target of bpf/maps.bpf.h. */
struct target_value {
	uint32_t root;
	uint32_t observed;
	uint32_t execed;
};

/* See struct et_shared: before the process is in the map, and after it is. */
static void count_near(struct live *live, uint32_t tgid, int change)
{
	__atomic_fetch_add(&live->programs.shared->near[tgid % ET_NEAR_SLOTS], change,
			   __ATOMIC_SEQ_CST);
}

static int add_target(struct live *live, const struct et_task *task, uint32_t root)
{
	struct target_value value = {.root = root};
	int fd = bpf_map__fd(live->programs.maps->maps.targets);
	int err;

	count_near(live, task->tgid, 1);
	__atomic_fetch_add(&live->programs.shared->alive, 1, __ATOMIC_RELAXED);
	err = bpf_map_update_elem(fd, &task->tgid, &value, BPF_NOEXIST);
	if (!err)
		return 0;
	__atomic_fetch_sub(&live->programs.shared->alive, 1, __ATOMIC_RELAXED);
	count_near(live, task->tgid, -1);
	return err == -EEXIST ? 0 : err;
}

/* A process that ended before it was in the map was never counted off by its end. */
static void take_back(struct live *live, uint32_t tgid)
{
	if (bpf_map_delete_elem(bpf_map__fd(live->programs.maps->maps.targets), &tgid))
		return;
	__atomic_fetch_sub(&live->programs.shared->alive, 1, __ATOMIC_RELAXED);
	count_near(live, tgid, -1);
}

static int check_target(const struct et_task *task, const struct tasks *tasks, pid_t pid,
			struct failure *failure)
{
	static const char cannot[] = "cannot attach to %d: %s";

	if (!task)
		return fail(failure, -ESRCH, NULL, cannot, pid, log_errno(ESRCH));
	if (task->user_tgid == (uint32_t)getpid())
		return fail(failure, -EINVAL, NULL, cannot, pid, "it is epolltrace itself");
	if (task->flags & ET_TASK_KERNEL)
		return fail(failure, -EINVAL, NULL, cannot, pid, "it is a kernel thread");
	if (task->flags & ET_TASK_COMPAT)
		return fail(failure, -EINVAL, "system calls of 32-bit programs cannot be seen",
			    cannot, pid, "it is a 32-bit process");
	if (!process_lives(tasks, task->user_tgid))
		return fail(failure, -ESRCH, NULL, cannot, pid, "it has ended (zombie)");
	return 0;
}

static int add_named(struct live *live, const struct tasks *tasks, pid_t pid,
		     struct failure *failure)
{
	const struct et_task *task = find_tid(tasks, pid);
	int err = check_target(task, tasks, pid, failure);

	if (err || is_named(live, task->user_tgid))
		return err;
	err = note_named(live, task, task->user_tgid);
	if (!err)
		err = add_target(live, task, task->user_tgid);
	if (err)
		return fail(failure, err, NULL, "cannot attach to %d: %s", pid, log_errno(err));
	return 0;
}

static uint32_t root_of(const struct live *live, uint32_t user_tgid)
{
	for (unsigned i = 0; i < live->named_count; i++)
		if (live->named[i].user_tgid == user_tgid)
			return live->named[i].root;
	return 0;
}

/* Adds the living children of what is named already; how many were new, or -errno. */
static int add_children(struct live *live, const struct tasks *tasks)
{
	int added = 0, err;

	for (ssize_t i = 0; i < tasks->count; i++) {
		const struct et_task *t = &tasks->at[i];
		uint32_t root = root_of(live, t->user_parent);

		if (!root || t->user_tid != t->user_tgid || is_named(live, t->user_tgid) ||
		    t->user_tgid == (uint32_t)getpid() || !process_lives(tasks, t->user_tgid))
			continue;
		err = note_named(live, t, root);
		if (!err && !(t->flags & ET_TASK_COMPAT))
			err = add_target(live, t, root);
		if (err)
			return err;
		added++;
	}
	return added;
}

/* Children may be made between the listing and the adding of their parent: until none is new. */
static int add_tree(struct live *live, struct failure *failure)
{
	int added;

	do {
		struct tasks tasks;

		tasks.count = scan_list_tasks(live->links.list, &tasks.at);
		if (tasks.count < 0) {
			added = tasks.count;
			break;
		}
		added = add_children(live, &tasks);
		free(tasks.at);
	} while (added > 0);
	if (added < 0)
		return fail(failure, added, NULL, "cannot list processes: %s", log_errno(added));
	return 0;
}

/* What is held back of processes that are left out, to be reported or returned. */
struct refused {
	live_report_fn *report;
	struct failure *last; /* not reported yet */
};

/* One more: the one before it is not the last. Its error, or 0 if the rest can go on. */
static int leave_out(struct refused *r, int err, const struct failure *f)
{
	if (err != -ESRCH && err != -EINVAL) {
		*r->last = *f;
		return err;
	}
	if (r->last->what[0])
		r->report(r->last);
	*r->last = *f;
	return 0;
}

/* Goes on with what is left; if that is nothing the last failure is returned. */
static int finish_refused(const struct live *live, struct refused *r)
{
	if (!live->named_count)
		return -ESRCH;
	if (r->last->what[0])
		r->report(r->last);
	*r->last = (struct failure){0};
	return 0;
}

/* What ended between the listing and the adding would never end the trace. */
static int drop_ended(struct live *live, struct refused *r, struct failure *failure)
{
	struct tasks tasks;
	unsigned kept = 0;

	tasks.count = scan_list_tasks(live->links.list, &tasks.at);
	if (tasks.count < 0)
		return fail(failure, tasks.count, NULL, "cannot list processes: %s",
			    log_errno(tasks.count));
	for (unsigned i = 0; i < live->named_count; i++) {
		uint32_t user_tgid = live->named[i].user_tgid;
		struct failure f = {0};

		if (process_lives(&tasks, user_tgid)) {
			live->named[kept] = live->named[i];
			live->named[kept++].children = count_children(live, &tasks, user_tgid);
			continue;
		}
		take_back(live, live->named[i].tgid);
		if (live->named[i].root != user_tgid)
			continue;
		fail(&f, -ESRCH, NULL, "cannot attach to %u: it ended meanwhile", user_tgid);
		leave_out(r, -ESRCH, &f);
	}
	free(tasks.at);
	live->named_count = kept;
	return finish_refused(live, r);
}

int live_confirm(struct live *live, live_report_fn *report, struct failure *failure)
{
	struct refused r = {report, failure};

	return drop_ended(live, &r, failure);
}

int live_attach(struct live *live, const pid_t *pids, unsigned count, bool tree,
		live_report_fn *report, struct failure *failure)
{
	struct refused r = {report, failure};
	struct tasks tasks;
	int err = 0;

	tasks.count = scan_list_tasks(live->links.list, &tasks.at);
	if (tasks.count < 0)
		return fail(failure, tasks.count, NULL, "cannot list processes: %s",
			    log_errno(tasks.count));
	for (unsigned i = 0; i < count && !err; i++) {
		struct failure f = {0};

		err = add_named(live, &tasks, pids[i], &f);
		if (err)
			err = leave_out(&r, err, &f);
	}
	free(tasks.at);
	if (!err && !live->named_count)
		return finish_refused(live, &r);
	if (!err && tree)
		err = add_tree(live, failure);
	return err ? err : drop_ended(live, &r, failure);
}
