/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scan.h - what scans of descriptors observe, merged into the interest lists.
 *
 * In the stream a scan is a beginning, observations, and an end. Each observation is true of some time
 * in between; calls that come after it in the stream have the last word. What the scan has not
 * observed by its end, and no call has changed since its beginning, is gone.
 */
#ifndef ET_SCAN_H
#define ET_SCAN_H

#include "base/buf.h"
#include "model/interest.h"
#include "model/tasks.h"

struct scan {
	const struct tasks *tasks;
	uint64_t first_ns; /* when the first scan began */
	uint16_t round;	   /* number of the scan under way, or of the last one */
	bool under_way;
	bool no_iterator;
	bool whole;		     /* the last one left nothing out */
	uint64_t begin_ns, ended_ns; /* of the scan under way, of the last one */
	uint64_t now_ns;	     /* of the stream */
	/* The file that was reported last: entries on it follow. */
	uint64_t file;
	uint64_t file_ep; /* not 0: it is an instance */
	struct buf file_text;
	struct file_what file_what;
	struct pending pending;
	bool has_io;
	struct io_event io;
};

void scan_free(struct scan *l);

/* Applies a beginning or an end. */
void scan_apply(struct scan *l, struct interest *in, const struct event *ev);

/* Applies what was observed; returns the entry, or NULL if it is of the past. */
void scan_instance(struct scan *l, struct interest *in, const struct event *ev);
void scan_watched(struct scan *l, const struct event *ev);

/* A file in no list may be that of an entry that is deleted and added again at each turn. */
void scan_put_back(const struct scan *l, struct interest *in, const struct event *ev);

/* Keeps what the scan has observed of an entry, for the comparison with the next scan. */
void scan_keep_observed(struct scan *l, struct entry *e, const struct event *ev);

void scan_io(struct scan *l, const struct event *ev);
struct entry *scan_entry(struct scan *l, struct interest *in, const struct event *ev);
void scan_fdinfo(struct scan *l, struct interest *in, const struct event *ev);

/*
 * The instance that a process uses by that number, known from fdinfo alone so far; NULL: there is
 * none. It is bound to the address ep then.
 */
struct instance *scan_bind(struct interest *in, uint32_t pid, int fd, uint64_t ep);

#endif
