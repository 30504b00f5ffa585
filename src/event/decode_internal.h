/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * decode_internal.h - what the files of the decoder share: decode.c has the table of record kinds,
 * decode_calls.c the calls, decode_file.c the files that descriptors refer to. All return 0 or -EBADMSG.
 */
#ifndef ET_DECODE_INTERNAL_H
#define ET_DECODE_INTERNAL_H

#include "../../bpf/wire.h"
#include "base/buf.h"
#include "event/decode.h"

/* A described file whose name has at most room bytes after name. */
int decode_file(struct buf *text, const struct et_file *f, const char *name, size_t room,
		struct file *ret);

/* One record each, whose size and header have been checked. */
int decode_create(struct decoder *d, const void *data, size_t size, struct event *ev);
int decode_ctl(struct decoder *d, const void *data, size_t size, struct event *ev);
int decode_wait(struct decoder *d, const void *data, size_t size, struct event *ev);
int decode_ready(struct decoder *d, const void *data, size_t size, struct event *ev);
int decode_watched(struct decoder *d, const void *data, size_t size, struct event *ev);
int decode_io(struct decoder *d, const void *data, size_t size, struct event *ev);
int decode_inflight(struct decoder *d, const void *data, size_t size, struct event *ev);

#endif
