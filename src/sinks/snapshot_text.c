/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/snapshot_text.h"

#include "event/names.h"
#include "sinks/summary_text.h"
#include "sinks/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define COLUMNS	 80
#define PLENTY	 6 /* holders that are named */
#define MARK	 "\033[33m"
#define BOLD	 "\033[1m"
#define PLAIN	 "\033[0m"
#define CELL_MAX 64

struct page {
	struct buf *b;
	const struct model *m;
	const struct snapshot_style *style;
};

static void color(struct page *p, const char *code)
{
	if (p->style->color)
		buf_str(p->b, code);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* The command's name of a process, as a look or a holder has it. */
static const char *comm_of(const struct model *m, uint32_t pid)
{
	const struct task *t = tasks_find(model_tasks(m), pid);

	return t && t->comm[0] ? t->comm : "?";
}

static void put_comm(struct buf *b, const char *comm)
{
	buf_escaped(b, comm, strlen(comm), "");
}

static void put_process(struct page *p, uint32_t pid)
{
	buf_printf(p->b, "%u (", pid);
	put_comm(p->b, comm_of(p->m, pid));
	buf_char(p->b, ')');
}

/* "10.2k", at most 6 characters. */
static void count_text(char *text, size_t room, uint64_t n)
{
	static const char units[] = " kMGTP";
	double v = n;
	unsigned u = 0;

	while (u < 5 && v >= (u ? 999.5 : 99999.5)) {
		v /= 1024;
		u++;
	}
	if (!u)
		snprintf(text, room, "%llu", (unsigned long long)n);
	else
		snprintf(text, room, v < 9.95 ? "%.1f%c" : "%.0f%c", v, units[u]);
}

static void unread_cell(char cell[CELL_MAX], const struct seen *s)
{
	const char *more = s && s->pending.at_least ? ">" : "";
	char count[16];

	if (!s || !s->known || (!s->pending.has_unread && !s->pending.has_count)) {
		snprintf(cell, CELL_MAX, "-");
		return;
	}
	if (s->pending.has_unread) {
		count_text(count, sizeof(count), s->pending.unread_bytes);
		snprintf(cell, CELL_MAX, "%s%s", more, count);
		return;
	}
	count_text(count, sizeof(count), s->pending.count);
	snprintf(cell, CELL_MAX, "%s %s", count, s->pending.listens ? "conn" : "ev");
}

static void unsent_cell(char cell[CELL_MAX], const struct seen *s)
{
	if (s && s->known && s->pending.has_unsent)
		count_text(cell, CELL_MAX, s->pending.unsent_bytes);
	else
		snprintf(cell, CELL_MAX, "-");
}

static const char *ready_cell(const struct entry *e)
{
	const struct seen *s = e->seen;

	if (!s || !s->known)
		return "?";
	if (entry_disarmed(e))
		return "off";
	return s->ready ? "ready" : "-";
}

static const char *block_cell(const struct seen *s)
{
	return !s || !s->known ? "?" : s->pending.nonblock ? "no" : "yes";
}

/* Flags without the prefix that all of them have: "IN|RDHUP|ET". */
static void events_cell(struct buf *b, uint32_t events)
{
	struct buf whole = {0};

	name_events(&whole, events);
	for (size_t i = 0; i < whole.len; i++) {
		if (whole.len - i > 5 && !memcmp(whole.data + i, "EPOLL", 5))
			i += 5;
		buf_char(b, whole.data[i]);
	}
	buf_free(&whole);
}

static void pad_to(struct buf *b, size_t start, size_t width)
{
	while (b->len - start < width && !b->failed)
		buf_char(b, ' ');
}

/* Widths that the entries which are shown need, and whether their files fit behind them. */
struct layout {
	size_t events, data;
	bool split; /* the file stands on a line of its own */
};

#define LEFT_WIDTH 36 /* up to and with the blank before EVENTS */

static struct layout lay_out(const struct snapshot_instance *s, size_t shown)
{
	struct layout l = {.events = 6, .data = 4};
	struct buf b = {0};
	size_t file = 4;

	for (size_t i = 0; i < shown; i++) {
		const struct entry *e = s->entries[i].entry;

		b.len = 0;
		events_cell(&b, e->events);
		l.events = b.len > l.events ? b.len : l.events;
		b.len = 0;
		buf_hex(&b, e->data);
		l.data = b.len > l.data ? b.len : l.data;
		if (e->name && strlen(e->name) > file)
			file = strlen(e->name);
	}
	buf_free(&b);
	l.split = LEFT_WIDTH + l.events + 1 + l.data + 1 + file > COLUMNS;
	return l;
}

static void put_mark(struct page *p, const struct snapshot_entry *row)
{
	const struct entry *e = row->entry;
	char cell[CELL_MAX];

	color(p, MARK);
	buf_str(p->b, "      ! ");
	unread_cell(cell, e->seen);
	switch (row->mark) {
	case MARK_NO_EDGE:
		buf_printf(p->b, "%s unread, edge-triggered and not ready: no event comes for it",
			   cell);
		break;
	case MARK_DISARMED:
		buf_printf(p->b, "%s unread, but EPOLLONESHOT has disarmed it", cell);
		break;
	case MARK_NUMBER:
		buf_str(p->b, "no process that holds the instance has it at this number");
		if (e->elsewhere && !e->unheld) {
			buf_printf(p->b, "\n        its file is open as fd %d of ",
				   e->elsewhere_fd);
			put_process(p, e->elsewhere);
		} else if (e->unheld) {
			buf_str(p->b, "\n        no process has its file open at any number");
		}
		break;
	case MARK_NONE:
	case MARK_COUNT:
		break;
	}
	color(p, PLAIN);
	buf_char(p->b, '\n');
}

static void put_file(struct page *p, const struct entry *e)
{
	if (e->name)
		text_file(p->b, e->name);
	else
		buf_char(p->b, '?');
}

static void put_entry(struct page *p, const struct snapshot_entry *row, const struct layout *l)
{
	const struct entry *e = row->entry;
	char unread[CELL_MAX], unsent[CELL_MAX];
	size_t start;

	unread_cell(unread, e->seen);
	unsent_cell(unsent, e->seen);
	buf_printf(p->b, "%7d %-5s %-5s %7s %7s ", e->fd, ready_cell(e), block_cell(e->seen),
		   unread, unsent);
	start = p->b->len;
	events_cell(p->b, e->events);
	pad_to(p->b, start, l->events + 1);
	start = p->b->len;
	buf_hex(p->b, e->data);
	if (l->split)
		buf_str(p->b, "\n        ");
	else
		pad_to(p->b, start, l->data + 1);
	put_file(p, e);
	buf_char(p->b, '\n');
	if (row->mark != MARK_NONE)
		put_mark(p, row);
}

/* What the entries that are not shown add up to. */
static void put_rest(struct page *p, const struct snapshot_instance *s, size_t shown)
{
	size_t ready = 0, marked = 0;
	uint64_t unread = 0, unsent = 0;

	for (size_t i = shown; i < s->entry_count; i++) {
		const struct seen *seen = s->entries[i].entry->seen;

		marked += s->entries[i].mark != MARK_NONE;
		if (!seen || !seen->known)
			continue;
		ready += seen->ready;
		unread += seen->pending.unread_bytes;
		unsent += seen->pending.unsent_bytes;
	}
	buf_printf(p->b,
		   "    and %zu more: %zu ready, %zu marked, %llu bytes unread, %llu unsent\n",
		   s->entry_count - shown, ready, marked, (unsigned long long)unread,
		   (unsigned long long)unsent);
}

static size_t limited(const struct page *p, size_t count)
{
	return p->style->limit && count > p->style->limit ? p->style->limit : count;
}

static void put_entries(struct page *p, const struct snapshot_instance *s)
{
	size_t shown = limited(p, s->entry_count), start;
	struct layout l = lay_out(s, shown);

	if (!s->entry_count)
		return;
	buf_printf(p->b, "\n%7s %-5s %-5s %7s %7s ", "FD", "READY", "BLOCK", "UNREAD", "UNSENT");
	start = p->b->len;
	buf_str(p->b, "EVENTS");
	pad_to(p->b, start, l.events + 1);
	start = p->b->len;
	buf_str(p->b, "DATA");
	if (!l.split) {
		pad_to(p->b, start, l.data + 1);
		buf_str(p->b, "FILE");
	}
	buf_char(p->b, '\n');
	for (size_t i = 0; i < shown; i++)
		put_entry(p, &s->entries[i], &l);
	if (shown < s->entry_count)
		put_rest(p, s, shown);
}

static void idle_cell(char cell[CELL_MAX], const struct task *t)
{
	char text[16];

	if (!t->looked || !t->idle_ns) {
		snprintf(cell, CELL_MAX, "-");
		return;
	}
	print_duration(text, t->idle_ns);
	snprintf(cell, CELL_MAX, "%s ago", text);
}

static void timeout_cell(char cell[CELL_MAX], const struct wait_args *a)
{
	if (a->timeout_ns == -1)
		snprintf(cell, CELL_MAX, "none");
	else if (a->timeout_ns < 0)
		snprintf(cell, CELL_MAX, "?");
	else
		print_duration(cell, a->timeout_ns);
}

static void put_thread_ids(struct page *p, const struct task *t)
{
	size_t start;

	buf_printf(p->b, "%7u %7u ", t->pid, t->tid);
	start = p->b->len;
	put_comm(p->b, t->comm);
	pad_to(p->b, start, 16);
}

static void put_waiters(struct page *p, const struct snapshot_instance *s)
{
	size_t shown = limited(p, s->waiter_count);

	if (!s->waiter_count)
		return;
	buf_printf(p->b, "\n%7s %7s %-15s %-13s %-8s %s\n", "PID", "TID", "COMM", "WAITS IN",
		   "TIMEOUT", "LAST RAN");
	for (size_t i = 0; i < shown; i++) {
		const struct task *t = s->waiters[i];
		char idle[CELL_MAX], timeout[CELL_MAX];

		idle_cell(idle, t);
		timeout_cell(timeout, &t->wait.args);
		put_thread_ids(p, t);
		buf_printf(p->b, "%-13s %-8s %s\n", call_name(t->wait.id), timeout, idle);
	}
	if (shown < s->waiter_count)
		buf_printf(p->b, "    and %zu more\n", s->waiter_count - shown);
}

/* Columns of the line that the buffer ends with. */
static size_t column(const struct buf *b)
{
	const char *newline = b->len ? memrchr(b->data, '\n', b->len) : NULL;

	return newline ? (size_t)(b->data + b->len - newline - 1) : b->len;
}

/* Adds one to a list of words that goes on in the next line where this one is full. */
static void put_word(struct page *p, const struct buf *word, const char *sep)
{
	buf_str(p->b, sep);
	if (column(p->b) + word->len + 2 > COLUMNS)
		buf_str(p->b, "\n       ");
	buf_char(p->b, ' ');
	buf_put(p->b, word->data, word->len);
}

static void put_holders(struct page *p, const struct instance *inst)
{
	const struct holder *h = inst->holders;
	struct buf word = {0};
	unsigned n = 0;

	if (!h)
		buf_str(p->b, ", held by none of the processes");
	for (; h && n < PLENTY; h = h->next, n++) {
		word.len = 0;
		buf_printf(&word, "fd %d of %u (", h->fd, h->pid);
		put_comm(&word, h->comm);
		buf_str(&word, h->foreign ? ", not traced)" : ")");
		put_word(p, &word, !n ? ":" : n == 1 ? "\n    shared with" : ",");
	}
	if (h)
		buf_str(p->b, ", ...");
	buf_free(&word);
}

/* Which instances watch this one. */
static void put_nesting(struct page *p, const struct snapshot *all, const struct instance *inst)
{
	const char *sep = "    watched by ";

	for (size_t i = 0; i < all->instance_count; i++) {
		if (!snapshot_watches(&all->instances[i], inst))
			continue;
		buf_printf(p->b, "%s#%u", sep, all->instances[i].instance->number);
		sep = ", ";
	}
	if (sep[0] == ',')
		buf_char(p->b, '\n');
}

static void put_instance(struct page *p, const struct snapshot *all,
			 const struct snapshot_instance *s)
{
	color(p, BOLD);
	buf_printf(p->b, "\ninstance #%u", s->instance->number);
	color(p, PLAIN);
	put_holders(p, s->instance);
	buf_char(p->b, '\n');
	put_nesting(p, all, s->instance);
	if (s->entry_count)
		buf_printf(p->b, "    %zu entr%s, %zu ready, %zu marked; ", s->entry_count,
			   s->entry_count == 1 ? "y" : "ies", s->ready_count, s->mark_count);
	else
		buf_str(p->b, "    watches nothing; ");
	if (s->waiter_count)
		buf_printf(p->b, "%zu thread%s wait%s\n", s->waiter_count, plural(s->waiter_count),
			   s->waiter_count == 1 ? "s" : "");
	else
		buf_str(p->b, "no thread waits\n");
	put_waiters(p, s);
	put_entries(p, s);
}

/* "read(8<pipe:[23]>)", "futex", "running". */
static void put_doing(struct buf *b, const struct task *t)
{
	const char *call = t->nr >= 0 ? syscall_name(t->nr) : NULL;

	if (t->state == THREAD_RUNS) {
		buf_str(b, "running");
		return;
	}
	if (t->state == THREAD_STOPPED)
		buf_str(b, t->nr >= 0 ? "stopped in " : "stopped");
	if (t->nr < 0) {
		if (t->state == THREAD_BLOCKED)
			buf_str(b, "blocked, in no system call");
		return;
	}
	if (call)
		buf_str(b, call);
	else
		buf_printf(b, "system call %d", t->nr);
	if (!t->file)
		return;
	buf_printf(b, "(%d", t->fd);
	if (t->file_ep)
		buf_str(b, "<eventpoll>");
	else
		text_file(b, t->file);
	buf_char(b, ')');
}

static void put_threads(struct page *p, const struct snapshot *s)
{
	size_t shown = limited(p, s->thread_count);
	struct buf doing = {0};

	if (!s->thread_count)
		return;
	color(p, BOLD);
	buf_printf(p->b, "\n%zu thread%s in no epoll wait\n\n", s->thread_count,
		   plural(s->thread_count));
	color(p, PLAIN);
	buf_printf(p->b, "%7s %7s %-15s %-12s %s\n", "PID", "TID", "COMM", "LAST RAN", "DOES");
	for (size_t i = 0; i < shown; i++) {
		char idle[CELL_MAX];

		idle_cell(idle, s->threads[i]);
		put_thread_ids(p, s->threads[i]);
		buf_printf(p->b, "%-12s", idle);
		doing.len = 0;
		put_doing(&doing, s->threads[i]);
		put_word(p, &doing, "");
		buf_char(p->b, '\n');
	}
	buf_free(&doing);
	if (shown < s->thread_count)
		buf_printf(p->b, "    and %zu more\n", s->thread_count - shown);
}

static bool holds_any(const struct snapshot *s, uint32_t pid)
{
	for (size_t i = 0; i < s->instance_count; i++)
		for (const struct holder *h = s->instances[i].instance->holders; h; h = h->next)
			if (h->pid == pid)
				return true;
	return false;
}

static void put_head(struct page *p, const struct snapshot *s)
{
	size_t entries = 0;

	for (size_t i = 0; i < s->instance_count; i++)
		entries += s->instances[i].entry_count;
	text_time_of_day(p->b, model_start(p->m), model_now_ns(p->m), true);
	buf_printf(p->b, "  %zu process%s, %zu instance%s, %zu entr%s\n", s->pid_count,
		   s->pid_count == 1 ? "" : "es", s->instance_count, plural(s->instance_count),
		   entries, entries == 1 ? "y" : "ies");
	for (size_t i = 0; i < s->pid_count; i++) {
		if (holds_any(s, s->pids[i]))
			continue;
		put_process(p, s->pids[i]);
		buf_str(p->b, " has no epoll instance\n");
	}
}

void snapshot_print(struct output *out, const struct snapshot *s, const struct model *m,
		    const struct snapshot_style *style)
{
	struct page p = {.b = &out->buf, .m = m, .style = style};

	put_head(&p, s);
	for (size_t i = 0; i < s->instance_count; i++) {
		put_instance(&p, s, &s->instances[i]);
		output_line_done(out);
	}
	put_threads(&p, s);
}
