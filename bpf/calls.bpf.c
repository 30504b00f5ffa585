/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * calls.bpf.c - what targets do: filter and copy, never judge.
 *
 *   calls.h  the epoll system calls
 *   life.h   close, fork, exec, exit
 *   io.h     reads and writes of watched files
 */
#include "io.h"
#include "life.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
