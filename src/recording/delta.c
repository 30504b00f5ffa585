/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "recording/delta.h"

#include <stdbool.h>
#include <string.h>

void delta_reset(struct delta *d)
{
	for (unsigned i = 0; i < DELTA_KINDS; i++)
		d->last[i].size = 0;
}

static unsigned words_of(uint32_t size)
{
	return (size + 7) / 8;
}

/* Makes the last record as long as the next one is: with zeros, or cut. */
static void resize_record(struct last_record *last, uint32_t size)
{
	unsigned have = words_of(last->size), want = words_of(size);

	if (want > have)
		memset(last->words + have, 0, (want - have) * sizeof(last->words[0]));
	last->size = size;
}

static unsigned char *put_varint(unsigned char *at, uint64_t v)
{
	while (v >= 0x80) {
		*at++ = v | 0x80;
		v >>= 7;
	}
	*at++ = v;
	return at;
}

/* NULL: it does not end before end, or has more than 64 bits. */
static const unsigned char *get_varint(const unsigned char *at, const unsigned char *end,
				       uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned shift = 0; at < end && shift < 64; shift += 7) {
		if (shift == 63 && *at > 1)
			return NULL;
		v |= (uint64_t)(*at & 0x7f) << shift;
		if (!(*at++ & 0x80)) {
			*ret = v;
			return at;
		}
	}
	return NULL;
}

static uint64_t zigzag(uint64_t difference)
{
	return difference << 1 ^ -(difference >> 63);
}

static uint64_t unzigzag(uint64_t v)
{
	return v >> 1 ^ -(v & 1);
}

size_t delta_put(struct delta *d, unsigned kind, const void *record, size_t size, unsigned char *at)
{
	const unsigned char *const start = at, *from = record;
	struct last_record *last = &d->last[kind < DELTA_KINDS ? kind : 0];
	unsigned words = words_of(size);
	unsigned char *bits;

	if (kind >= DELTA_KINDS || !size || size > DELTA_RECORD_MAX)
		return 0;
	*at++ = kind | (size == last->size ? FRAME_SAME_SIZE : 0);
	if (size != last->size) {
		at = put_varint(at, size);
		resize_record(last, size);
	}
	bits = at;
	at += (words + 7) / 8;
	memset(bits, 0, at - bits);
	for (unsigned i = 0; i < words; i++) {
		uint64_t word = 0;

		memcpy(&word, from + 8 * i, i + 1 < words ? 8 : size - 8 * i);
		if (word == last->words[i])
			continue;
		bits[i / 8] |= 1 << i % 8;
		at = put_varint(at, zigzag(word - last->words[i]));
		last->words[i] = word;
	}
	return at - start;
}

/* What stands before the bits. NULL: it makes no sense. */
static const unsigned char *get_head(struct delta *d, const unsigned char *at,
				     const unsigned char *end, struct last_record **ret_last)
{
	unsigned kind = *at & ~FRAME_SAME_SIZE;
	bool same = *at++ & FRAME_SAME_SIZE;
	struct last_record *last = &d->last[kind < DELTA_KINDS ? kind : 0];
	uint64_t size = last->size;

	if (!same)
		at = get_varint(at, end, &size);
	if (!at || kind >= DELTA_KINDS || !size || size > DELTA_RECORD_MAX)
		return NULL;
	resize_record(last, size);
	*ret_last = last;
	return at;
}

size_t delta_get(struct delta *d, const unsigned char *at, size_t room, const void **ret_record,
		 size_t *ret_size)
{
	const unsigned char *const start = at, *const end = at + room, *bits;
	struct last_record *last;
	unsigned words;
	uint64_t v;

	at = room ? get_head(d, at, end, &last) : NULL;
	if (!at)
		return 0;
	words = words_of(last->size);
	if ((size_t)(end - at) < (words + 7) / 8)
		return 0;
	bits = at;
	at += (words + 7) / 8;
	for (unsigned first = 0; first < words; first += 8) {
		for (unsigned left = bits[first / 8]; left; left &= left - 1) {
			unsigned i = first + __builtin_ctz(left);

			at = i < words ? get_varint(at, end, &v) : NULL;
			if (!at)
				return 0;
			last->words[i] += unzigzag(v);
		}
	}
	*ret_record = last->words;
	*ret_size = last->size;
	return at - start;
}
