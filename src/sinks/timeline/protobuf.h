/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * protobuf.h - the wire format of Protocol Buffers, written into a buffer: numbered fields, each a
 * number or bytes, and messages within messages. A trace has dozens of them for a call: what events
 * are made of is inline.
 */
#ifndef ET_PROTOBUF_H
#define ET_PROTOBUF_H

#include "base/buf.h"

#define PB_VARINT_MAX 10 /* bytes of 64 bits, seven each */

enum pb_wire_type {
	PB_VARINT = 0,
	PB_BYTES = 2
};

/*
 * Written at a place where there is room; each returns the end. No field takes more than PB_ROOM
 * bytes and what it holds.
 */
#define PB_ROOM (2 + PB_VARINT_MAX)

/* Seven bits a byte, the lowest first. */
static inline char *pb_put(char *at, uint64_t value)
{
	for (; value > 0x7f; value >>= 7)
		*at++ = (char)(value | 0x80);
	*at++ = (char)value;
	return at;
}

/* No field has a number of more than 11 bits: without a loop this is a constant. */
static inline char *pb_put_tag(char *at, unsigned field, enum pb_wire_type type)
{
	unsigned tag = field << 3 | type;

	if (tag > 0x7f) {
		*at++ = (char)(tag | 0x80);
		tag >>= 7;
	}
	*at++ = (char)tag;
	return at;
}

static inline char *pb_put_u64(char *at, unsigned field, uint64_t value)
{
	return pb_put(pb_put_tag(at, field, PB_VARINT), value);
}

/* Opens a message within the message: what is written until pb_put_close() is in it. */
static inline char *pb_put_open(char *at, unsigned field)
{
	at = pb_put_tag(at, field, PB_BYTES);
	*at++ = 0; /* the length, if it is below 128 */
	return at;
}

/* Moves what a message holds, so that a longer length has room. */
char *pb_put_long(char *opened, char *at);

/* opened is what pb_put_open() has returned. */
static inline char *pb_put_close(char *opened, char *at)
{
	if (at - opened > 0x7f)
		return pb_put_long(opened, at);
	opened[-1] = (char)(at - opened);
	return at;
}

/* The same into a buffer, which makes room. A negative number is sign-extended to 64 bits. */
void pb_varint(struct buf *b, uint64_t value);
void pb_u64(struct buf *b, unsigned field, uint64_t value);
void pb_bytes(struct buf *b, unsigned field, const void *data, size_t n);
void pb_string(struct buf *b, unsigned field, const char *text);
size_t pb_open(struct buf *b, unsigned field);
void pb_close(struct buf *b, size_t opened);

#endif
