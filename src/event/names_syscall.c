/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of all system calls of the architecture, from its own <asm/unistd.h> at build time. */
#include "event/names.h"

static const char *const syscall_names[] = {
#include "syscall_names.inc"
};

const char *syscall_name(int nr)
{
	if (nr < 0 || (size_t)nr >= sizeof(syscall_names) / sizeof(syscall_names[0]))
		return NULL;
	return syscall_names[nr];
}
