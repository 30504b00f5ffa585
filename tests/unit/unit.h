/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * unit.h - checks that count, say where they fail, and go on.
 */
#ifndef ET_UNIT_H
#define ET_UNIT_H

#include <stdio.h>
#include <string.h>

static int unit_failed;

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			printf("%s:%d: %s\n", __FILE__, __LINE__, #what);                          \
			unit_failed = 1;                                                           \
		}                                                                                  \
	} while (0)

#define CHECK_STR(have, want)                                                                      \
	do {                                                                                       \
		const char *have_ = (have), *want_ = (want);                                       \
		if (strcmp(have_, want_)) {                                                        \
			printf("%s:%d: have \"%s\", want \"%s\"\n", __FILE__, __LINE__, have_,     \
			       want_);                                                             \
			unit_failed = 1;                                                           \
		}                                                                                  \
	} while (0)

#endif
