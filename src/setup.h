/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * setup.h - what tracing and replaying share: the output, the pipeline, messages, exit statuses.
 */
#ifndef ET_SETUP_H
#define ET_SETUP_H

#include "base/failure.h"
#include "cli/options.h"
#include "pipeline.h"

#define EXIT_FAILED	   1
#define EXIT_USAGE	   2
#define EXIT_FOUND	   3 /* see --fail-on */
#define EXIT_LAUNCH_FAILED 125

/* Prints why something failed. Returns EXIT_FAILED, so that a failing function can end with it. */
int setup_report(const struct failure *f);

/* Opens what -o names, or takes what stands for it: *ret_fd. 0 or -errno with *f. */
int setup_output(const struct options *opt, int *ret_fd, struct failure *f);

/* The pipeline that the options ask for, which writes to fd. 0 or -errno with *f. */
int setup_pipeline(const struct options *opt, int fd, struct pipeline *ret_p, struct failure *f);

/* EXIT_FOUND if --fail-on says so, else 0. */
int setup_findings_status(const struct options *opt, const struct pipeline *p);

/*
 * The exit status after reading or writing failed with err, which it reports; 0: nothing failed, or a
 * reader of the output went away.
 */
int setup_output_status(const struct options *opt, const struct pipeline *p, int err);

#endif
