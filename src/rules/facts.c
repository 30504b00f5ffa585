/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "rules/facts.h"

#include "event/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

bool fact_known(const struct rules *r, const struct entry *e)
{
	return e->observed && e->observed->known &&
	       e->observed->scanned_ns >= model_scan_began_ns(r->model);
}

bool fact_edge(const struct entry *e)
{
	return e->observed->events & EPOLLET && e->observed->events & INPUT;
}

bool fact_delivered(const struct rules *r, const struct entry *e)
{
	uint64_t empty_ns = e->observed->empty_ns;

	if (r->lost || (e->discovered && !empty_ns))
		return true;
	return (fact_unread_ns(r, e) && fact_unread_ns(r, e) >= empty_ns) ||
	       (e->last_ready_ns && e->last_ready_ns >= empty_ns);
}

uint64_t fact_unread_ns(const struct rules *r, const struct entry *e)
{
	const struct process *p = fact_process(r, e->instance);
	uint64_t passed_ns = p ? p->passed_ns : 0;

	return passed_ns > e->instance->unread_ns ? passed_ns : e->instance->unread_ns;
}

bool fact_never_delivered(const struct rules *r, const struct entry *e)
{
	return !e->deliveries && !fact_unread_ns(r, e);
}

bool fact_edge_passed(const struct rules *r, const struct entry *e)
{
	return fact_edge(e) && !e->observed->ready && fact_input_waits(e) && fact_delivered(r, e);
}

#define ONCE (EPOLLIN | EPOLLOUT | EPOLLET)

bool fact_registered_once(const struct entry *e)
{
	return (e->events & ONCE) == ONCE;
}

bool fact_input_waits(const struct entry *e)
{
	return pending_waits(&e->observed->pending);
}

bool fact_opaque(const struct rules *r, const struct entry *e)
{
	const struct pending *p = fact_known(r, e) ? &e->observed->pending : NULL;

	return p && (p->layered || (!p->has_unread && !p->has_count)) &&
	       p->class != CLASS_INSTANCE && e->what.kind != FILE_PIDFD && e->events & INPUT &&
	       e->events & (EPOLLET | EPOLLONESHOT);
}

const struct instance *fact_inner(const struct rules *r, const struct entry *e)
{
	const struct instance *i = model_interest(r->model)->instances;

	if (e->what.kind != FILE_INSTANCE || !e->file)
		return NULL;
	while (i && i->file != e->file)
		i = model_affords(r->model, 1) ? i->next : NULL;
	return i;
}

bool fact_stray(const struct rules *r, const struct lapse *at)
{
	return at->stray && at->stray->scanned_ns >= model_scan_began_ns(r->model);
}

static uint64_t since(uint64_t now_ns, uint64_t then_ns)
{
	return now_ns > then_ns ? now_ns - then_ns : 0;
}

uint32_t fact_pid(const struct rules *r, const struct instance *inst)
{
	const struct task *t =
		inst->waiters ? tasks_find(model_tasks(r->model), inst->waiter) : NULL;

	return t ? t->pid : inst->user;
}

const struct process *fact_process(const struct rules *r, const struct instance *inst)
{
	const struct holder *h = inst->holders;
	uint32_t pid = fact_pid(r, inst);

	while (!pid && h && h->foreign)
		h = h->next;
	return tasks_process(model_tasks(r->model), pid || !h ? pid : h->pid);
}

bool fact_halted(const struct rules *r, uint32_t pid)
{
	const struct process *p = tasks_process(model_tasks(r->model), pid);

	return p && p->halted;
}

uint64_t fact_stray_quiet_ns(const struct rules *r, const struct lapse *at)
{
	const struct process *p = tasks_process(model_tasks(r->model), at->pid);
	uint64_t then_ns = at->stray->unread_since_ns;

	if (p && p->resumed_ns > then_ns)
		then_ns = p->resumed_ns;
	return since(at->stray->scanned_ns, then_ns);
}

/* The same for what the process of an instance has left undone: while it was halted it could not. */
static uint64_t undone_since(const struct rules *r, const struct instance *inst, uint64_t now_ns,
			     uint64_t then_ns)
{
	const struct process *p = fact_process(r, inst);

	if (p && p->resumed_ns > then_ns)
		then_ns = p->resumed_ns;
	return since(now_ns, then_ns);
}

uint64_t fact_quiet_ns(const struct rules *r, const struct entry *e)
{
	return undone_since(r, e->instance, e->observed->scanned_ns, e->observed->unread_since_ns);
}

