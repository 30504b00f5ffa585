/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* completion.h - scripts by which a shell completes our command line, made of option_table.h. */
#ifndef ET_COMPLETION_H
#define ET_COMPLETION_H

#include "cli/options.h"

/* Prints the script to stdout. */
void completion_print(enum shell shell);

#endif
