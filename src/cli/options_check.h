/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options_check.h - do the options that were given go together? */
#ifndef ET_OPTIONS_CHECK_H
#define ET_OPTIONS_CHECK_H

#include "cli/options.h"

#define HELP_HINT "epolltrace --help lists the options"

/* Also sets what one implies for others. 0, or -EINVAL with *failure about the first fault. */
int options_check(struct options *o, struct failure *failure);

/* Sets what hangs on several of them, for the pipeline, the trace and the recorder. */
void options_derive(struct options *o);

#endif
