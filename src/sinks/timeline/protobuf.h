/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * protobuf.h - the wire format of Protocol Buffers, written into a buffer: numbered fields, each a
 * number or bytes, and messages within messages.
 */
#ifndef ET_PROTOBUF_H
#define ET_PROTOBUF_H

#include "base/buf.h"

/* Seven bits a byte, the lowest first. */
void pb_varint(struct buf *b, uint64_t value);

/* A field with a number; a negative one is sign-extended to 64 bits, as int32 and int64 are. */
void pb_u64(struct buf *b, unsigned field, uint64_t value);

/* A field with bytes. */
void pb_bytes(struct buf *b, unsigned field, const void *data, size_t n);
void pb_string(struct buf *b, unsigned field, const char *text);

/* Opens a message within the message; what is written until pb_close() is in it. */
size_t pb_open(struct buf *b, unsigned field);
void pb_close(struct buf *b, size_t opened);

#endif
