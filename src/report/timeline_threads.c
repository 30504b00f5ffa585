/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tracks of threads: waits, turns of the loop between them, other calls within these. */
#include "report/timeline_internal.h"

#include "event/names.h"

#include <sys/epoll.h>
#include <sys/wait.h>

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The turn of the loop that goes on, if one does, ends. */
static void end_turn(struct timeline *t, struct thread *th, uint64_t time_ns, bool unfinished)
{
	if (!th->turn)
		return;
	th->turn = false;
	th->last_ns = later(th->last_ns, time_ns);
	args_clear(&t->args);
	if (unfinished)
		args_true(&t->args, "unfinished");
	timeline_emit(t, &(struct track_event){.kind = HAPPENS_END,
					       .track = &th->track,
					       .time_ns = th->last_ns,
					       .name = "turn",
					       .category = "turn"});
}

/* Something that lasted, with the arguments in t->args; never before what lasted before. */
static void report_slice(struct timeline *t, struct thread *th, uint64_t from_ns, uint64_t to_ns,
			 const char *name, const char *category)
{
	uint64_t begin_ns = later(th->last_ns, from_ns);

	th->last_ns = later(begin_ns, to_ns);
	timeline_emit(t, &(struct track_event){.kind = HAPPENS_SLICE,
					       .track = &th->track,
					       .time_ns = begin_ns,
					       .end_ns = th->last_ns,
					       .name = name,
					       .category = category});
}

/* May a wait with these arguments block? */
static bool may_block(const struct wait_args *a)
{
	return a->timeout_ns != 0;
}

/* Polls have a name of their own, because viewers choose colours by name. */
#define NAMES_OF(call)                                                                             \
	{                                                                                          \
		{call " (poll)", call " (poll) (unfinished)"},                                     \
		{                                                                                  \
			call, call " (unfinished)"                                                 \
		}                                                                                  \
	}

static void report_wait(struct timeline *t, struct thread *th, uint64_t from_ns, uint64_t to_ns,
			enum call_id id, const struct wait_args *a, bool cut)
{
	static const char *const names[CALL_COUNT][2][2] = {
		[CALL_EPOLL_WAIT] = NAMES_OF("epoll_wait"),
		[CALL_EPOLL_PWAIT] = NAMES_OF("epoll_pwait"),
		[CALL_EPOLL_PWAIT2] = NAMES_OF("epoll_pwait2"),
	};

	report_slice(t, th, from_ns, to_ns, names[id][may_block(a)][cut],
		     may_block(a) ? "blocked" : "poll");
}

static void begin_turn(struct timeline *t, struct thread *th, const struct view *v)
{
	args_clear(&t->args);
	timeline_ready_args(t, v);
	th->turn = true;
	timeline_emit(t, &(struct track_event){.kind = HAPPENS_BEGIN,
					       .track = &th->track,
					       .time_ns = th->last_ns,
					       .name = "turn",
					       .category = "turn"});
}

static void wait_returned(struct timeline *t, struct thread *th, const struct view *v)
{
	const struct wait_args *a = &v->ev->wait.args;
	uint64_t end_ns = v->time_ns + v->ev->call.duration_ns;

	end_turn(t, th, v->time_ns, false);
	if (may_block(a))
		timeline_unblocks(t, th, v->time_ns, end_ns);
	args_clear(&t->args);
	timeline_call_args(t, v);
	report_wait(t, th, v->time_ns, end_ns, v->ev->call.id, a, false);
	begin_turn(t, th, v);
}

/* An operation of io_uring takes no time of its thread, and what was skipped took none. */
static void emit_operation(struct timeline *t, struct thread *th, const struct view *v,
			   const char *category)
{
	args_clear(&t->args);
	timeline_call_args(t, v);
	args_u64(&t->args, "duration_ns", v->ev->call.duration_ns);
	timeline_emit(t, &(struct track_event){.kind = HAPPENS_INSTANT,
					       .track = &th->track,
					       .time_ns = v->time_ns + v->ev->call.duration_ns,
					       .name = call_name(v->ev->call.id),
					       .category = category});
}

void timeline_call(struct timeline *t, const struct view *v)
{
	struct thread *th = timeline_thread(t, v->pid, v->tid);

	if (!th)
		return;
	if (v->ev->call.io_uring) {
		emit_operation(t, th, v, "io_uring");
	} else if (v->ev->call.skipped) {
		emit_operation(t, th, v, "skipped");
	} else if (v->ev->kind == EVENT_WAIT) {
		wait_returned(t, th, v);
	} else {
		args_clear(&t->args);
		timeline_call_args(t, v);
		report_slice(t, th, v->time_ns, v->time_ns + v->ev->call.duration_ns,
			     call_name(v->ev->call.id), "call");
	}
}

/* A wait whose return will not be reported. */
static void emit_unfinished(struct timeline *t, struct thread *th, const struct view *v)
{
	const struct wait *w = v->wait;
	uint64_t end_ns = v->time_ns + v->blocked_ns;

	if (may_block(&w->args))
		timeline_unblocks(t, th, v->time_ns, end_ns);
	args_clear(&t->args);
	args_i64(&t->args, "epfd", w->args.epfd);
	if (v->instance)
		args_u64(&t->args, "instance", v->instance->number);
	if (w->args.timeout_ns >= -1)
		args_i64(&t->args, "timeout_ns", w->args.timeout_ns);
	if (w->began_before)
		args_true(&t->args, "began_before_attach");
	report_wait(t, th, v->time_ns, end_ns, w->id, &w->args, true);
}

/* A wait in flight: what it ends has ended, and its thread counts. */
void timeline_waiting(struct timeline *t, const struct view *v)
{
	struct thread *th = timeline_thread(t, v->pid, v->tid);

	if (!th)
		return;
	end_turn(t, th, v->time_ns, false);
	if (v->kind == VIEW_UNFINISHED)
		emit_unfinished(t, th, v);
	else if (may_block(&v->wait->args))
		timeline_blocks(t, th, v->time_ns);
}

void timeline_thread_end(struct timeline *t, struct thread *th, uint64_t now_ns, bool cut)
{
	end_turn(t, th, now_ns, cut);
	if (th->waits_from_ns)
		timeline_unblocks(t, th, th->waits_from_ns, now_ns);
}

static void exit_args(struct timeline *t, const struct exit_event *exit)
{
	t->name.len = 0;
	if (WIFSIGNALED(exit->status)) {
		name_signal(&t->name, WTERMSIG(exit->status));
		buf_char(&t->name, 0);
		args_text(&t->args, "signal", t->name.failed ? "" : t->name.data);
	} else if (exit->last) {
		args_i64(&t->args, "status", WEXITSTATUS(exit->status));
	}
	if (exit->last)
		args_true(&t->args, "process_ends");
}

void timeline_thread_left(struct timeline *t, struct thread *th, const struct event *ev)
{
	const char *name = "exec";

	timeline_thread_end(t, th, ev->time_ns, false);
	args_clear(&t->args);
	if (ev->kind == EVENT_EXIT) {
		exit_args(t, &ev->exit);
		name = WIFSIGNALED(ev->exit.status) ? "killed" : "exited";
	}
	timeline_emit(t, &(struct track_event){.kind = HAPPENS_INSTANT,
					       .track = &th->track,
					       .time_ns = later(th->last_ns, ev->time_ns),
					       .name = name,
					       .category = "life"});
}
