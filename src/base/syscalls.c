/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of all system calls of the architecture, from its own <asm/unistd.h> at build time. */
#include "base/syscalls.h"

#include <string.h>

const char *const syscall_names[] = {
#include "syscall_names.inc"
};

const unsigned syscall_name_count = sizeof(syscall_names) / sizeof(syscall_names[0]);

bool syscall_exists(const char *name)
{
	for (unsigned i = 0; i < syscall_name_count; i++)
		if (syscall_names[i] && !strcmp(syscall_names[i], name))
			return true;
	return false;
}
