/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * look.h - what looks at descriptors have seen, merged into the interest lists.
 *
 * A look stands in the stream as a beginning, what was seen, and an end. Each thing seen is true of
 * a moment within; calls that are told behind it in the stream have the last word. What the end has
 * not seen, and no call has changed since the beginning, is gone.
 */
#ifndef ET_LOOK_H
#define ET_LOOK_H

#include "base/buf.h"
#include "model/interest.h"
#include "model/tasks.h"

struct look {
	const struct tasks *tasks;
	uint64_t first_ns; /* when the first look began */
	uint16_t round;	   /* number of the look under way, or of the last one */
	bool under_way;
	bool no_iterator;
	bool whole;		     /* the last one left nothing out */
	uint64_t begin_ns, ended_ns; /* of the look under way, of the last one */
	uint64_t now_ns;	     /* of the stream */
	/* The file that was told last: entries on it follow. */
	uint64_t file;
	uint64_t file_ep; /* not 0: it is an instance */
	struct buf file_text;
	struct file_what file_what;
	struct pending pending;
	bool has_io;
	struct io_event io;
};

/* Has input been taken between two looks at a file? */
bool look_was_taken(const struct pending *then, const struct pending *now);

void look_free(struct look *l);

/* Applies a beginning or an end. */
void look_apply(struct look *l, struct interest *in, const struct event *ev);

/* Applies what was seen; the entry that was seen, NULL: it is of the past. */
void look_instance(struct look *l, struct interest *in, const struct event *ev);
void look_watched(struct look *l, const struct event *ev);
void look_io(struct look *l, const struct event *ev);
struct entry *look_entry(struct look *l, struct interest *in, const struct event *ev);
void look_fdinfo(struct look *l, struct interest *in, const struct event *ev);

/*
 * The instance that a process uses by that number, which only fdinfo has told of so far; NULL:
 * there is none. It is bound to the address ep then.
 */
struct instance *look_bind(struct interest *in, uint32_t pid, int fd, uint64_t ep);

#endif
