/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lapses.h - what became of numbers that were registered, or were instances, and are no longer.
 *
 * The latest that is known of each number of a process, for the most recent few thousand numbers.
 * Scans report what waits in a socket that has such a number and is in no interest list.
 */
#ifndef ET_LAPSES_H
#define ET_LAPSES_H

#include "model/interest.h"

enum lapse_how {
	LAPSE_DELETED,	/* EPOLL_CTL_DEL of the file that had the number then */
	LAPSE_CLOSED,	/* the number was closed while its file was registered by it */
	LAPSE_REFUSED,	/* EPOLL_CTL_MOD gave ENOENT, and no EPOLL_CTL_ADD has followed */
	LAPSE_INSTANCE, /* it was an instance, and was closed */
};

/* A socket at that number which is in no interest list, as of the last scan. */
struct stray {
	uint64_t file, ino;
	uint64_t first_ns, scanned_ns;
	uint64_t
		unread_since_ns; /* nobody has taken input since that scan, as far as scans can tell */
	uint64_t touched_ns;	 /* the same of input and output */
	struct pending pending;
	char *name;
	struct file_what what;
	unsigned refs, most_refs; /* references to the file, now and at most */
};

struct lapse {
	struct node by_number;
	struct lapse *newer, *older;
	uint32_t pid; /* whose number it is */
	int fd;
	enum lapse_how how;
	bool discovered; /* a scan discovered the entry: what was delivered before is not known */
	uint64_t time_ns;
	uint32_t by_pid, by_tid; /* whose call it was */
	unsigned instance;	 /* of the entry; of LAPSE_INSTANCE: that was closed */
	uint32_t entry;		 /* number of the entry that ended, 0: none */
	uint64_t file, ino;	 /* the file of the call; of LAPSE_CLOSED ino is 0 */
	unsigned refs;		 /* the most references to it so far */
	uint64_t deliveries;
	struct stray *stray; /* NULL: no scan has observed one */
};

struct lapses {
	struct table by_number;
	struct lapse *newest, *oldest;
	size_t count;
	struct bounds *bounds;
};

void lapses_free(struct lapses *l);

/* A number is about to be closed; before the interest lists know it. */
void lapses_close(struct lapses *l, const struct interest *in, const struct event *ev);

/* An epoll_ctl on the instance, with the entry that it has changed; NULL: none. */
void lapses_ctl(struct lapses *l, const struct instance *inst, const struct entry *e,
		const struct event *ev);

/* A wait has still delivered an entry that is gone. */
void lapses_deliver(struct lapses *l, const struct entry *e);

/* A scan has observed a socket that is in no interest list. */
void lapses_see(struct lapses *l, const struct event *ev);

/* The last that is known of a number of a process, NULL: nothing. */
struct lapse *lapses_find(const struct lapses *l, uint32_t pid, int fd);

#endif
