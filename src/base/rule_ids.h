/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule_ids.h - the one list of rules: the constant, the file in src/rules/ (without .c), and the name
 * that --rules and --explain take and that findings are called by.
 */
#ifndef ET_RULE_IDS_H
#define ET_RULE_IDS_H

#define RULES(X)                                                                                   \
	X(LOST_EDGE, lost_edge, "lost-edge")                                                       \
	X(LOST_EOF, lost_eof, "lost-eof")                                                          \
	X(LOST_ACCEPT, lost_accept, "lost-accept")                                                 \
	X(LOST_WRITE, lost_write, "lost-write")                                                    \
	X(ONESHOT_NOT_REARMED, oneshot_not_rearmed, "oneshot-not-rearmed")                         \
	X(TIMER_UNREAD, timer_unread, "timer-unread")                                              \
	X(INTEREST_OFF, interest_off, "interest-off")                                              \
	X(UNWATCHED, unwatched, "unwatched")                                                       \
	X(EXCLUSIVE_BOUND, exclusive_bound, "exclusive-bound")                                     \
	X(ONE_EDGE_MANY_WAITERS, one_edge_many_waiters, "one-edge-many-waiters")                   \
	X(BLOCKING_FD, blocking_fd, "blocking-fd")                                                 \
	X(CLOSED_WHILE_WAITING, closed_while_waiting, "closed-while-waiting")                      \
	X(WAIT_ERROR, wait_error, "wait-error")                                                    \
	X(WRITE_SPIN, write_spin, "write-spin")                                                    \
	X(HANGUP_SPIN, hangup_spin, "hangup-spin")                                                 \
	X(ERROR_QUEUE_SPIN, error_queue_spin, "error-queue-spin")                                  \
	X(UNCONNECTED_SPIN, unconnected_spin, "unconnected-spin")                                  \
	X(NOTIFIER_UNDRAINED, notifier_undrained, "notifier-undrained")                            \
	X(READY_IGNORED, ready_ignored, "ready-ignored")                                           \
	X(ACCEPT_EMFILE, accept_emfile, "accept-emfile")                                           \
	X(ZERO_TIMEOUT_SPIN, zero_timeout_spin, "zero-timeout-spin")                               \
	X(TIMEOUT_ROUNDING, timeout_rounding, "timeout-rounding")                                  \
	X(SHORT_TIMEOUT, short_timeout, "short-timeout")                                           \
	X(PHANTOM, phantom, "phantom")                                                             \
	X(STALE_BATCH, stale_batch, "stale-batch")                                                 \
	X(SHARED_AFTER_FORK, shared_after_fork, "shared-after-fork")                               \
	X(EPFD_LEAK, epfd_leak, "epfd-leak")                                                       \
	X(KEPT_OPEN, kept_open, "kept-open")                                                       \
	X(CTL_ERROR, ctl_error, "ctl-error")                                                       \
	X(REGISTERED_TWICE, registered_twice, "registered-twice")                                  \
	X(CONCURRENT_HANDLERS, concurrent_handlers, "concurrent-handlers")                         \
	X(EINTR, eintr, "eintr")                                                                   \
	X(WAKEUP_DROPPED, wakeup_dropped, "wakeup-dropped")                                        \
	X(NESTED, nested, "nested")                                                                \
	X(BUSY_POLL, busy_poll, "busy-poll")                                                       \
	X(UNSEEN_IO_URING, unseen_io_uring, "unseen-io-uring")

#define RULE_ID(id, file, name) RULE_##id,
enum rule_id {
	RULES(RULE_ID) RULE_COUNT
};
#undef RULE_ID

#define RULE_BIT(id) (1ULL << (id))
#define RULES_ALL    (RULE_BIT(RULE_COUNT) - 1)

enum severity {
	SEVERITY_NONE,
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

#endif
