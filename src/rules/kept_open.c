/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kept-open: a connection was registered by a number of its own, a dup, which was deleted from the
 * interest list and never closed. All other numbers of the connection are closed, so that the
 * program is done with it, and its peer never sees the end of it. That is reported only if there
 * are more and more of them.
 */
#include "rules/facts.h"
#include "rules/rule.h"

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);
static uint64_t key_of(const struct rules *r, const struct subject *s);

const struct rule rule_kept_open = {
	.title = "a number that was deleted from the list is never closed",
	.means = "A connection that was registered by a dup of its descriptor lives as "
		 "long as that dup is open. If EPOLL_CTL_DEL is all that is done with "
		 "it, descriptors leak and the peer never gets a FIN.",
	.evidence = "EPOLL_CTL_DEL of one number of a connection that had several; this one "
		    "has been open and untouched for 10 T, and the others are closed; there "
		    "are 3 or more like it, and more at later scans. A note.",
	.not_it = "Connections that are paused or kept for later use by the number that "
		  "they always had.",
	.fix = "close the number after EPOLL_CTL_DEL",
	.asks = {{.about = ABOUT_STRAY,
		  .hold = 0,
		  .pictured = pictured,
		  .judge = judge,
		  .explain = explain,
		  .key = key_of}},
};

#define PATIENCE     10 /* T */
#define KEPT_MIN     3	/* of them, */
#define GROWTH_MIN   2	/* at so many scans more than at the one before */

#define memory_round memory[0] /* in which they are being counted */
#define memory_count memory[1] /* so far */
#define memory_last  memory[2] /* in the round before */
#define memory_grown memory[3] /* rounds that counted more than the one before */

static bool is_kept(const struct rules *r, const struct lapse *l)
{
	const struct stray *s = l->stray;

	return l->how == LAPSE_DELETED && l->by_pid == l->pid && l->file == s->file &&
	       l->ino == s->ino && s->pending.class == CLASS_STREAM && s->refs == 1 &&
	       (l->refs > 1 || s->most_refs > 1) &&
	       s->scanned_ns - s->touched_ns >= PATIENCE * r->T;
}

static void count_round(struct finding *f, uint64_t round)
{
	if (f->memory_round != round) {
		f->memory_last = f->memory_count;
		f->memory_round = round;
		f->memory_count = 0;
	}
	if (++f->memory_count == f->memory_last + 1 && f->memory_last)
		f->memory_grown++;
}

/* One for each process. */
static uint64_t key_of(const struct rules *r, const struct subject *s)
{
	(void)r;
	return s->stray->pid;
}

static bool pictured(struct rules *r, const struct subject *s)
{
	return is_kept(r, s->stray);
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)s;
	count_round(f, r->round);
	return f->memory_count < KEPT_MIN || f->memory_grown < GROWTH_MIN ? SEVERITY_NONE
									  : SEVERITY_NOTE;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct lapse *l = s->stray;

	f->pid = f->tid = l->pid;
	f->instance = l->instance;
	evidence(
		f,
		"descriptor %d<%s>: EPOLL_CTL_DEL by thread %u %.1f s ago; open and untouched, all "
		"other numbers of the connection are closed, and the peer is not told",
		l->fd, l->stray->name ? l->stray->name : "?", l->by_tid,
		seconds(r->now_ns - l->time_ns));
	evidence(f, "%llu or more are like that, and more as time goes by",
		 (unsigned long long)f->memory_count);
}
