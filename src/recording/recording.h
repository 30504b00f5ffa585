/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recording.h - the file format of recordings: a header, then blocks, each of whole records.
 *
 * Everything is in the byte order of the machine that recorded; the header says which. A block is
 * deflated by zlib and has a check sum, so that a file that ends anywhere, or has been damaged, is
 * good up to a block that can be named. Records are those of bpf/wire.h, in the frames of
 * recording/delta.h, which begin anew with each block. A complete recording ends with ET_KIND_END.
 */
#ifndef ET_RECORDING_H
#define ET_RECORDING_H

#include "base/failure.h"

#include <linux/types.h>
#include <stddef.h>

/* As PNG's: a high bit, CR LF and ^Z reveal transfers that change bytes. */
#define RECORDING_MAGIC	  "\211ETR\r\n\032\n"
#define RECORDING_VERSION 6	     /* of this file and of bpf/wire.h */
#define RECORDING_ORDER	  0x01020304 /* as the recording machine stores it */

#define BLOCK_MAGIC	  0x4b4c4245 /* "EBLK" in a hex dump of a little-endian file */
#define BLOCK_PLAIN_MAX	  (256u * 1024)
#define BLOCK_PACKED_MAX  (BLOCK_PLAIN_MAX + BLOCK_PLAIN_MAX / 8)
#define BLOCK_RATIO_MAX	  16 /* plain bytes for a packed one, so that a small file is soon read */

struct recording_header {
	char magic[8];
	__u32 order;
	__u16 version;
	__u16 size;	  /* bytes of this header; later versions may add to it */
	__u32 check;	  /* crc32 of the header with 0 here */
	__u32 clock;	  /* of all times: CLOCK_MONOTONIC */
	char machine[16]; /* "x86_64"; texts end with NUL if they do not fill their field */
	char kernel[64];
	char tool[32];
};

struct recording_block {
	__u32 magic;
	__u32 check;	    /* crc32 of this header with 0 here, then of what follows */
	__u32 packed_bytes; /* that follow, deflated */
	__u32 plain_bytes;  /* that they inflate to */
	__u64 first_ns;	    /* CLOCK_MONOTONIC, of the block's first record, */
	__u64 last_ns;	    /* and the latest time so far */
};

_Static_assert(sizeof(struct recording_header) == 136, "recording_header");
_Static_assert(sizeof(struct recording_block) == 32, "recording_block");

/* The header of a recording that is made now, on this machine. */
void recording_header_fill(struct recording_header *h);

/* Opens a file to record to, "-": standard output. The descriptor, or -errno with *failure. */
int recording_create(const char *path, struct failure *failure);

/* Writes all of it, or nothing if the file can be cut. 0 or -errno. */
int recording_write(int fd, const void *data, size_t size);

#endif
