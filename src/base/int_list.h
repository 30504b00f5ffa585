/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* int_list.h - some numbers: PIDs or descriptors. */
#ifndef ET_INT_LIST_H
#define ET_INT_LIST_H

struct int_list {
	int *at;
	unsigned count;
};

#endif
