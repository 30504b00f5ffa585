/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * decode_file.h - a captured struct et_file in strace -yy's notation. Part of the decoder.
 */
#ifndef ET_DECODE_FILE_H
#define ET_DECODE_FILE_H

#include "../../bpf/wire.h"
#include "base/buf.h"
#include "event/event.h"

/* Adds what stands between < and >; name has name_len bytes. Nothing for an instance. */
void file_text(struct buf *b, const struct et_file *f, const char *name, size_t name_len);

/* Its kind and its addresses. */
struct file_what file_what(const struct et_file *f);

#endif
