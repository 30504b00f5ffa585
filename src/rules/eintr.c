/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * eintr: a signal interrupted a wait, and the loop has ended for it. A wait returns EINTR whatever
 * SA_RESTART says.
 */
#include "rules/facts.h"
#include "rules/rule.h"

#include <errno.h>
#include <sys/wait.h>

#define EXIT_NS	  10000000ULL
#define BY_SIGNAL 128 /* and more: programs say so that a signal has ended them */
#define KEPT	  64

/* Waits that were interrupted, the latest ones, so that an exit finds its own. */
struct interrupted {
	struct {
		uint32_t pid, tid;
		uint64_t time_ns; /* when it returned; 0: the thread has waited again */
	} at[KEPT];
	unsigned next, count;
};

static bool exit_follows(struct rules *r, const struct subject *s);
static bool stays_away(struct rules *r, const struct subject *s);
static void explain_exit(struct rules *r, struct finding *f, const struct subject *s);
static void explain_away(struct rules *r, struct finding *f, const struct subject *s);
static void note_wait(struct rules *r, const struct view *v);

const struct rule rule_eintr = {
	.title = "a loop ended because a signal interrupted its wait",
	.means = "A signal that is handled, or a stop and a continue, ends a "
		 "wait with EINTR, whether the handler has SA_RESTART or not. A "
		 "loop that takes EINTR for an error ends, often long after it "
		 "was written.",
	.evidence = "A wait failed with EINTR, and within 10 ms the process exited "
		    "with another status than 0: a warning. Or the thread has made "
		    "no wait since, for 10 T, though its process goes on: a note.",
	.not_it = "A signal that is meant to end the program: it exits with 0, by "
		  "that signal, or with 128 and its number.",
	.fix = "if a wait fails with EINTR, wait again, unless a handler has "
	       "asked the loop to end",
	.view = note_wait,
	.views = 1u << VIEW_CALL,
	.state_size = sizeof(struct interrupted),
	.asks = {{.about = ABOUT_VIEW,
		  .views = 1u << VIEW_EXITED,
		  .pictured = exit_follows,
		  .severity = SEVERITY_WARNING,
		  .explain = explain_exit},
		 {.about = ABOUT_THREAD,
		  .hold = 10,
		  .pictured = stays_away,
		  .severity = SEVERITY_NOTE,
		  .explain = explain_away}},
};

/* The thread waits again. */
static void forget_thread(struct interrupted *kept, uint32_t tid)
{
	for (unsigned i = 0; i < KEPT && kept->count; i++)
		if (kept->at[i].time_ns && kept->at[i].tid == tid) {
			kept->at[i].time_ns = 0;
			kept->count--;
		}
}

static void note_wait(struct rules *r, const struct view *v)
{
	struct interrupted *kept = r->states[RULE_EINTR];

	if (v->ev->kind != EVENT_WAIT || v->ev->call.io_uring)
		return;
	forget_thread(kept, v->tid);
	if (v->ev->call.ret != -EINTR)
		return;
	kept->count += !kept->at[kept->next].time_ns;
	kept->at[kept->next].pid = v->pid;
	kept->at[kept->next].tid = v->tid;
	kept->at[kept->next].time_ns = v->ev->time_ns + v->ev->call.duration_ns;
	kept->next = (kept->next + 1) % KEPT;
}

/* The thread of that process whose wait was interrupted last before that time; 0: none was. */
static uint32_t interrupted_before(const struct rules *r, uint32_t pid, uint64_t time_ns)
{
	const struct interrupted *kept = r->states[RULE_EINTR];

	for (unsigned i = 0; i < KEPT; i++)
		if (kept->at[i].pid == pid && kept->at[i].time_ns &&
		    time_ns - kept->at[i].time_ns <= EXIT_NS)
			return kept->at[i].tid;
	return 0;
}

static bool exit_follows(struct rules *r, const struct subject *s)
{
	const struct view *v = s->view;

	return WIFEXITED(v->ev->exit.status) && WEXITSTATUS(v->ev->exit.status) &&
	       WEXITSTATUS(v->ev->exit.status) < BY_SIGNAL &&
	       interrupted_before(r, v->pid, v->ev->time_ns);
}

static void explain_exit(struct rules *r, struct finding *f, const struct subject *s)
{
	f->tid = interrupted_before(r, s->view->pid, s->view->ev->time_ns);
	evidence(f, "a wait of thread %u failed with EINTR, and its process exited with %d at once",
		 f->tid, WEXITSTATUS(s->view->ev->exit.status));
}

/* The last call of the thread was a wait that was interrupted. */
static bool stays_away(struct rules *r, const struct subject *s)
{
	const struct task *t = s->thread;

	return t->interrupted && !t->wait.active && r->now_ns - t->returned_ns >= r->T;
}

static void explain_away(struct rules *r, struct finding *f, const struct subject *s)
{
	evidence(f, "a wait of thread %u failed with EINTR %.1f s ago, and it has not waited since",
		 s->thread->tid, seconds(r->now_ns - s->thread->returned_ns));
	evidence(f, "possible: the signal may be meant to end the loop");
}
