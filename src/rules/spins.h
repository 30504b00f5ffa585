/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * spins.h - entries that are delivered again and again though nothing is done about them, and what
 * keeps them ready. The rules about them have one cause each, so that a spin is found once.
 */
#ifndef ET_SPINS_H
#define ET_SPINS_H

#include "rules/rule.h"

enum spin {
	SPIN_NONE,
	SPIN_UNKNOWN, /* it is delivered as fast, and whether anything is done about it is not known */
	SPIN_UNCONNECTED, /* a socket that was added before connect(2) or listen(2) */
	SPIN_ERROR,	  /* an error that nobody fetches */
	SPIN_HANGUP,	  /* the other end has gone */
	SPIN_ACCEPT,	  /* connections, and no descriptor left to accept them */
	SPIN_NOTIFIER,	  /* an eventfd, a pipe, a timer, signals, file events, not read */
	SPIN_INPUT,	  /* input that is not read, connections that are not accepted */
	SPIN_OUTPUT,	  /* room for output, and nothing to write */
};

/* Would --io have seen what is read from its file and written to it? */
bool spin_io_tells(const struct rules *r, const struct entry_turns *t);

/*
 * Why the entry is delivered at least 100 times a second, a listener without descriptors 20 times, as
 * of the last two scans.
 */
enum spin fact_spin(const struct rules *r, const struct entry *e);

/* What distinguishes such findings: a loop may delete an entry and add it again. */
uint64_t spin_key(const struct rules *r, const struct subject *s);

/*
 * Has it been pictured by two scans in a row? One may have met what lasts for a moment. For judges of
 * questions that hold for 0 T; memory[0] of the finding is used for it.
 */
bool spin_lasts(struct finding *f);

/* NONE if it does not last; a warning where it costs a twentieth of a CPU or more, else a note. */
enum severity spin_judge(struct rules *r, struct finding *f, const struct subject *s);

/* The same, and never more than a note if it is only possible. */
enum severity spin_judge_as(struct rules *r, struct finding *f, const struct subject *s,
			    bool certain);

/* The question of such a rule. */
#define SPIN_QUESTION(judged)                                                                      \
	{                                                                                          \
		.about = ABOUT_DELIVERED, .pictured = pictured, .judge = (judged),                 \
		.explain = explain, .key = spin_key                                                \
	}

/*
 * "delivered 48210 times in 1.0 s with EPOLLOUT, nothing written meanwhile", and what the thread
 * has spent of a CPU.
 */
void evidence_spin(struct rules *r, struct finding *f, const struct entry *e,
		   const char *meanwhile);

/* Has a thread been scanned twice, the last time by the last scan? */
bool fact_turns_known(const struct rules *r, const struct task *t);

/* So many times, and as often a second? */
static inline bool is_often(uint64_t ns, uint64_t count, unsigned per_second)
{
	return ns && count >= per_second && count * 1000000000ULL / ns >= per_second;
}

/* What the thread spent of a CPU between the last two scans, 0 to 1; of what it could have, too. */
double fact_cpu_share(const struct task *t);
double fact_wanted_share(const struct task *t);

#endif
