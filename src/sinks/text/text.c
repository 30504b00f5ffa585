/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/text/text.h"

#include "event/names.h"

#include <sys/epoll.h>
#include <sys/wait.h>

#define NS_PER_S  1000000000ULL
#define MEANT_MAX 7 /* descriptors that are named for one ready event */

#define RED	  "\033[31m"
#define YELLOW	  "\033[33m"
#define DIM	  "\033[2m"
#define PLAIN	  "\033[0m"

static void append_color(const struct text *t, const char *code)
{
	if (t->color)
		buf_str(&t->out->buf, code);
}

static void clock_digits(char *at, uint64_t second_of_day)
{
	unsigned part[3] = {second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60};

	for (int i = 0; i < 3; i++) {
		at[i * 3] = '0' + part[i] / 10;
		at[i * 3 + 1] = '0' + part[i] % 10;
		if (i < 2)
			at[i * 3 + 2] = ':';
	}
}

void text_time_of_day(struct buf *b, const struct clocks *clocks, uint64_t time_ns, bool micro)
{
	uint64_t real_ns = clocks_real_ns(clocks, time_ns);
	char digits[8];

	clock_digits(digits,
		     (real_ns / NS_PER_S + clocks_at(clocks, time_ns)->utc_offset_s) % 86400);
	buf_append(b, digits, sizeof(digits));
	if (micro) {
		buf_char(b, '.');
		buf_pad(b, real_ns % NS_PER_S / 1000, 6);
	}
}

static void append_seconds(struct buf *b, uint64_t ns)
{
	buf_u64(b, ns / NS_PER_S);
	buf_char(b, '.');
	buf_pad(b, ns % NS_PER_S / 1000, 6);
}

static void append_time_of_day(struct text *t, uint64_t time_ns)
{
	struct buf *b = &t->out->buf;
	const struct clock_event *clock = clocks_at(t->clocks, time_ns);
	uint64_t real_ns = time_ns + clock->realtime_offset_ns;
	uint64_t s = real_ns / NS_PER_S + clock->utc_offset_s;

	if (s != t->cached_s) {
		clock_digits(t->cached, s % 86400);
		t->cached_s = s;
	}
	buf_append(b, t->cached, sizeof(t->cached));
	if (t->time_format == TIME_OF_DAY_MICRO) {
		buf_char(b, '.');
		buf_pad(b, real_ns % NS_PER_S / 1000, 6);
	}
}

static void append_time(struct text *t, uint64_t time_ns)
{
	struct buf *b = &t->out->buf;
	uint64_t delta = t->last_ns ? time_ns - t->last_ns : 0;
	bool back = delta > INT64_MAX; /* lines come in order of completion */

	switch (t->time_format) {
	case TIME_OF_DAY:
	case TIME_OF_DAY_MICRO:
		append_time_of_day(t, time_ns);
		break;
	case TIME_EPOCH:
		append_seconds(b, clocks_real_ns(t->clocks, time_ns));
		break;
	case TIME_RELATIVE:
		if (back)
			buf_char(b, '-');
		append_seconds(b, back ? -delta : delta);
		t->last_ns = time_ns;
		break;
	}
	buf_char(b, ' ');
}

void text_head(struct text *t, uint32_t tid, uint64_t time_ns)
{
	struct buf *b = &t->out->buf;
	size_t start = b->len;

	buf_u64(b, tid);
	while (b->len - start < 5 && !b->failed)
		buf_char(b, ' ');
	buf_char(b, ' ');
	append_time(t, time_ns);
}

static void append_prefix(struct text *t, const struct view *v)
{
	text_head(t, v->tid, v->time_ns);
}

void text_file(struct buf *b, const char *text, bool deleted)
{
	buf_char(b, '<');
	buf_append(b, text, strlen(text));
	buf_char(b, '>');
	if (deleted)
		buf_str(b, FILE_DELETED);
}

/* A descriptor of that file, NULL: it is not open. */
static void append_fd(struct buf *b, int fd, const struct file *file)
{
	buf_i64(b, fd);
	if (file)
		text_file(b, file->text, file->what.deleted);
}

static void append_entry(struct buf *b, const struct entry *e)
{
	buf_i64(b, e->fd);
	if (e->name)
		text_file(b, e->name, e->what.deleted);
}

/* A descriptor that is meant to be an instance. */
static void append_epfd(struct buf *b, int fd, const struct view *v)
{
	if (!v->instance) {
		append_fd(b, fd, v->epfile);
		return;
	}
	buf_i64(b, fd);
	buf_append(b, "<eventpoll#", 11);
	buf_u64(b, v->instance->number);
	buf_char(b, '>');
}

static void append_pointer(struct buf *b, uint64_t ptr)
{
	if (ptr)
		buf_hex(b, ptr);
	else
		buf_append(b, "NULL", 4);
}

