/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * failed_ctl.h - calls of epoll_ctl that have failed and that no later one has answered: an ADD by
 * EEXIST, which a MOD answers in many libraries, a MOD by ENOENT, which an ADD does. The latest few.
 */
#ifndef ET_FAILED_CTL_H
#define ET_FAILED_CTL_H

#include "rules/rule.h"

#define FAILED_MAX 64

struct failed_ctl {
	unsigned instance;     /* its number, 0: epfd is none; of an empty row */
	int epfd, fd, op, err; /* err 0: the row is empty */
	uint32_t pid, tid;
	uint64_t addr;	  /* what fd is: struct file *, 0: not open */
	bool closed;	  /* and it has been closed since */
	uint64_t table;	  /* the descriptor table */
	uint64_t time_ns; /* when the first of them failed, */
	unsigned count;	  /* of so many in a row */
	bool asked;	  /* events is known */
	uint32_t events;
	bool differs;	   /* EEXIST: the entry has another mask or other data, or is disarmed */
	bool asks_whether; /* EEXIST is an answer: the entry will do as it is */
	uint32_t masks;	   /* the entry's */
	enum severity judged;
	char *file; /* what fd is, NULL: not open */
	struct file_what what;
};

struct failed_ctls {
	struct failed_ctl at[FAILED_MAX];
	unsigned next;
};

/* Keeps what has failed, and forgets what was answered; asked at each view, before the rules. */
void failed_ctls_view(struct rules *r, const struct view *v);
/* Asked after them: what has been closed is not waited for any more. */
void failed_ctls_closed(struct rules *r, const struct view *v);
/* Does the view of a close close what that call was about? */
bool failed_ctl_closes(const struct failed_ctl *c, const struct view *v);
void failed_ctls_free(struct rules *r);

/* What failed just now, with the view's own text. */
struct failed_ctl failed_ctl_now(const struct view *v);

/* The call that failed and is kept, as the view of it; NULL: it is not. */
struct failed_ctl *failed_ctl_of(const struct rules *r, const struct view *v);

/* The latest ADD or MOD of that entry which failed and asked for one of these events; NULL: none. */
const struct failed_ctl *failed_ctl_asking(const struct rules *r, const struct entry *e,
					   uint32_t events);

#endif
