/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * replay.h - a recording as a source: the records of a file, believing nothing that it says.
 *
 * Needs no privileges, no BPF, and not the machine or the kernel that recorded. Memory is bounded,
 * whatever the file holds: a block at a time is inflated, to a size that is known before.
 */
#ifndef ET_REPLAY_H
#define ET_REPLAY_H

#include "base/failure.h"
#include "event/record.h"

#include <stdio.h>

/*
 * Delivers all records of the file, "-": of standard input. 0, or what the sink said, with nothing
 * in *failure; -EBADMSG with *failure if the file is no recording, is damaged, or ends early:
 * then what came before has been delivered, followed by an end.
 */
int replay_file(const char *path, const struct record_sink *sink, struct failure *failure);

/* The same from an open stream; name is for messages. */
int replay_stream(FILE *stream, const char *name, const struct record_sink *sink,
		  struct failure *failure);

#endif