static void append_event(struct buf *b, uint32_t events, uint64_t data)
{
	buf_append(b, "{events=", 8);
	name_events(b, events);
	buf_append(b, ", data=", 7);
	if (data)
		buf_hex(b, data);
	else
		buf_char(b, '0'); /* as printf's %#x */
}

static void append_create(struct buf *b, const struct event *ev)
{
	if (ev->call.id == CALL_EPOLL_CREATE)
		buf_i64(b, ev->create.arg);
	else
		name_create_flags(b, ev->create.arg);
}

static void append_ctl(struct buf *b, const struct view *v)
{
	const struct ctl_event *c = &v->ev->ctl;

	append_epfd(b, c->epfd, v);
	buf_str(b, ", ");
	name_ctl_op(b, c->op);
	buf_str(b, ", ");
	append_fd(b, c->fd, v->file);
	buf_str(b, ", ");
	if (c->event_read && c->op != EPOLL_CTL_DEL) {
		append_event(b, c->events, c->data);
		buf_char(b, '}');
	} else {
		append_pointer(b, c->event_ptr);
	}
}

/* The descriptors that a ready event may mean: 7<...>, 7<...>|9<...>, or ?. */
static void append_meant(struct buf *b, const struct entry *e)
{
	buf_append(b, ", fd=", 5);
	if (!e)
		buf_char(b, '?');
	for (unsigned i = 0; e; e = interest_match_next(e), i++) {
		if (i)
			buf_char(b, '|');
		if (i == MEANT_MAX) {
			buf_str(b, "...");
			break;
		}
		append_entry(b, e);
	}
}

static void append_ready(struct buf *b, const struct view *v, unsigned most)
{
	const struct event *ev = v->ev;
	unsigned n = most && v->ready_count > most ? most : v->ready_count;

	if (ev->call.ret < 0 || !ev->wait.args.events_ptr || (ev->call.ret > 0 && !n)) {
		append_pointer(b, ev->wait.args.events_ptr);
		return;
	}
	buf_char(b, '[');
	for (unsigned i = 0; i < n; i++) {
		if (i)
			buf_append(b, ", ", 2);
		append_event(b, v->ready[i].event.events, v->ready[i].event.data);
		append_meant(b, v->ready[i].entry);
		buf_char(b, '}');
	}
	if ((unsigned)ev->call.ret > n)
		buf_printf(b, ", ... /* %u more not shown */", ev->call.ret - n);
	buf_char(b, ']');
}

static void append_timeout(struct buf *b, const struct event *ev)
{
	const struct wait_args *a = &ev->wait.args;

	if (ev->call.id != CALL_EPOLL_PWAIT2)
		buf_i64(b, a->timeout_ms);
	else if (a->timeout_read && ev->call.ret >= 0)
		buf_printf(b, "{tv_sec=%lld, tv_nsec=%lld}", (long long)a->tv_sec,
			   (long long)a->tv_nsec);
	else
		append_pointer(b, a->timeout_ptr);
}

/* What a failed call points to is a pointer, as strace has it. */
static void append_wait(struct buf *b, const struct view *v, unsigned most_ready)
{
	const struct wait_args *a = &v->ev->wait.args;

	append_epfd(b, a->epfd, v);
	buf_append(b, ", ", 2);
	append_ready(b, v, most_ready);
	buf_append(b, ", ", 2);
	buf_i64(b, a->maxevents);
	buf_append(b, ", ", 2);
	append_timeout(b, v->ev);
	if (v->ev->call.id == CALL_EPOLL_WAIT)
		return;
	buf_append(b, ", ", 2);
	if (a->sigset_read && v->ev->call.ret >= 0)
		name_sigset(b, a->sigset);
	else
		append_pointer(b, a->sigmask_ptr);
	buf_append(b, ", ", 2);
	buf_u64(b, a->sigsetsize);
}

static void append_result(struct text *t, const struct view *v)
{
	const struct call *c = &v->ev->call;
	struct buf *b = &t->out->buf;

	buf_append(b, " = ", 3);
	if (c->ret < 0) {
		append_color(t, RED);
		buf_str(b, c->ret == -ERRNO_RESTART ? "? " : "-1 ");
		name_errno(b, -c->ret);
		append_color(t, PLAIN);
	} else if (v->ev->kind == EVENT_CREATE) {
		append_epfd(b, c->ret, v);
	} else {
		buf_i64(b, c->ret);
	}
	buf_append(b, c->began_before ? " <>" : " <", c->began_before ? 3 : 2);
	append_seconds(b, c->duration_ns);
	buf_char(b, '>');
	if (c->io_uring)
		buf_str(b, " (io_uring)");
	if (c->skipped)
		buf_str(b, " (skipped)");
	else if (c->no_entry)
		buf_str(b, " (entry not seen)");
}