uint64_t fact_unwritten_ns(const struct rules *r, const struct entry *e)
{
	return undone_since(r, e->instance, e->observed->scanned_ns,
			    e->observed->unwritten_since_ns);
}

bool fact_idle(const struct instance *inst)
{
	return inst->all_waiting_since_ns != 0;
}

uint64_t fact_waits_ns(const struct rules *r, const struct instance *inst)
{
	return inst->waiters ? undone_since(r, inst, r->now_ns, inst->waits_ns) : 0;
}

uint64_t fact_process_parked_ns(const struct rules *r, uint32_t pid)
{
	const struct process *p = tasks_process(model_tasks(r->model), pid);

	return p && p->parked_ns ? since(r->now_ns, p->parked_ns) : 0;
}

uint64_t fact_parked_ns(const struct rules *r, const struct instance *inst)
{
	const struct task *waiter =
		inst->waiters ? tasks_find(model_tasks(r->model), inst->waiter) : NULL;

	return waiter ? fact_process_parked_ns(r, waiter->pid) : 0;
}

static bool has_blocked_output(const struct rules *r, const struct instance *inst)
{
	for (const struct entry *e = inst->entries; e; e = e->next)
		if (fact_known(r, e) && e->observed->pending.no_space &&
		    e->observed->pending.unsent_bytes)
			return true;
	return false;
}

static void find_backpressured(struct rules *r)
{
	const struct instance *i = model_interest(r->model)->instances;

	r->backpressured_round = r->round;
	r->backpressured_count = 0;
	for (; i && r->backpressured_count < BACKPRESSURED_MAX; i = i->next)
		if (has_blocked_output(r, i))
			r->backpressured[r->backpressured_count++] = fact_pid(r, i);
}

bool fact_backpressured(struct rules *r, uint32_t pid)
{
	if (r->backpressured_round != r->round)
		find_backpressured(r);
	for (unsigned i = 0; i < r->backpressured_count; i++)
		if (r->backpressured[i] == pid)
			return true;
	return r->backpressured_count == BACKPRESSURED_MAX; /* there may be others */
}

bool fact_output_blocked(struct rules *r, const struct instance *inst)
{
	return fact_backpressured(r, fact_pid(r, inst));
}

const char *unread_text(char text[UNREAD_TEXT], const struct pending *p)
{
	if (p->class == CLASS_LISTENER)
		snprintf(text, UNREAD_TEXT, "%u connection%s", p->count,
			 p->count == 1 ? " waits" : "s wait");
	else if (p->has_unread && (p->unread_bytes || !p->count))
		snprintf(text, UNREAD_TEXT, "%llu byte%s unread",
			 (unsigned long long)p->unread_bytes, p->unread_bytes == 1 ? "" : "s");
	else
		snprintf(text, UNREAD_TEXT, "%u message%s%s unread", p->count,
			 p->count == 1 ? "" : "s", p->has_unread ? " of no bytes" : "");
	return text;
}

const char *entry_text(char text[ENTRY_TEXT], const struct entry *e)
{
	if (e->name && e->name[0])
		snprintf(text, ENTRY_TEXT, "%d<%s>%s", e->fd, e->name,
			 e->what.deleted ? FILE_DELETED : "");
	else
		snprintf(text, ENTRY_TEXT, "%d", e->fd);
	return text;
}

void evidence_waiter(struct rules *r, struct finding *f, const struct instance *inst)
{
	const struct task *t =
		inst->waiters ? tasks_find(model_tasks(r->model), inst->waiter) : NULL;

	if (t)
		evidence(f, "thread %u blocked in %s for %s%.1f s", t->tid, call_name(t->wait.id),
			 t->wait.began_before ? "more than " : "", seconds(fact_waits_ns(r, inst)));
}

bool fact_cut_short(const struct entry *e)
{
	const struct io_side *out = e->io ? &e->io->out : NULL;

	if (!out || !out->calls)
		return false;
	return out->ret == -EAGAIN ||
	       (out->size && out->ret >= 0 && (uint64_t)out->ret < out->size);
}

bool fact_feature(const struct rules *r, const char *name)
{
	for (const struct feature *at = model_machine(r->model)->features; at; at = at->next)
		if (!strcmp(at->name, name))
			return !strcmp(at->state, "yes");
	return false;
}

bool fact_timer(const struct rules *r, const struct instance *inst)
{
	for (const struct entry *e = inst->entries; e; e = e->next)
		if (fact_known(r, e) && e->observed->pending.class == CLASS_TIMERFD)
			return true;
	return fact_parked_ns(r, inst) == 0;
}

