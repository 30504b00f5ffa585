/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * decode.h - bytes of a record to an event. Believes nothing that it has not checked.
 */
#ifndef ET_DECODE_H
#define ET_DECODE_H

#include "base/buf.h"
#include "event/event.h"

/* What decoded events point into; reused from record to record. */
struct decoder {
	struct buf file_text;
	struct buf epfile_text;
	char comm[17];
	char name[65], state[129];
};

void decoder_free(struct decoder *d);

/*
 * Decodes one record of size bytes, aligned to 8. *ret_ev points into data and into d. Returns 0,
 * or -EBADMSG if the record is malformed: then *ret_ev means nothing.
 */
int decode(struct decoder *d, const void *data, size_t size, struct event *ret_ev);

#endif
