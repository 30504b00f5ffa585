/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * signals.h - signals that end a trace: SIGINT, SIGTERM, and SIGHUP unless nohup has it ignored.
 *
 * The first one ends capture, and what was captured is written. The second one ends the tool from
 * within the handler, whatever it is waiting for, and says what was not written; less than 0.2 s
 * after the first one it is taken for the same, because timeout(1) sends two. SIGINT from the
 * terminal goes to a launched COMMAND as well, and ends the trace by ending that. The end of --duration
 * counts as a first signal, and never as a second one.
 */
#ifndef ET_SIGNALS_H
#define ET_SIGNALS_H

#include "base/failure.h"

#include <stdbool.h>
#include <stdint.h>

struct live;
struct output;

/*
 * Installs the handlers. Returns a descriptor that becomes readable at SIGCHLD, and at SIGUSR1 if
 * that is asked for; or -errno with *f.
 */
int signals_init(bool launched, bool usr1, struct failure *f);

/* From here on there is a trace to end: what is captured, and where it is written to. */
void signals_watch(struct live *live, const struct output *output);

/* All is written, and what is left to do ends soon: signals are ignored. */
void signals_unwatch(void);

/* Ends the trace in ns from now, as the first signal does; 0: no longer. */
void signals_end_after(uint64_t ns);

/* Has a signal ended the trace? */
bool signals_ended(void);

/* Reads the descriptor. Was there a SIGUSR1? */
bool signals_usr1(int fd);

/* For a stream that is read from a pipe: the terminal's first SIGINT ends the writer. */
void signals_spare_reader(void);

#endif
