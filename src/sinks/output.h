/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * output.h - where lines go: a buffer in front of a descriptor, and what became of writing to it.
 */
#ifndef ET_OUTPUT_H
#define ET_OUTPUT_H

#include "base/buf.h"

struct output {
	struct buf buf;
	size_t done;  /* bytes of buf that have been written, during a write */
	size_t begun; /* bytes of the line under way that have been written */
	int fd;
	int err; /* 0, or -errno of the write that failed: nothing more is written then */
};

/* Writes what is buffered. A regular file that could not take it all ends with a whole line. */
int output_flush(struct output *o);

/* Bytes that wait to be written. To be called by a signal handler. */
size_t output_pending(const struct output *o);

/* Writes if much is buffered. To be called between lines. */
int output_line_done(struct output *o);

/* Writes if very much is: within a line that may be longer than memory should be filled with. */
int output_piece_done(struct output *o);

#endif
