/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stale-batch: while the events of one wait are handled, a descriptor among them is closed, its
 * number is used again, and the event that is left is handled as if it were about the new file:
 * a read of that finds nothing. A program that reads whatever it has just registered can be recognized
 * because it does so with other numbers as well.
 */
#include "rules/facts.h"
#include "rules/rule.h"

#define CLOSED_MAX 64
#define EAGER_MAX  64

/* Entries that went during the turn that they had been delivered in, the latest few. */
struct stale {
	struct {
		int fd;
		uint32_t tid;
		uint64_t turn_ns; /* when that turn began */
		uint64_t ended_ns;
	} at[CLOSED_MAX];
	unsigned next;
	/* Processes in which a first read of another new file found nothing; there may be more. */
	uint32_t eager[EAGER_MAX];
	unsigned eager_count;
	bool eager_more;
};

static void take_view(struct rules *r, const struct view *v);
static bool pictured(struct rules *r, const struct subject *s);
static enum severity judge(struct rules *r, struct finding *f, const struct subject *s);
static void explain(struct rules *r, struct finding *f, const struct subject *s);
static uint64_t key_of(const struct rules *r, const struct subject *s);

const struct rule rule_stale_batch = {
	.title = "an event of a batch was handled for a descriptor that had been reused",
	.means = "While the events of one wait are handled, one of them closes another's "
		 "descriptor, a new file gets the number, and the remaining event is "
		 "handled as if it concerned the new file.",
	.evidence = "I/O on a file that is new since the wait, by a number that the batch "
		    "contains and that has been closed since, gives EAGAIN before the file "
		    "has had an event of its own.",
	.not_it = "Programs that keep a generation in data and compare it.",
	.fix = "check identity, or defer closes to the end of the batch",
	.view = take_view,
	.views = 1u << VIEW_ENDED | 1u << VIEW_IO,
	.asks = {{.about = ABOUT_VIEW,
		  .views = 1u << VIEW_IO,
		  .hold = 0,
		  .pictured = pictured,
		  .judge = judge,
		  .explain = explain,
		  .key = key_of}},
	.happens = true,
	.state_size = sizeof(struct stale),
	.needs_io = true,
	.needs_ready = true,
};

static bool in_turn(const struct rules *r, uint32_t tid, uint64_t turn_ns)
{
	const struct task *t = tasks_find(model_tasks(r->model), tid);

	return t && t->turn_ns == turn_ns;
}

static void note_end(struct rules *r, const struct entry *e)
{
	struct stale *s = r->states[RULE_STALE_BATCH];
	unsigned i;

	if (e->dels || !in_turn(r, e->last_tid, e->last_ready_ns))
		return;
	i = s->next++ % CLOSED_MAX;
	s->at[i].fd = e->fd;
	s->at[i].tid = e->last_tid;
	s->at[i].turn_ns = e->last_ready_ns;
	s->at[i].ended_ns = e->ended_ns;
}

static bool is_eager(const struct stale *s, uint32_t pid)
{
	for (unsigned i = 0; i < s->eager_count; i++)
		if (s->eager[i] == pid)
			return true;
	return s->eager_more;
}

static void note_eager(struct stale *s, uint32_t pid)
{
	if (is_eager(s, pid))
		return;
	if (s->eager_count < EAGER_MAX)
		s->eager[s->eager_count++] = pid;
	else
		s->eager_more = true;
}

static bool was_in_batch(const struct rules *r, const struct view *v)
{
	const struct stale *s = r->states[RULE_STALE_BATCH];

	for (unsigned i = 0; i < CLOSED_MAX; i++)
		if (s->at[i].tid == v->tid && s->at[i].fd == v->ev->io.fd &&
		    s->at[i].ended_ns < v->time_ns && in_turn(r, v->tid, s->at[i].turn_ns))
			return true;
	return false;
}

/* The living entry of that file and number that has had no event yet; NULL: none. */
static const struct entry *new_entry(const struct rules *r, const struct io_event *io)
{
	struct node *n = table_find(&model_interest(r->model)->by_file, hash_u64(io->file));

	for (; n && model_affords(r->model, 1); n = table_next(n)) {
		const struct entry *e = container_of(n, struct entry, by_file);

		if (e->file == io->file && e->fd == io->fd && !e->deliveries)
			return e;
	}
	return NULL;
}

static void take_view(struct rules *r, const struct view *v)
{
	struct stale *s = r->states[RULE_STALE_BATCH];

	if (v->kind == VIEW_ENDED)
		note_end(r, v->entry);
	if (v->kind == VIEW_IO && new_entry(r, &v->ev->io) && !was_in_batch(r, v))
		note_eager(s, v->pid);
}

static bool pictured(struct rules *r, const struct subject *s)
{
	return was_in_batch(r, s->view) && new_entry(r, &s->view->ev->io);
}

static uint64_t key_of(const struct rules *r, const struct subject *s)
{
	return new_entry(r, &s->view->ev->io)->number;
}

static enum severity judge(struct rules *r, struct finding *f, const struct subject *s)
{
	(void)f;
	return is_eager(r->states[RULE_STALE_BATCH], s->view->pid) ? SEVERITY_NOTE
								   : SEVERITY_WARNING;
}

static void explain(struct rules *r, struct finding *f, const struct subject *s)
{
	rules_about_entry(r, f, new_entry(r, &s->view->ev->io));
	evidence(f,
		 "descriptor %d was closed after the wait that had reported it, used again and "
		 "registered, and then read for the old one: EAGAIN",
		 f->fd);
	evidence_io(r, f, "read", &s->view->ev->io.in);
	if (f->severity == SEVERITY_NOTE)
		evidence(f, "possible: the program also reads other new files before their first "
			    "event");
}
