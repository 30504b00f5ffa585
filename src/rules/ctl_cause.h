/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctl_cause.h - why epoll_ctl failed, if the errno has several meanings, and what to do.
 */
#ifndef ET_CTL_CAUSE_H
#define ET_CTL_CAUSE_H

#include "rules/rule.h"

enum ctl_cause {
	CAUSE_ERRNO,	   /* the errno says it */
	CAUSE_EPFD,	   /* EBADF: the instance's descriptor, not that of the file */
	CAUSE_NO_INSTANCE, /* EINVAL, as those below */
	CAUSE_ITSELF,
	CAUSE_OPERATION,
	CAUSE_EXCLUSIVE_MOD,	/* a MOD asks for EPOLLEXCLUSIVE */
	CAUSE_EXCLUSIVE_ENTRY,	/* the entry to be changed has it */
	CAUSE_EXCLUSIVE_NESTED, /* of an instance */
	CAUSE_EXCLUSIVE_FLAGS,	/* with flags that do not go with it */
};

enum ctl_cause ctl_cause(const struct rules *r, const struct view *v);

/* Writes the cause as a line of the evidence, if there is more to say than the errno does. */
void evidence_cause(struct finding *f, const struct view *v, enum ctl_cause cause);

/* What to do about it: a clause. */
const char *ctl_fix(int op, int err, enum ctl_cause cause);

#endif
