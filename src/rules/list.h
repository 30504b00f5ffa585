/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * list.h - what each rule is asked by, see struct rule. What a rule means is in texts.c.
 */
#ifndef ET_RULES_LIST_H
#define ET_RULES_LIST_H

#include "rules/rule.h"

void lost_edge_entry(struct rules *r, const struct entry *e);
void lost_eof_entry(struct rules *r, const struct entry *e);
void lost_accept_entry(struct rules *r, const struct entry *e);
void lost_write_entry(struct rules *r, const struct entry *e);
void oneshot_entry(struct rules *r, const struct entry *e);
void timer_unread_entry(struct rules *r, const struct entry *e);
void interest_off_entry(struct rules *r, const struct entry *e);
void blocking_fd_entry(struct rules *r, const struct entry *e);
void exclusive_bound_entry(struct rules *r, const struct entry *e);
void one_edge_entry(struct rules *r, const struct entry *e);
void phantom_entry(struct rules *r, const struct entry *e);
void registered_twice_entry(struct rules *r, const struct entry *e);

void unwatched_stray(struct rules *r, const struct lapse *at);
void unwatched_waiting(struct rules *r, const struct task *task);

void kept_open_stray(struct rules *r, const struct lapse *at);

void epfd_leak_instance(struct rules *r, const struct instance *inst);
void closed_while_waiting_instance(struct rules *r, const struct instance *inst);
void closed_while_waiting_waiting(struct rules *r, const struct task *task);

void wait_error_view(struct rules *r, const struct view *v);
void shared_after_fork_view(struct rules *r, const struct view *v);
void shared_after_fork_waiting(struct rules *r, const struct task *task);
void ctl_error_view(struct rules *r, const struct view *v);
void stale_batch_view(struct rules *r, const struct view *v);
void concurrent_view(struct rules *r, const struct view *v);
void concurrent_entry(struct rules *r, const struct entry *e);

#endif
