/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule_ids.h - the rules by name: what --rules and --explain take, and findings are called.
 */
#ifndef ET_RULE_IDS_H
#define ET_RULE_IDS_H

#define RULES(X)                                                                                   \
	X(LOST_EDGE, "lost-edge")                                                                  \
	X(LOST_EOF, "lost-eof")                                                                    \
	X(LOST_ACCEPT, "lost-accept")                                                              \
	X(LOST_WRITE, "lost-write")                                                                \
	X(ONESHOT_NOT_REARMED, "oneshot-not-rearmed")                                              \
	X(TIMER_UNREAD, "timer-unread")                                                            \
	X(INTEREST_OFF, "interest-off")                                                            \
	X(UNWATCHED, "unwatched")                                                                  \
	X(EXCLUSIVE_BOUND, "exclusive-bound")                                                      \
	X(ONE_EDGE_MANY_WAITERS, "one-edge-many-waiters")                                          \
	X(BLOCKING_FD, "blocking-fd")                                                              \
	X(CLOSED_WHILE_WAITING, "closed-while-waiting")                                            \
	X(WAIT_ERROR, "wait-error")                                                                \
	X(PHANTOM, "phantom")                                                                      \
	X(STALE_BATCH, "stale-batch")                                                              \
	X(SHARED_AFTER_FORK, "shared-after-fork")                                                  \
	X(EPFD_LEAK, "epfd-leak")                                                                  \
	X(KEPT_OPEN, "kept-open")                                                                  \
	X(CTL_ERROR, "ctl-error")                                                                  \
	X(REGISTERED_TWICE, "registered-twice")                                                    \
	X(CONCURRENT_HANDLERS, "concurrent-handlers")

#define RULE_ID(id, name) RULE_##id,
enum rule_id {
	RULES(RULE_ID) RULE_COUNT
};
#undef RULE_ID

#define RULES_ALL ((1u << RULE_COUNT) - 1)

enum severity {
	SEVERITY_NONE,
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

#endif
