/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* int_list.h - some numbers: PIDs or descriptors. */
#ifndef ET_INT_LIST_H
#define ET_INT_LIST_H

#include <stddef.h>

struct int_list {
	int *at;
	unsigned count;
	size_t cap;
};

#endif
