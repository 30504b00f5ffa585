/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * buf.h - a growing byte buffer, with the few number formats that lines need.
 *
 * stdio's formats cost more than the system call that a line is about; these do not. If memory
 * runs out the buffer keeps what it has and remembers: see failed.
 */
#ifndef ET_BUF_H
#define ET_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *data;
	size_t len;
	size_t cap;
	bool failed; /* something could not be added: out of memory */
};

/* Frees the memory; the buffer can be used again. */
void buf_free(struct buf *b);

/* Makes room for n more bytes beyond len; false if memory ran out. */
bool buf_grow(struct buf *b, size_t n);

static inline bool buf_room(struct buf *b, size_t n)
{
	return b->cap - b->len >= n || buf_grow(b, n);
}

static inline void buf_append(struct buf *b, const void *data, size_t n)
{
	if (!n || !buf_room(b, n))
		return;
	memcpy(b->data + b->len, data, n);
	b->len += n;
}

static inline void buf_char(struct buf *b, char c)
{
	if (buf_room(b, 1))
		b->data[b->len++] = c;
}

static inline void buf_str(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s));
}

/* Decimal. */
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);

/* Decimal with leading zeros up to width digits. */
void buf_pad(struct buf *b, uint64_t v, unsigned width);

/* "0x" and lowercase hex without leading zeros. */
void buf_hex(struct buf *b, uint64_t v);

/* For what is not on the hot path. */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Bytes that come from the target, made safe for terminals in C's notation: \n, \t, \", \\, \177.
 * Nothing that is not printable ASCII gets through; the characters of also are written in octal.
 */
void buf_escaped(struct buf *b, const char *s, size_t n, const char *also);

#endif
