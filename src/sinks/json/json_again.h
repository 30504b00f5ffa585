/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_again.h - the same wait again: a loop makes one like the last over and over, and of its line
 * only the two times are new.
 */
#ifndef ET_JSON_AGAIN_H
#define ET_JSON_AGAIN_H

#include "sinks/json/json_call.h"

#define AGAIN_LINE_MAX 1000 /* longer lines are written in full */

/* All that the line of a wait with at most one ready event is made from, but for its times. */
struct json_again_key {
	struct wait_args args;
	uint64_t instance, entry, data;
	const char *file;
	uint32_t pid, tid, events;
	int id, fd, ret;
	uint32_t ready_count, flags;
	char comm[20];
};

struct json_again {
	bool valid;
	struct json_again_key key;
	size_t size;		     /* of the line */
	size_t time, after_time;     /* where the time stands in it */
	size_t length, after_length; /* and the duration */
	char line[AGAIN_LINE_MAX];
};

void json_again_forget(struct json_again *a);

/* Writes the line of an event that is like the one which is kept; false: it is another one. */
bool json_again(struct json_again *a, const struct json_event *e, struct buf *b);

/* Keeps the line that the buffer has from start on, if it may come again. */
void json_again_keep(struct json_again *a, const struct json_event *e, const struct buf *b,
		     size_t start);

#endif
