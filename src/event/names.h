/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * names.h - constants and their names, both ways. Notation and order are strace's.
 */
#ifndef ET_NAMES_H
#define ET_NAMES_H

#include "base/buf.h"
#include "event/event.h"

/* The system call's name: "epoll_wait". */
const char *call_name(enum call_id id);

/* "path", "inet", "epoll": what machine output calls it; NULL: not known. */
const char *file_kind_name(enum file_kind kind);

/* The call of that name, -1: none has it. */
int call_from_name(const char *name, size_t len);

/* "EPOLLIN|EPOLLET", unknown bits last, in hex; "0" for none. */
void name_events(struct buf *b, uint32_t events);

/* "EPOLL_CTL_ADD", or "0x7" with a comment. */
void name_ctl_op(struct buf *b, int op);

/* Flags of epoll_create1; "0" for none. */
void name_create_flags(struct buf *b, uint32_t flags);

/*
 * ERESTARTSYS (include/linux/errno.h), which a call whose answer seccomp awaits gives when a signal
 * comes. No program sees it: the call is made again, or fails with EINTR.
 */
#define ERRNO_RESTART 512

/* "EEXIST (File exists)"; errnos without a name as number. err is positive. */
void name_errno(struct buf *b, int err);

/* "EEXIST", NULL if it has no name. */
const char *errno_name(int err);

/* A signal set as strace prints it: "[INT USR1]", "~[KILL]" if more than half are in it. */
void name_sigset(struct buf *b, uint64_t set);

/* "SIGTERM", "SIGRT_4". */
void name_signal(struct buf *b, int sig);

#endif
