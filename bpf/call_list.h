/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * call_list.h - the one list of the system calls that are traced: the constant, the name, and the set of
 * -e that it belongs to (CREATE, CTL or WAIT). Shared by BPF and user space.
 */
#ifndef ET_CALL_LIST_H
#define ET_CALL_LIST_H

#define EPOLL_CALLS(X)                                                                             \
	X(EPOLL_CREATE, epoll_create, CREATE)                                                      \
	X(EPOLL_CREATE1, epoll_create1, CREATE)                                                    \
	X(EPOLL_CTL, epoll_ctl, CTL)                                                               \
	X(EPOLL_WAIT, epoll_wait, WAIT)                                                            \
	X(EPOLL_PWAIT, epoll_pwait, WAIT)                                                          \
	X(EPOLL_PWAIT2, epoll_pwait2, WAIT)

#endif
