/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * oneshot-not-rearmed: EPOLLONESHOT has disarmed an entry, input waits, or output that it asked
 * about found no room and has room again, and nobody arms it again.
 * A worker that still has the connection looks the same while it does other things, so that it is
 * an error only if no thread of the process has anything left to do, nor waits for an answer or a
 * timer that its handler may go on with.
 */
#include "rules/facts.h"
#include "rules/rule.h"

#define PATIENCE 3 /* T */

static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);
static bool is_nobodys(const struct rules *r, const struct entry *e);

const struct rule rule_oneshot_not_rearmed = {
	.title = "EPOLLONESHOT has disarmed an entry, and nobody arms it again",
	.means = "After one event such an entry reports nothing more, not even EPOLLHUP "
		 "or EPOLLERR, until EPOLL_CTL_MOD arms it. EPOLL_CTL_ADD gives EEXIST.",
	.evidence = "Only private bits are left in the kernel's mask; input or the end of "
		    "file waits, or the program had asked for EPOLLOUT, output found no "
		    "room and has room again; and nobody has touched the file for 3 T. It "
		    "is an error if every thread of the process is parked meanwhile and "
		    "nothing is awaited that was asked for since the event: a timer that "
		    "was set, or another file that was armed or written to and has had no "
		    "event. Otherwise it is a note.",
	.not_it = "A worker that still has the connection and is doing something else for "
		  "it; a coroutine that first waits for another server's answer.",
	.fix = "EPOLL_CTL_MOD after each event has been handled, on all paths",
	.mark = MARK_DISARMED,
	.marked = is_nobodys,
	.asks = {{.about = ABOUT_ENTRY,
		  .hold = PATIENCE,
		  .pictured = pictured,
		  .idle = true,
		  .judge = judge,
		  .explain = explain}},
};

static bool input_ends_or_waits(const struct entry *e)
{
	return fact_input_waits(e) || e->observed->pending.peer_closed;
}

static bool has_room(struct rules *r, const struct entry *e)
{
	return fact_room_disarmed(r, e) && suspect_room(r, RULE_ONESHOT_NOT_REARMED, e);
}

static void report_input(struct rules *r, struct finding *f, const struct entry *e)
{
	const struct pending *p = &e->observed->pending;
	char unread[UNREAD_TEXT];

	if (p->class == CLASS_LISTENER)
		evidence(f,
			 "%s, EPOLLONESHOT has disarmed it; no accept for "
			 "%.1f s",
			 unread_text(unread, p), seconds(fact_quiet_ns(r, e)));
	else if (p->unread_bytes || p->count)
		evidence(f, "%s, EPOLLONESHOT has disarmed it; no read for %.1f s",
			 unread_text(unread, p), seconds(fact_quiet_ns(r, e)));
	else
		evidence(f,
			 "the peer has closed its side, EPOLLONESHOT has disarmed it; untouched "
			 "for %.1f s",
			 seconds(fact_quiet_ns(r, e)));
}

static bool pictured(struct rules *r, const struct subject *s)
{
	const struct entry *e = s->entry;

	return fact_known(r, e) && entry_disarmed(e) && (has_room(r, e) || input_ends_or_waits(e));
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;

	(void)f;
	if (fact_quiet_ns(r, e) < PATIENCE * r->T || fact_unwritten_ns(r, e) < PATIENCE * r->T)
		return SEVERITY_NONE;
	return fact_parked_ns(r, e->instance) >= PATIENCE * r->T && !fact_awaits_other(r, e)
		       ? SEVERITY_ERROR
		       : SEVERITY_NOTE;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	const struct entry *e = s->entry;
	bool room = has_room(r, e);

	if (input_ends_or_waits(e))
		report_input(r, f, e);
	if (room)
		evidence(f,
			 "output found no room and has room again; EPOLLOUT was asked for, and is "
			 "disarmed%s; no write for %.1f s",
			 input_ends_or_waits(e) ? " as well" : " by EPOLLONESHOT",
			 seconds(fact_unwritten_ns(r, e)));
	if (room && e->io)
		evidence_io(r, f, "write", &e->io->out);
	if (f->severity == SEVERITY_ERROR)
		evidence(f, "all threads of process %u parked for %.1f s: none has it", f->pid,
			 seconds(fact_parked_ns(r, e->instance)));
	else
		evidence(f, "possible: a thread that still works on it looks the same");
}

#define SETTLED_NS 1000000000ULL

/* Is the thread parked, and has it been for a while? What ran a moment ago may still have the entry. */
static bool is_settled(const struct rules *r, const struct task *t)
{
	return t->scanned && t->forever &&
	       (!t->idle_ns || t->idle_ns + (r->now_ns - t->scanned_ns) >= SETTLED_NS);
}

/* Does no thread have it, as far as one scan shows? */
static bool is_nobodys(const struct rules *r, const struct entry *e)
{
	uint32_t pid = fact_pid(r, e->instance);
	struct node *n = table_find(&model_tasks(r->model)->tasks_by_pid, hash_u64(pid));

	for (; n && model_affords(r->model, 1); n = table_next(n)) {
		const struct task *t = container_of(n, struct task, by_pid);

		if (t->pid == pid && !is_settled(r, t))
			return false;
	}
	return true;
}
