/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bounds.h - what a stream may make the model keep, and how far it may make it search.
 *
 * A recording may be made up so that a small file fills the memory, or makes each of its records
 * search through all that the ones before have left. So what the model keeps is counted in bytes,
 * and searches through lists that have no bound of their own pay for what they pass in vain, out of
 * a stock to which every event adds. Both suffice for far more than programs do. If one is used
 * up it is as if memory had run out: what is new is not kept, what is searched for is not found,
 * and the stream is reported to be incomplete. The kernel, which has bounds of its own, is believed.
 */
#ifndef ET_BOUNDS_H
#define ET_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BOUNDS_BYTES	       (512ULL << 20) /* more than a million entries */
#define BOUNDS_STEPS	       (1ULL << 28)   /* some seconds */
#define BOUNDS_STEPS_PER_EVENT 128
#define BOUNDS_NONE	       (1ULL << 62) /* the kernel is believed */

struct bounds {
	uint64_t bytes_left, steps_left;
	bool reached;
};

/* Zeroed memory, NULL if there is no more. */
void *bounds_alloc(struct bounds *b, size_t size);

/* Takes back what was got with that size; takes NULL. */
void bounds_free(struct bounds *b, void *p, size_t size);

/* The same for a copy of a text. */
char *bounds_copy(struct bounds *b, const char *text);
void bounds_free_text(struct bounds *b, char *text);

/* May so many steps be taken? */
static inline bool bounds_steps(struct bounds *b, uint64_t steps)
{
	if (b->steps_left >= steps) {
		b->steps_left -= steps;
		return true;
	}
	b->reached = true;
	return false;
}

/* May a search go on? */
static inline bool bounds_step(struct bounds *b)
{
	return bounds_steps(b, 1);
}

#endif
