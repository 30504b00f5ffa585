/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which function asks what. */
#include "rules/list.h"

const struct rule rules_registry[RULE_COUNT] = {
	[RULE_LOST_EDGE] = {.entry = lost_edge_entry},
	[RULE_LOST_EOF] = {.entry = lost_eof_entry},
	[RULE_LOST_ACCEPT] = {.entry = lost_accept_entry},
	[RULE_LOST_WRITE] = {.entry = lost_write_entry},
	[RULE_ONESHOT_NOT_REARMED] = {.entry = oneshot_entry},
	[RULE_TIMER_UNREAD] = {.entry = timer_unread_entry},
	[RULE_INTEREST_OFF] = {.entry = interest_off_entry},
	[RULE_UNWATCHED] = {.stray = unwatched_stray,
			    .waiting = unwatched_waiting,
			    .needs_ready = true},
	[RULE_EXCLUSIVE_BOUND] = {.entry = exclusive_bound_entry, .needs_ready = true},
	[RULE_ONE_EDGE_MANY_WAITERS] = {.entry = one_edge_entry},
	[RULE_BLOCKING_FD] = {.entry = blocking_fd_entry},
	[RULE_CLOSED_WHILE_WAITING] = {.instance = closed_while_waiting_instance,
				       .waiting = closed_while_waiting_waiting},
	[RULE_PHANTOM] = {.entry = phantom_entry},
	[RULE_STALE_BATCH] = {.view = stale_batch_view, .needs_io = true, .needs_ready = true},
	[RULE_WAIT_ERROR] = {.view = wait_error_view},
	[RULE_SHARED_AFTER_FORK] = {.view = shared_after_fork_view,
				    .waiting = shared_after_fork_waiting},
	[RULE_EPFD_LEAK] = {.instance = epfd_leak_instance},
	[RULE_KEPT_OPEN] = {.stray = kept_open_stray},
	[RULE_CTL_ERROR] = {.view = ctl_error_view},
	[RULE_REGISTERED_TWICE] = {.entry = registered_twice_entry},
	[RULE_CONCURRENT_HANDLERS] = {.view = concurrent_view,
				      .entry = concurrent_entry,
				      .needs_io = true,
				      .needs_ready = true},
};

const char *const rules_unbuilt[] = {
	"programs that spin",
	"speed and fairness",
	"waits that are interrupted",
	NULL,
};
