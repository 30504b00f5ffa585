/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * delta.h - a record written as what differs from the last one of its kind, word by word.
 *
 * Most records of a loop differ from the one before in a time, a duration and a few bits. What is
 * left is a tenth of their size, and takes zlib a fraction of the time. A frame is
 *
 *	the kind, with FRAME_SAME_SIZE if the size is that of the last record of this kind,
 *	otherwise followed by the size in bytes, as a varint;
 *	a bit for each word of 8 bytes, lowest first, set if it differs;
 *	for each such word its difference, zigzag coded, as a varint (protobuf's, low bits first).
 *
 * Words that the record before did not have count as 0 in it.
 */
#ifndef ET_DELTA_H
#define ET_DELTA_H

#include <stddef.h>
#include <stdint.h>

#define DELTA_KINDS	 64
#define DELTA_RECORD_MAX 20480 /* bytes of a record */
#define DELTA_WORDS	 (DELTA_RECORD_MAX / 8)

#define FRAME_SAME_SIZE	 0x80
#define FRAME_MAX	 (1 + 3 + DELTA_WORDS / 8 + 10 * DELTA_WORDS)

/* The last record of each kind; large. */
struct delta {
	struct last_record {
		uint32_t size;
		uint64_t words[DELTA_WORDS]; /* the rest of the last one is 0 */
	} last[DELTA_KINDS];
};

/* Forgets all records: at the begin of a block. */
void delta_reset(struct delta *d);

/*
 * Writes the frame of a record of that kind, at most FRAME_MAX bytes, to at. The bytes, or 0
 * if the kind or the size is more than a recording holds.
 */
size_t delta_put(struct delta *d, unsigned kind, const void *record, size_t size,
		 unsigned char *at);

/*
 * Reads a frame of at most room bytes. Returns its bytes and fills in the record, aligned to 8 and
 * valid until the next one of its kind; 0 if the bytes are no frame.
 */
size_t delta_get(struct delta *d, const unsigned char *at, size_t room, const void **ret_record,
		 size_t *ret_size);

#endif
