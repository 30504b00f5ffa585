/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * list.h - lists through two members of what they hold, "next" and "prev" or whatever they are called:
 * head is a pointer to the first, NULL if there is none. Arguments are evaluated more than once.
 */
#ifndef ET_LIST_H
#define ET_LIST_H

#include <stddef.h>

/* Puts e at the head of a list. */
#define list_push_by(head, e, next, prev)                                                          \
	do {                                                                                       \
		(e)->prev = NULL;                                                                  \
		(e)->next = (head);                                                                \
		if ((e)->next)                                                                     \
			(e)->next->prev = (e);                                                     \
		(head) = (e);                                                                      \
	} while (0)

/* Takes e out of the list that it is in. */
#define list_del_by(head, e, next, prev)                                                           \
	do {                                                                                       \
		if ((e)->prev)                                                                     \
			(e)->prev->next = (e)->next;                                               \
		else                                                                               \
			(head) = (e)->next;                                                        \
		if ((e)->next)                                                                     \
			(e)->next->prev = (e)->prev;                                               \
	} while (0)

#define list_push(head, e) list_push_by(head, e, next, prev)
#define list_del(head, e)  list_del_by(head, e, next, prev)

#endif
