/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* syscalls.h - the system calls of this architecture. */
#ifndef ET_SYSCALLS_H
#define ET_SYSCALLS_H

#include <stdbool.h>

/* Names of the system calls 0, 1, ... of this architecture, NULL if a number has none. */
extern const char *const syscall_names[];
extern const unsigned syscall_name_count;

/* Does this architecture have a system call of that name? arm64 has no epoll_wait. */
bool syscall_exists(const char *name);

#endif
