/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recorder.h - the stream of records into a file, as it comes.
 *
 * What has come is in the file half a second later at most, and on the disk, if the system keeps
 * its promises, half a second after that: a thread of its own waits for it. A block is written whole
 * or taken back.
 */
#ifndef ET_RECORDER_H
#define ET_RECORDER_H

#include "base/failure.h"
#include "event/record.h"

struct recorder;

/* Creates the file and writes its header; "-" is standard output. 0, or -errno with *failure. */
int recorder_open(const char *path, struct recorder **ret_recorder, struct failure *failure);

/* A record_fn: takes one record. 0, or -errno of what could not be written. */
int recorder_take(void *recorder, const void *data, size_t size);

/* Writes the rest, and closes. 0 or -errno: some of the last second may be missing. Takes NULL. */
int recorder_close(struct recorder *r);

#endif
