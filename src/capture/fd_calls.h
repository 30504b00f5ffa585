/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fd_calls.h - the system calls that block on a descriptor which is their first argument, and those
 * that read or write.
 */
#ifndef ET_FD_CALLS_H
#define ET_FD_CALLS_H

#include <stdint.h>

/* Sets the bit of each such call; numbers from count, a multiple of 64, up have none. */
void fd_calls_fill(uint64_t *bits, unsigned count);

/* What each call does to the files that it is about: ET_IO_* of bpf/wire.h, 0 for most. */
void io_calls_fill(uint8_t *what, unsigned count);

#endif
