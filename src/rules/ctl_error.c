/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctl-error: epoll_ctl failed, told once for each instance, operation and errno. Some libraries ADD
 * first and MOD where that is EEXIST: only what no MOD answers is counted. A file that cannot be
 * polled (EPERM) is a mistake where the thread goes on to wait for it.
 */
#include "rules/list.h"

#include "event/names.h"
#include "rules/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

/* Failures that what comes next must judge, the latest few. */
#define BLIND_MOST 64

struct blind_ctl {
	struct {
		unsigned instance;
		int fd, err;
		uint32_t tid;
		char *file;
	} at[BLIND_MOST];
	unsigned next;
};

static bool same(const struct rules *r, unsigned i, unsigned instance, int fd, int err)
{
	const struct blind_ctl *b = r->ctl_errors;

	return b->at[i].err == err && b->at[i].instance == instance && b->at[i].fd == fd;
}

/* Was there such a failure that nothing has answered? It is forgotten. */
static bool take_blind(struct rules *r, unsigned instance, int fd, int err)
{
	for (unsigned i = 0; r->ctl_errors && i < BLIND_MOST; i++) {
		if (!same(r, i, instance, fd, err))
			continue;
		r->ctl_errors->at[i].err = 0;
		return true;
	}
	return false;
}

static void note_blind(struct rules *r, const struct view *v, int err)
{
	struct blind_ctl *b = r->ctl_errors;
	unsigned i;

	if (!b)
		b = r->ctl_errors = calloc(1, sizeof(*b));
	if (!b || !v->instance)
		return;
	i = b->next++ % BLIND_MOST;
	free(b->at[i].file);
	b->at[i].instance = v->instance->number;
	b->at[i].fd = v->ev->ctl.fd;
	b->at[i].err = err;
	b->at[i].tid = v->tid;
	b->at[i].file = v->fd_text ? strdup(v->fd_text) : NULL;
}

void ctl_errors_free(struct rules *r)
{
	for (unsigned i = 0; r->ctl_errors && i < BLIND_MOST; i++)
		free(r->ctl_errors->at[i].file);
	free(r->ctl_errors);
}

static uint64_t key_of(unsigned instance, int op, int err)
{
	return (uint64_t)instance << 32 | (uint32_t)(op & 0xffff) << 16 | (uint16_t)err;
}

static void tell_ctl(struct rules *r, const struct view *v, int err, enum severity severity)
{
	const struct event *ev = v->ev;
	unsigned instance = v->instance ? v->instance->number : 0;
	struct finding *f = rules_suspect(r, RULE_CTL_ERROR, key_of(instance, ev->ctl.op, err));
	struct buf words = {0};

	if (!f)
		return;
	if (f->state == FINDING_RAISED) {
		rules_again(r, f);
		return;
	}
	f->variant = f->key;
	f->pid = v->pid;
	f->tid = v->tid;
	if (v->instance)
		rules_about_instance(r, f, v->instance);
	f->epfd = ev->ctl.epfd;
	f->fd = ev->ctl.fd;
	f->file = v->fd_text ? strdup(v->fd_text) : NULL;
	if (!rules_raise(r, f, severity))
		return;
	name_ctl_op(&words, ev->ctl.op);
	buf_str(&words, " = -1 ");
	name_errno(&words, err);
	buf_char(&words, 0);
	evidence(f, "%s", words.failed ? "epoll_ctl failed" : words.data);
	buf_free(&words);
	if (ev->call.skipped)
		evidence(f, "the kernel was not asked: a seccomp filter, or a tracer, refused it");
	else if (err == EEXIST)
		evidence(f, "again, and no EPOLL_CTL_MOD answers it");
	rules_tell(r, f);
}

/* What the errno means of a file or an entry, it means only where the kernel has given it. */
static void refused(struct rules *r, const struct view *v, int err)
{
	bool grave = err == EINVAL || err == ENOSPC || err == ENOMEM || err == ELOOP;

	if (err == ERRNO_RESTART)
		return;
	tell_ctl(r, v, err, grave ? SEVERITY_ERROR : SEVERITY_NOTE);
}

static void failed(struct rules *r, const struct view *v, int err)
{
	switch (err) {
	case EEXIST:
		if (v->instance && take_blind(r, v->instance->number, v->ev->ctl.fd, err))
			tell_ctl(r, v, err, SEVERITY_WARNING);
		note_blind(r, v, err);
		break;
	case EPERM:
		note_blind(r, v, err);
		break;
	case ENOSPC:
	case ENOMEM:
	case ELOOP:
	case EINVAL:
		tell_ctl(r, v, err, SEVERITY_ERROR);
		break;
	case ENOENT: /* on MOD some libraries ADD next */
		if (v->ev->ctl.op == EPOLL_CTL_MOD)
			break;
		tell_ctl(r, v, err, SEVERITY_NOTE);
		break;
	case ECANCELED: /* of io_uring */
		break;
	default:
		tell_ctl(r, v, err, SEVERITY_NOTE);
		break;
	}
}

void ctl_error_view(struct rules *r, const struct view *v)
{
	if (v->kind != VIEW_CALL || v->ev->kind != EVENT_CTL)
		return;
	if (v->ev->call.ret < 0 && v->ev->call.skipped)
		refused(r, v, -v->ev->call.ret);
	else if (v->ev->call.ret < 0)
		failed(r, v, -v->ev->call.ret);
	else if (v->instance && !v->ev->call.skipped)
		take_blind(r, v->instance->number, v->ev->ctl.fd, EEXIST);
}

/* A device that cannot be polled, like /dev/null, is often watched in vain and in good faith. */
static bool is_regular(const char *file)
{
	return file && file[0] == '/' && strncmp(file, "/dev/", 5);
}

void ctl_error_waiting(struct rules *r, const struct task *t)
{
	const struct instance *inst = interest_find(model_interest(r->model), t->wait.ep);
	struct finding *f;

	for (unsigned i = 0; inst && r->ctl_errors && i < BLIND_MOST; i++) {
		struct blind_ctl *b = r->ctl_errors;

		if (b->at[i].err != EPERM || b->at[i].instance != inst->number ||
		    b->at[i].tid != t->tid || r->now_ns - t->wait.entry_ns < r->T)
			continue;
		b->at[i].err = 0;
		f = rules_suspect(r, RULE_CTL_ERROR, key_of(inst->number, EPOLL_CTL_ADD, EPERM));
		if (!f)
			return;
		f->variant = f->key;
		f->pid = t->pid;
		f->tid = t->tid;
		rules_about_instance(r, f, inst);
		f->fd = b->at[i].fd;
		free(f->file);
		f->file = b->at[i].file;
		b->at[i].file = NULL;
		if (!rules_raise(r, f, is_regular(f->file) ? SEVERITY_WARNING : SEVERITY_NOTE))
			continue;
		evidence(f,
			 "EPOLL_CTL_ADD = -1 EPERM: this file cannot be polled, and thread %u "
			 "waits now as if it were",
			 t->tid);
		rules_tell(r, f);
	}
}
