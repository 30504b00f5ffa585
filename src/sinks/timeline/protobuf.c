/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/timeline/protobuf.h"

char *pb_put_long(char *opened, char *at)
{
	char bytes[PB_VARINT_MAX];
	size_t n = pb_put(bytes, at - opened) - bytes;

	memmove(opened + n - 1, opened, at - opened);
	memcpy(opened - 1, bytes, n);
	return at + n - 1;
}

void pb_varint(struct buf *b, uint64_t value)
{
	if (buf_room(b, PB_VARINT_MAX))
		b->len = pb_put(b->data + b->len, value) - b->data;
}

void pb_u64(struct buf *b, unsigned field, uint64_t value)
{
	if (buf_room(b, PB_ROOM))
		b->len = pb_put_u64(b->data + b->len, field, value) - b->data;
}

void pb_bytes(struct buf *b, unsigned field, const void *data, size_t n)
{
	char *at;

	if (!buf_room(b, PB_ROOM + n))
		return;
	at = pb_put(pb_put_tag(b->data + b->len, field, PB_BYTES), n);
	if (n)
		memcpy(at, data, n);
	b->len = at + n - b->data;
}

void pb_string(struct buf *b, unsigned field, const char *text)
{
	pb_bytes(b, field, text, strlen(text));
}

size_t pb_open(struct buf *b, unsigned field)
{
	if (buf_room(b, PB_ROOM))
		b->len = pb_put_open(b->data + b->len, field) - b->data;
	return b->len;
}

void pb_close(struct buf *b, size_t opened)
{
	if (b->failed || !buf_room(b, PB_VARINT_MAX))
		return;
	b->len = pb_put_close(b->data + opened, b->data + b->len) - b->data;
}
