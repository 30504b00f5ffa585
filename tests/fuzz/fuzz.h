/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz.h - what fuzz targets share. libFuzzer calls them, or corpus.c with files; see README.md.
 */
#ifndef ET_FUZZ_H
#define ET_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input. */
#define MUST(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The rest of an input. */
struct input {
	const uint8_t *at;
	size_t left;
};

/* Its next byte, 0 after its end. */
static inline unsigned take_byte(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* Bytes behind their number in 16 bits; cut where the input ends. NULL: there are no more. */
static inline const uint8_t *take_bytes(struct input *in, size_t *ret_len)
{
	const uint8_t *bytes;
	size_t len;

	if (!in->left)
		return NULL;
	len = take_byte(in);
	len |= (size_t)take_byte(in) << 8;
	if (len > in->left)
		len = in->left;
	bytes = in->at;
	in->at += len;
	in->left -= len;
	*ret_len = len;
	return bytes;
}

/* A copy of its own, aligned as records are, so that a byte behind it is nobody's. */
static inline void *copy_of(const uint8_t *bytes, size_t len)
{
	void *copy = malloc(len ? len : 1);

	MUST(copy);
	memcpy(copy, bytes, len);
	return copy;
}

#endif
