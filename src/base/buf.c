/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){0};
}

bool buf_grow(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 256;
	char *data;

	while (cap - b->len < n)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

/* Two digits a step: a division costs more than a scan-up. */
static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

#define EIGHT_DIGITS 100000000u

/* Eight digits with leading zeros; the halves do not wait for each other. */
static void put_eight(char *at, uint32_t v)
{
	uint32_t high = v / 10000, low = v % 10000;

	memcpy(at, pairs + 2 * (high / 100), 2);
	memcpy(at + 2, pairs + 2 * (high % 100), 2);
	memcpy(at + 4, pairs + 2 * (low / 100), 2);
	memcpy(at + 6, pairs + 2 * (low % 100), 2);
}

void buf_u64(struct buf *b, uint64_t v)
{
	char digits[24];
	unsigned i = sizeof(digits);
	uint32_t rest;

	if (v < 10) { /* nearly always */
		buf_char(b, (char)('0' + v));
		return;
	}
	for (; v >= EIGHT_DIGITS; v /= EIGHT_DIGITS)
		put_eight(digits + (i -= 8), v % EIGHT_DIGITS);
	for (rest = v; rest >= 100; rest /= 100)
		memcpy(digits + (i -= 2), pairs + 2 * (rest % 100), 2);
	if (rest >= 10)
		memcpy(digits + (i -= 2), pairs + 2 * rest, 2);
	else
		digits[--i] = (char)('0' + rest);
	buf_append(b, digits + i, sizeof(digits) - i);
}

void buf_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_char(b, '-');
	buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_pad(struct buf *b, uint64_t v, unsigned width)
{
	if (!buf_room(b, width))
		return;
	for (unsigned i = width; i; i--) {
		b->data[b->len + i - 1] = '0' + v % 10;
		v /= 10;
	}
	b->len += width;
}

void buf_hex(struct buf *b, uint64_t v)
{
	char digits[18];
	unsigned i = sizeof(digits);

	do {
		digits[--i] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	digits[--i] = 'x';
	digits[--i] = '0';
	buf_append(b, digits + i, sizeof(digits) - i);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0 || !buf_room(b, (size_t)n + 1))
		return;
	va_start(args, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, args);
	va_end(args);
	b->len += n;
}

/* The letter of C's short escapes, 0 if a byte has none. */
static char short_escape(unsigned char c)
{
	switch (c) {
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '\v':
		return 'v';
	case '"':
	case '\\':
		return c;
	default:
		return 0;
	}
}

/* With all three digits if one more would be taken for a fourth. */
static void append_octal(struct buf *b, unsigned char c, bool digit_next)
{
	buf_char(b, '\\');
	if (c >= 0100 || digit_next)
		buf_char(b, '0' + (c >> 6));
	if (c >= 010 || digit_next)
		buf_char(b, '0' + (c >> 3 & 7));
	buf_char(b, '0' + (c & 7));
}

void buf_escaped(struct buf *b, const char *s, size_t n, const char *also)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = s[i];
		char letter = short_escape(c);
		bool digit_next = i + 1 < n && s[i + 1] >= '0' && s[i + 1] <= '9';

		if (letter) {
			buf_char(b, '\\');
			buf_char(b, letter);
		} else if (c >= ' ' && c < 0x7f && !strchr(also, c)) {
			buf_char(b, c);
		} else {
			append_octal(b, c, digit_next);
		}
	}
}
