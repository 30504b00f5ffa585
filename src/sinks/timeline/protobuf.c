/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/timeline/protobuf.h"

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_BYTES = 2
};

#define VARINT_MOST 10 /* bytes of 64 bits, seven each */

/* Returns how many bytes it takes. */
static unsigned put_varint(char *at, uint64_t value)
{
	unsigned n = 0;

	for (; value > 0x7f; value >>= 7)
		at[n++] = (char)(value | 0x80);
	at[n++] = (char)value;
	return n;
}

void pb_varint(struct buf *b, uint64_t value)
{
	if (value <= 0x7f) /* nearly always */
		buf_char(b, (char)value);
	else if (buf_room(b, VARINT_MOST))
		b->len += put_varint(b->data + b->len, value);
}

static void tag(struct buf *b, unsigned field, enum wire_type type)
{
	pb_varint(b, field << 3 | type);
}

void pb_u64(struct buf *b, unsigned field, uint64_t value)
{
	tag(b, field, WIRE_VARINT);
	pb_varint(b, value);
}

void pb_bytes(struct buf *b, unsigned field, const void *data, size_t n)
{
	tag(b, field, WIRE_BYTES);
	pb_varint(b, n);
	buf_put(b, data, n);
}

void pb_string(struct buf *b, unsigned field, const char *text)
{
	pb_bytes(b, field, text, strlen(text));
}

size_t pb_open(struct buf *b, unsigned field)
{
	tag(b, field, WIRE_BYTES);
	buf_char(b, 0); /* the length, where it is below 128 */
	return b->len;
}

void pb_close(struct buf *b, size_t opened)
{
	char bytes[VARINT_MOST];
	unsigned n;

	if (b->failed)
		return;
	n = put_varint(bytes, b->len - opened);
	if (n > 1 && !buf_room(b, n - 1))
		return;
	if (n > 1) {
		memmove(b->data + opened + n - 1, b->data + opened, b->len - opened);
		b->len += n - 1;
	}
	memcpy(b->data + opened - 1, bytes, n);
}
