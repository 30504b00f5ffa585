/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * write-spin: level-triggered EPOLLOUT without anything to write. A socket has room nearly always, so
 * that every wait returns at once.
 */
#include "rules/facts.h"
#include "rules/rule.h"
#include "rules/spins.h"

static bool pictured(struct rules *r, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);

const struct rule rule_write_spin = {
	.title = "room for output is reported again and again, and nothing is "
		 "written",
	.means = "A level-triggered entry with EPOLLOUT is ready while its file "
		 "has room for output, which is nearly always. If the program "
		 "has nothing to write, each wait returns at once, and the loop "
		 "takes all the CPU it gets.",
	.evidence = "In each of two intervals between scans (about T) the entry was "
		    "delivered at least 100 times a second with EPOLLOUT and "
		    "nothing else, is not EPOLLET, and nobody wrote to the file. It "
		    "is a warning if the thread wanted a twentieth of a CPU or "
		    "more, else a note. If the kernel keeps no count of what was "
		    "written, as with Unix sockets, --io is needed.",
	.not_it = "Output that is written each time; a connect that completes, "
		  "which is reported once or twice.",
	.fix = "ask for EPOLLOUT only while output waits to be written, and "
	       "take it away when the queue is empty",
	.asks = {SPIN_QUESTION(spin_judge)},
};

static bool pictured(struct rules *r, const struct subject *s)
{
	return fact_spin(r, s->entry) == SPIN_OUTPUT;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	evidence_spin(r, f, s->entry, "nothing written meanwhile");
}
