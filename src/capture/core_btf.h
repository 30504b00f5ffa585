/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * core_btf.h - the few kernel types that our programs name, as BTF of its own.
 *
 * For each type that a program reads libbpf goes through all types of the kernel by name (libbpf
 * 1.1, bpf_core_add_cands): 1 ms each, for each object anew. Here they are gone through once.
 */
#ifndef ET_CORE_BTF_H
#define ET_CORE_BTF_H

#include <bpf/libbpf.h>
#include <stdint.h>

/* Numbers of types and functions in the kernel's own BTF, 0: it has none of that name. */
struct core_ids {
	uint32_t task_struct, file, fdtable;
	uint32_t iter_task, iter_task_file, trace_sys_exit; /* what such programs attach to */
	uint32_t rdonly_cast;				    /* the function bpf_rdonly_cast */
	uint32_t call_faultable; /* what runs programs at system calls that can be preempted */
};

/*
 * Writes to the file fd, which is empty, the kernel's types that opened objects name, with what
 * lies in these; objects may be NULL. 0 or -errno.
 */
int core_btf_write(int fd, struct bpf_object *const *objects, unsigned count,
		   struct core_ids *ret_ids);

#endif