static void append_call(struct text *t, const struct view *v)
{
	struct buf *b = &t->out->buf;

	append_prefix(t, v);
	buf_str(b, call_name(v->ev->call.id));
	buf_char(b, '(');
	if (v->ev->kind == EVENT_CREATE)
		append_create(b, v->ev);
	else if (v->ev->kind == EVENT_CTL)
		append_ctl(b, v);
	else
		append_wait(b, v, t->max_ready);
	buf_char(b, ')');
	append_result(t, v);
}

static void append_waiting(struct text *t, const struct view *v)
{
	struct buf *b = &t->out->buf;

	append_prefix(t, v);
	buf_str(b, call_name(v->wait->id));
	buf_char(b, '(');
	append_epfd(b, v->wait->args.epfd, v);
	buf_str(b, ", ");
	if (v->kind == VIEW_UNFINISHED) {
		append_color(t, DIM);
		buf_str(b, "<unfinished ...>");
	} else {
		append_color(t, YELLOW);
		buf_printf(b, "<blocked %s%llu.%03llu s ...>", v->wait->began_before ? ">" : "",
			   (unsigned long long)(v->blocked_ns / NS_PER_S),
			   (unsigned long long)(v->blocked_ns % NS_PER_S / 1000000));
	}
	append_color(t, PLAIN);
}

static void append_exited(struct text *t, const struct view *v)
{
	struct buf *b = &t->out->buf;
	int status = v->ev->exit.status;

	append_prefix(t, v);
	if (WIFSIGNALED(status)) {
		buf_str(b, "+++ killed by ");
		name_signal(b, WTERMSIG(status));
		buf_str(b, WCOREDUMP(status) ? " (core dumped) +++" : " +++");
	} else {
		buf_printf(b, "+++ exited with %d +++", WEXITSTATUS(status));
	}
}

/* As strace reports a stop. */
static void append_halt(struct text *t, const struct view *v)
{
	struct buf *b = &t->out->buf;
	bool frozen = v->halt.how == THREAD_FROZEN;

	append_prefix(t, v);
	if (v->kind == VIEW_HALTED)
		buf_str(b, frozen ? "--- frozen with its cgroup ---" : "--- stopped ---");
	else
		buf_printf(b, "--- %s after %.3f s ---", frozen ? "thawed" : "continued",
			   (v->time_ns - v->halt.since_ns) / 1e9);
}

/* An entry that went without EPOLL_CTL_DEL: by a close, or nobody knows how. */
static void append_ended(struct text *t, const struct view *v)
{
	int epfd = interest_number(v->instance, v->pid);
	struct buf *b = &t->out->buf;

	if (v->ended == ENDED_DELETED || v->ended == ENDED_WITH)
		return;
	if (v->ended == ENDED_CLOSED)
		append_prefix(t, v);
	buf_str(b, "--- ");
	append_entry(b, v->entry);
	buf_str(b, v->ended == ENDED_CLOSED ? " closed: gone from " : " gone from ");
	if (epfd >= 0)
		append_epfd(b, epfd, v);
	else
		buf_printf(b, "<eventpoll#%u>", v->instance->number);
	buf_str(b, v->ended == ENDED_CLOSED ? " ---" : ": no call was seen ---");
}

static void append_lost(struct text *t, const struct view *v)
{
	append_color(t, RED);
	buf_printf(&t->out->buf, "--- %llu records lost: the trace is incomplete here ---",
		   (unsigned long long)v->ev->lost.total);
	append_color(t, PLAIN);
}

static void append_view(struct text *t, const struct view *v)
{
	switch (v->kind) {
	case VIEW_CALL:
		append_call(t, v);
		break;
	case VIEW_BLOCKED:
	case VIEW_UNFINISHED:
		append_waiting(t, v);
		break;
	case VIEW_EXITED:
		append_exited(t, v);
		break;
	case VIEW_LOST:
		append_lost(t, v);
		break;
	case VIEW_HALTED:
	case VIEW_RESUMED:
		append_halt(t, v);
		break;
	case VIEW_ENDED:
		append_ended(t, v);
		break;
	case VIEW_THREAD_ENDED:
	case VIEW_NO_EPOLL:
	case VIEW_SCAN:
	case VIEW_COMPAT:
	case VIEW_SEEN:
	case VIEW_CLOSE:
	case VIEW_IO:
		break;
	}
}

void text_view(struct text *t, const struct view *v)
{
	struct buf *b = &t->out->buf;
	size_t before = b->len;

	if (v->kind == VIEW_LOST && !v->ev->lost.total)
		return;
	append_view(t, v);
	if (b->len != before)
		buf_char(b, '\n');
	output_line_done(t->out);
}

void text_end(struct text *t, uint64_t lost)
{
	buf_printf(&t->out->buf, "+++ %llu records lost +++\n", (unsigned long long)lost);
}
