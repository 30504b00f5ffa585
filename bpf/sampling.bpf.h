/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sampling.bpf.h - threads that wait so often that a record of each wait would slow them down and
 * overrun the ring. If only the rules read the records (settings.sampling), about a thousand waits a
 * second of such a thread are recorded, and each stands for those before it that were not.
 */
#ifndef ET_SAMPLING_H
#define ET_SAMPLING_H

#include "state.bpf.h"

#define SAMPLED_FROM  10000 /* waits a second */
#define SAMPLES	      1000  /* recorded of these, on average */
#define PACE_WAITS    256   /* after so many waits, the pace is measured again */

#define NS_PER_SECOND 1000000000ULL

/* Decides by the waits since the last time; an idle thread is measured by scans of tasks. */
static __always_inline void measure_pace(struct sampling *s, __u64 now_ns)
{
	__u64 ns = now_ns - s->measured_ns, waits = (__u32)(s->waits - s->measured_waits);
	bool fast = ns && (__s32)waits > 0 && waits * (NS_PER_SECOND / SAMPLED_FROM) > ns;

	s->every = fast ? waits * (NS_PER_SECOND / SAMPLES) / ns : 0;
	s->measured_ns = now_ns;
	s->measured_waits = s->waits;
}

/* Which of a thread's counts of waits without a record a wait with this result is in. */
static __always_inline __u32 *passed_like(struct sampling *s, __s32 ret)
{
	return ret > 0 ? &s->passed_ready : ret ? &s->passed_failed : &s->passed_empty;
}

/*
 * Is the wait that returns counted only? The distance to the next that is recorded is random, because
 * a loop may do the same at every so many turns. What a signal interrupts is always recorded.
 */
static __always_inline bool is_passed_over(struct thread *t, __s32 ret)
{
	struct sampling *s = &t->sampling;

	if (!(++s->waits % PACE_WAITS))
		measure_pace(s, bpf_ktime_get_ns());
	if (!s->every)
		return false;
	if (s->left && ret != -EINTR) {
		s->left--;
		++*passed_like(s, ret);
		return true;
	}
	s->left = bpf_get_prandom_u32() % (2 * s->every);
	return false;
}

/* A scan has met the thread, which may not have waited for long. Is it sampled? */
static __always_inline bool follow_pace(struct sampling *s)
{
	__u64 now_ns = bpf_ktime_get_ns();

	if (s->every && now_ns - s->measured_ns > NS_PER_SECOND / 20)
		measure_pace(s, now_ns);
	return s->every;
}

/* A wait begins: true if its arguments need not be noted. The return of one that is recorded reads them. */
static __always_inline bool may_pass_over(struct thread *t)
{
	if (!settings.sampling || !t->sampling.every)
		return false;
	t->sampling.unnoted = 1;
	return true;
}

/* How many waits the one that is recorded stands for beside itself; these are counted anew. */
static __always_inline __u32 take_passed(struct thread *t, __s32 ret)
{
	__u32 *passed = passed_like(&t->sampling, ret), others = *passed;

	*passed = 0;
	return others;
}

#endif
