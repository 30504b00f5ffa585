/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * proc.h - is the /proc that the user reads PIDs from the one of the tool's PID namespace?
 */
#ifndef ET_PROC_H
#define ET_PROC_H

#include "base/failure.h"

/* 0, or -EINVAL with *failure if the numbers of /proc are another namespace's. */
int proc_check(struct failure *failure);

#endif
