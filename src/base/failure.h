/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * failure.h - why something could not be done, for the function that reports it.
 */
#ifndef ET_FAILURE_H
#define ET_FAILURE_H

struct failure {
	char what[256];	  /* lowercase, with the cause: "cannot attach to 4242: no such process" */
	const char *hint; /* what to do about it; NULL: nothing to say */
	int err;	  /* -errno */
};

/* Fills *f and returns err, so that a failing function can end with it. */
int fail(struct failure *f, int err, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
