/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * finding.h - what is wrong with a program's use of epoll: one finding of one rule about one entry,
 * instance or process. It is suspected for a while, then raised, and resolved when the evidence has
 * gone.
 *
 * What one cause raises again and again is reported once: the findings of a rule in one instance,
 * about files of a kind, are members of a finding that is made when the first of them is raised.
 * Rules know the members only, all other code what they are members of.
 */
#ifndef ET_FINDING_H
#define ET_FINDING_H

#include "base/buf.h"
#include "base/rule_ids.h"
#include "base/table.h"
#include "event/event.h"

#include <stdbool.h>
#include <stdint.h>

enum finding_state {
	FINDING_SUSPECTED, /* not reported yet */
	FINDING_RAISED,
	FINDING_RESOLVED,
};

struct finding {
	struct node by_key;
	struct finding *next; /* in the order in which they were first suspected */
	uint64_t key;	      /* what it is about, within its rule */
	enum rule_id rule;
	enum severity severity;
	enum finding_state state;
	uint64_t round;	    /* of the scan that observed the evidence last */
	uint64_t since_ns;  /* suspected without a break since */
	uint64_t time_ns;   /* when it was raised or resolved last */
	uint64_t raised_ns; /* first */
	uint64_t graver_ns; /* when it became as grave as it is */
	uint64_t last_ns;   /* and last */
	struct finding
		*cause;	   /* what it is a member of, NULL: it has members, or is not raised yet */
	uint64_t variant;  /* of the rule: members of one cause have the same */
	unsigned count;	   /* times that members were raised */
	unsigned standing; /* members that are raised now; of a member 1 or 0 */
	bool repeated;	   /* it has been reported before, and is not graver now */
	/* What it is about, as of then; of a cause that of the latest, of the gravest, member. */
	uint32_t pid, tid;     /* the thread that has to do with it */
	unsigned instance;     /* its number, 0: about none */
	int epfd;	       /* a number by which the process holds it, -1: none is known */
	int fd;		       /* -1: about no entry */
	uint32_t entry;	       /* the entry's number, 0: about none */
	char *file;	       /* of fd, NULL: not known */
	struct file_what what; /* of file */
	struct buf evidence;   /* lines without a last '\n', ended by NUL */
	const char *fix;       /* a clause; NULL: what its rule says */
	uint64_t delivered_ns; /* when the entry had been delivered last then, 0: not observed */
	uint32_t delivered;    /* and what was */
	uint32_t ready;	       /* the same as of the last scan: reported with the next evidence */
	uint64_t ready_ns;
	uint64_t memory[4]; /* of the rule */
};

#endif
