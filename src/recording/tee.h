/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tee.h - records to a recording and to the sink that shows them.
 */
#ifndef ET_TEE_H
#define ET_TEE_H

#include "event/record.h"

#include <stdbool.h>
#include <stdint.h>

#define TEE_PROCESSES 1024

struct tee {
	struct record_sink recording; /* take is NULL: there is none */
	struct record_sink shown;
	/*
	 * Nothing is shown but messages: of calls only one now and then is needed for these, and
	 * nothing of descriptors, so that a recording costs no more than it must.
	 */
	bool messages_only;
	int recording_err; /* of the recording, which has ended then, while the rest goes on */
	uint32_t passed[TEE_PROCESSES]; /* processes of which a call was shown; see messages_only */
};

/* A record_fn: takes one record. What the shown sink says. */
int tee_take(void *tee, const void *data, size_t size);

#endif
