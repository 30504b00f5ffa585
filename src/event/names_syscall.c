/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of all system calls of the architecture, from its own <asm/unistd.h> at build time. */
#include "event/names.h"

const char *const syscall_names[] = {
#include "syscall_names.inc"
};

const unsigned syscall_name_count = sizeof(syscall_names) / sizeof(syscall_names[0]);
