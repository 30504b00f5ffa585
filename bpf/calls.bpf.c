/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * epolltrace.bpf.c - capture: filter and copy, never judge.
 *
 * One object, so that all programs share their maps and variables; a header per concern:
 *   state.h  settings, maps, the state of a thread, emit()
 *   file.h   from a number to a file, and what a file is
 *   calls.h  the epoll system calls
 *   uring.h  the epoll operations of io_uring
 *   life.h   close, fork, exec, exit
 *   io.h     reads and writes of watched files
 *   look.h   iterators: who is who, and what threads are doing
 *   look_files.h  an iterator: instances, their entries, and what waits in the files watched
 *   pending.h     what waits in a file
 */
#include "io.h"
#include "life.h"
#include "look_files.h"
#include "uring.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