/* The name of the call that made a change, if that was observed; else "". */
static const char *change_name(const struct rules *r, const struct entry *e)
{
	const char *call = e->io && e->io->change.calls
				   ? model_syscall_name(r->model, e->io->change.nr)
				   : NULL;

	return call ? call : "";
}

bool fact_shut_down(const struct rules *r, const struct entry *e, int how)
{
	if (strcmp(change_name(r, e), "shutdown"))
		return false;
	return e->io->change.size == (uint64_t)how || e->io->change.size == SHUT_RDWR;
}

/* Is output of it ever without room, and wanted? */
static bool gives_output(const struct rules *r, const struct entry *e)
{
	return e->observed->pending.has_unsent && e->observed->pending.class != CLASS_DATAGRAM &&
	       !fact_shut_down(r, e, SHUT_WR);
}

bool fact_room_unreported(const struct rules *r, const struct entry *e)
{
	uint32_t asked = e->observed->events;

	if (entry_disarmed(e))
		asked = e->events;
	if (entry_disarmed(e) && !(asked & ~EPOLL_PRIVATE_BITS))
		return false; /* it was disarmed before the attach: nobody knows */
	return gives_output(r, e) && !(asked & OUTPUT);
}

bool fact_room_disarmed(const struct rules *r, const struct entry *e)
{
	return gives_output(r, e) && entry_disarmed(e) && e->events & OUTPUT;
}

#define memory_blocked memory[0] /* output was observed to be blocked */
#define memory_given   memory[1] /* and had got so far */

/* By the kernel's state alone: blocked in one scan, not any more in a later one. */
static struct finding *room_by_state(struct rules *r, enum rule_id id, const struct entry *e,
				     bool blocked)
{
	struct finding *f =
		blocked ? rules_suspect(r, id, e->number) : rules_find(r, id, e->number);

	if (!f)
		return NULL;
	if (blocked) {
		f->memory_blocked = true;
		f->memory_given = e->observed->pending.given;
		return NULL;
	}
	if (!f->memory_blocked)
		return NULL;
	if (e->observed->pending.has_given && f->memory_given != e->observed->pending.given)
		return NULL;			/* that a unix socket was emptied nothing shows */
	return rules_suspect(r, id, e->number); /* there is room again, and nobody has used it */
}

void suspect_no_room(struct rules *r, enum rule_id id, const struct entry *e)
{
	struct finding *f = rules_suspect(r, id, e->number);

	if (!f || f->memory_blocked)
		return;
	f->memory_blocked = true;
	f->memory_given = e->observed->pending.given;
}

struct finding *suspect_room(struct rules *r, enum rule_id id, const struct entry *e)
{
	bool blocked = e->observed->pending.no_space && e->observed->pending.unsent_bytes;

	if (!e->io || !e->io->out.calls)
		return room_by_state(r, id, e, blocked);
	return blocked || !fact_cut_short(e) ? NULL : rules_suspect(r, id, e->number);
}

void evidence_change(struct rules *r, struct finding *f, const struct entry *e)
{
	const char *call = change_name(r, e), *what = "last change:";

	if (!call[0])
		return;
	if (!strcmp(call, "fcntl") || !strcmp(call, "ioctl"))
		what = e->io->change.set_nonblock ? "O_NONBLOCK was set by"
						  : "O_NONBLOCK was taken away by";
	evidence(f, "%s %s(%d, ...), %.1f s ago by thread %u", what, call, f->fd,
		 seconds(since(r->now_ns, e->io->change.time_ns)), e->io->change.tid);
}

static void append_result(struct buf *b, const struct io_side *side)
{
	if (side->ret >= 0) {
		buf_i64(b, side->ret);
		return;
	}
	buf_str(b, "-1 ");
	buf_str(b, errno_name(-side->ret) ? errno_name(-side->ret) : "error");
}

void evidence_io(struct rules *r, struct finding *f, const char *what, const struct io_side *side)
{
	const char *call = model_syscall_name(r->model, side->nr);
	struct buf b = {0};

	if (!side->calls)
		return;
	buf_printf(&b, "last %s: %s(%d, ...", what, call ? call : "?", f->fd);
	if (side->size)
		buf_printf(&b, ", %llu", (unsigned long long)side->size);
	buf_str(&b, ") = ");
	append_result(&b, side);
	buf_printf(&b, ", %.1f s ago by thread %u", seconds(since(r->now_ns, side->time_ns)),
		   side->tid);
	buf_char(&b, 0);
	if (!b.failed)
		evidence(f, "%s", b.data);
	buf_free(&b);
}
