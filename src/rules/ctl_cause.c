/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* As do_epoll_ctl has it (fs/eventpoll.c, Linux 6.18), in its order. */
#include "rules/ctl_cause.h"

#include "event/names.h"

#include <errno.h>
#include <sys/epoll.h>

/* EPOLLEXCLUSIVE_OK_BITS, and what the kernel adds to any mask. */
#define EXCLUSIVE_OK                                                                               \
	(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

static bool is_exclusive_entry(const struct rules *r, const struct view *v)
{
	const struct ctl_event *c = &v->ev->ctl;
	const struct entry *e =
		interest_entry(model_interest(r->model), v->instance, c->file.addr, c->fd);

	return e && e->events & EPOLLEXCLUSIVE;
}

static enum ctl_cause of_exclusive(const struct rules *r, const struct view *v)
{
	const struct ctl_event *c = &v->ev->ctl;
	bool asks = c->event_read && c->events & EPOLLEXCLUSIVE;

	if (c->op == EPOLL_CTL_MOD && asks)
		return CAUSE_EXCLUSIVE_MOD;
	if (c->op == EPOLL_CTL_MOD && is_exclusive_entry(r, v))
		return CAUSE_EXCLUSIVE_ENTRY;
	if (c->op != EPOLL_CTL_ADD || !asks)
		return CAUSE_ERRNO;
	if (c->file.ep)
		return CAUSE_EXCLUSIVE_NESTED;
	return c->events & ~EXCLUSIVE_OK ? CAUSE_EXCLUSIVE_FLAGS : CAUSE_ERRNO;
}

enum ctl_cause ctl_cause(const struct rules *r, const struct view *v)
{
	const struct ctl_event *c = &v->ev->ctl;
	int err = -v->ev->call.ret;

	if (err == EBADF)
		return v->instance || v->epfile ? CAUSE_ERRNO : CAUSE_EPFD;
	if (err != EINVAL)
		return CAUSE_ERRNO;
	if (!v->instance)
		return CAUSE_NO_INSTANCE;
	if (c->file.ep == v->ev->call.ep)
		return CAUSE_ITSELF;
	if (c->op != EPOLL_CTL_ADD && c->op != EPOLL_CTL_MOD && c->op != EPOLL_CTL_DEL)
		return CAUSE_OPERATION;
	return of_exclusive(r, v);
}

static void evidence_flags(struct finding *f, uint32_t flags)
{
	struct buf b = {0};

	name_events(&b, flags);
	buf_char(&b, 0);
	if (!b.failed)
		evidence(f, "%s with EPOLLEXCLUSIVE", b.data);
	buf_free(&b);
}

void evidence_cause(struct finding *f, const struct view *v, enum ctl_cause cause)
{
	const struct ctl_event *c = &v->ev->ctl;

	switch (cause) {
	case CAUSE_ERRNO:
		break;
	case CAUSE_EPFD:
		evidence(f, "descriptor %d, which is to be the instance, is not open", c->epfd);
		break;
	case CAUSE_NO_INSTANCE:
		evidence(f, "descriptor %d is no epoll instance", c->epfd);
		break;
	case CAUSE_ITSELF:
		evidence(f, "descriptor %d is the instance itself", c->fd);
		break;
	case CAUSE_OPERATION:
		evidence(f, "there is no operation %d", c->op);
		break;
	case CAUSE_EXCLUSIVE_MOD:
		evidence(f, "EPOLLEXCLUSIVE can be asked for by EPOLL_CTL_ADD only");
		break;
	case CAUSE_EXCLUSIVE_ENTRY:
		evidence(f, "the entry has EPOLLEXCLUSIVE: such an entry cannot be changed");
		break;
	case CAUSE_EXCLUSIVE_NESTED:
		evidence(f, "EPOLLEXCLUSIVE of an epoll instance");
		break;
	case CAUSE_EXCLUSIVE_FLAGS:
		evidence_flags(f, c->events & ~EXCLUSIVE_OK);
		break;
	}
}

static const char *mend_cause(enum ctl_cause cause)
{
	switch (cause) {
	case CAUSE_ERRNO:
		break;
	case CAUSE_EPFD:
		return "keep the instance open until the last thread that uses it has stopped";
	case CAUSE_NO_INSTANCE:
		return "pass the descriptor that epoll_create1() returned: it may have been closed "
		       "and its number used again";
	case CAUSE_ITSELF:
		return "leave the instance's own descriptor out";
	case CAUSE_OPERATION:
		return "EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL";
	case CAUSE_EXCLUSIVE_MOD:
	case CAUSE_EXCLUSIVE_ENTRY:
		return "EPOLL_CTL_DEL, then EPOLL_CTL_ADD with the new mask";
	case CAUSE_EXCLUSIVE_NESTED:
		return "EPOLLEXCLUSIVE for the files themselves, not for an instance that watches "
		       "them";
	case CAUSE_EXCLUSIVE_FLAGS:
		return "with EPOLLEXCLUSIVE ask for EPOLLIN, EPOLLOUT, EPOLLET and EPOLLWAKEUP "
		       "alone";
	}
	return NULL;
}

static const char *mend_op(int op, int err)
{
	if (op == EPOLL_CTL_DEL)
		return err == EBADF ? "EPOLL_CTL_DEL before close(), not after it"
				    : "EPOLL_CTL_DEL before close(); too late for that: dup2() of "
				      "the copy onto the old number, then EPOLL_CTL_DEL";
	if (err == EBADF)
		return "forget at close() that a descriptor is registered";
	return "EPOLL_CTL_ADD where EPOLL_CTL_MOD gives ENOENT; forget at close() that a "
	       "descriptor is registered";
}

const char *ctl_fix(int op, int err, enum ctl_cause cause)
{
	if (cause != CAUSE_ERRNO)
		return mend_cause(cause);
	switch (err) {
	case EBADF:
	case ENOENT:
		return mend_op(op, err);
	case EEXIST:
		return "EPOLL_CTL_MOD for what is registered: EPOLL_CTL_ADD changes nothing";
	case EPERM:
		return "read or write it without epoll: it never blocks; or leave it out";
	case ENOSPC:
		return "a higher fs.epoll.max_user_watches, or fewer entries of this user";
	case ENOMEM:
		return "more memory, of the machine or of the cgroup";
	case ELOOP:
		return "watch no instance that leads back to this one, nor more than five levels "
		       "of "
		       "them";
	case EFAULT:
		return "pass a struct epoll_event that can be read";
	case EINVAL:
		return "valid operation, instance and flags, as epoll_ctl(2) has them";
	default:
		return "see epoll_ctl(2), ERRORS";
	}
}
