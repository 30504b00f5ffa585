/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/text/snapshot_text.h"

#include "event/names.h"
#include "sinks/text/duration.h"
#include "sinks/text/snapshot_entries.h"
#include "sinks/text/text.h"

#include <stdio.h>
#include <string.h>

#define PLENTY	 6 /* holders that are named */
#define CELL_MAX 64

static const char *plural_s(size_t n)
{
	return n == 1 ? "" : "s";
}

static void idle_cell(char cell[CELL_MAX], const struct task *t, const struct model *m)
{
	uint64_t idle_ns = snapshot_idle_ns(t, m);
	char text[16];

	if (!idle_ns) {
		snprintf(cell, CELL_MAX, "-");
		return;
	}
	if (idle_ns < 1000) { /* the clocks agree no better */
		snprintf(cell, CELL_MAX, "now");
		return;
	}
	print_duration(text, idle_ns);
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

static void append_thread_ids(struct page *p, const struct task *t)
{
	size_t start;

	buf_printf(p->b, "%7u %7u ", t->pid, t->tid);
	start = p->b->len;
	page_append_comm(p->b, t->comm);
	page_pad_to(p->b, start, 16);
}

static void append_waiters(struct page *p, const struct snapshot_instance *s)
{
	size_t shown = page_limited(p, s->waiter_count);

	if (!s->waiter_count)
		return;
	buf_printf(p->b, "\n%7s %7s %-15s %-13s %-8s %s\n", "PID", "TID", "COMM", "WAITS IN",
		   "TIMEOUT", "LAST RAN");
	for (size_t i = 0; i < shown; i++) {
		const struct task *t = s->waiters[i];
		char idle[CELL_MAX], timeout[CELL_MAX];

		idle_cell(idle, t, p->m);
		timeout_cell(timeout, &t->wait.args);
		append_thread_ids(p, t);
		buf_printf(p->b, "%-13s %-8s %s\n", call_name(t->wait.id), timeout, idle);
	}
	if (shown < s->waiter_count)
		buf_printf(p->b, "    and %zu more\n", s->waiter_count - shown);
}

/* Columns of the line that the buffer ends with. */
static size_t column_of(const struct buf *b)
{
	const char *newline = b->len ? memrchr(b->data, '\n', b->len) : NULL;

	return newline ? (size_t)(b->data + b->len - newline - 1) : b->len;
}

/* Adds one to a list of words that goes on in the next line if this one is full. */
static void append_word(struct page *p, const struct buf *word, const char *sep)
{
	buf_str(p->b, sep);
	if (column_of(p->b) + word->len + 2 > COLUMNS) {
		while (p->b->len && p->b->data[p->b->len - 1] == ' ')
			p->b->len--;
		buf_str(p->b, "\n       ");
	}
	buf_char(p->b, ' ');
	buf_append(p->b, word->data, word->len);
}

static void append_holders(struct page *p, const struct instance *inst)
{
	const struct holder *h = inst->holders;
	struct buf word = {0};
	unsigned n = 0;

	if (!h)
		buf_str(p->b, ", held by none of the processes");
	for (; h && n < PLENTY; h = h->next, n++) {
		word.len = 0;
		buf_printf(&word, "fd %d of %u (", h->fd, h->pid);
		page_append_comm(&word, snapshot_comm(p->m, h->pid, h));
		buf_str(&word, h->foreign ? ", not traced)" : ")");
		append_word(p, &word, !n ? ":" : n == 1 ? "\n    shared with" : ",");
	}
	if (h)
		buf_str(p->b, ", ...");
	buf_free(&word);
}

/* Which instances watch this one. */
static void append_nesting(struct page *p, const struct snapshot *all, const struct instance *inst)
{
	size_t count;
	const struct watch *watches = snapshot_watchers(all, inst, &count);

	for (size_t i = 0; i < count; i++)
		buf_printf(p->b, "%s#%u", i ? ", " : "    watched by ", watches[i].number);
	if (count)
		buf_char(p->b, '\n');
}

static void append_instance(struct page *p, const struct snapshot *all,
			    const struct snapshot_instance *s)
{
	page_color(p, PAGE_BOLD);
	buf_printf(p->b, "\ninstance #%u", s->instance->number);
	page_color(p, PAGE_PLAIN);
	append_holders(p, s->instance);
	buf_char(p->b, '\n');
	append_nesting(p, all, s->instance);
	if (s->entry_count)
		buf_printf(p->b, "    %zu entr%s, %zu ready, %zu marked; ", s->entry_count,
			   s->entry_count == 1 ? "y" : "ies", s->ready_count, s->mark_count);
	else
		buf_str(p->b, "    watches nothing; ");
	if (s->waiter_count)
		buf_printf(p->b, "%zu thread%s wait%s\n", s->waiter_count,
			   plural_s(s->waiter_count), s->waiter_count == 1 ? "s" : "");
	else
		buf_str(p->b, p->waits_unknown ? "who waits is not known\n" : "no thread waits\n");
	append_waiters(p, s);
	page_append_entries(p, s);
}

/* "read(8<pipe:[23]>)", "futex", "running". */
static void append_doing(struct page *p, struct buf *b, const struct task *t)
{
	const char *call = model_syscall_name(p->m, t->nr);
	char away[16];

	if (!t->scanned) { /* only what it called is known */
		print_duration(away, model_now_ns(p->m) - t->returned_ns);
		buf_printf(b, "away from its last epoll call for %s", away);
		return;
	}
	if (t->state == THREAD_RUNS) {
		buf_str(b, "running");
		return;
	}
	if (t->state != THREAD_BLOCKED) {
		buf_str(b, t->state == THREAD_FROZEN ? "frozen" : "stopped");
		buf_str(b, call || t->nr >= 0 ? " in " : "");
	}
	if (!call && t->nr < 0) {
		if (t->state == THREAD_BLOCKED)
			buf_str(b, t->nr == -1 ? "blocked, in no system call" : "blocked");
		return;
	}
	if (call)
		buf_str(b, call);
	else
		buf_printf(b, "system call %d", t->nr);
	if (!t->file)
		return;
	buf_printf(b, "(%d", t->fd);
	if (t->file_what.kind == FILE_INSTANCE)
		buf_str(b, "<eventpoll>");
	else
		text_file(b, t->file, t->file_what.deleted);
	buf_char(b, ')');
}

static void append_threads(struct page *p, const struct snapshot *s)
{
	size_t shown = page_limited(p, s->thread_count);
	struct buf doing = {0};

	if (!s->thread_count)
		return;
	page_color(p, PAGE_BOLD);
	buf_printf(p->b, "\n%zu thread%s in no epoll wait\n\n", s->thread_count,
		   plural_s(s->thread_count));
	page_color(p, PAGE_PLAIN);
	buf_printf(p->b, "%7s %7s %-15s %-12s %s\n", "PID", "TID", "COMM", "LAST RAN", "DOES");
	for (size_t i = 0; i < shown; i++) {
		char idle[CELL_MAX];

		idle_cell(idle, s->threads[i], p->m);
		append_thread_ids(p, s->threads[i]);
		buf_printf(p->b, "%-12s", idle);
		doing.len = 0;
		append_doing(p, &doing, s->threads[i]);
		append_word(p, &doing, "");
		buf_char(p->b, '\n');
	}
	buf_free(&doing);
	if (shown < s->thread_count)
		buf_printf(p->b, "    and %zu more\n", s->thread_count - shown);
}

/* In a recording descriptors are scanned from time to time only. */
#define FRESH_NS 100000000ULL

static void append_scanned(struct page *p)
{
	uint64_t scanned_ns = model_scanned_ns(p->m);

	if (scanned_ns && model_now_ns(p->m) - scanned_ns < FRESH_NS)
		return;
	if (!scanned_ns) {
		buf_str(p->b, "descriptors were not scanned before that\n");
		return;
	}
	buf_str(p->b, "what waits in files is as of ");
	text_time_of_day(p->b, model_clocks(p->m), scanned_ns, true);
	buf_char(p->b, '\n');
}

static void append_head(struct page *p, const struct snapshot *s)
{
	size_t entries = 0;

	for (size_t i = 0; i < s->instance_count; i++)
		entries += s->instances[i].entry_count;
	text_time_of_day(p->b, model_clocks(p->m), model_now_ns(p->m), true);
	buf_printf(p->b, "  %zu process%s, %zu instance%s, %zu entr%s\n", s->pid_count,
		   s->pid_count == 1 ? "" : "es", s->instance_count, plural_s(s->instance_count),
		   entries, entries == 1 ? "y" : "ies");
	append_scanned(p);
	for (size_t i = 0; i < s->pid_count; i++) {
		if (snapshot_holds(s, s->pids[i]))
			continue;
		page_append_process(p, s->pids[i]);
		buf_str(p->b, " has no epoll instance\n");
	}
}

/* Is the thread in such a call? Then it is a waiter, unless what it waits on could not be read. */
static bool seems_to_wait(const struct model *m, const struct task *t)
{
	const char *call = t->scanned ? model_syscall_name(m, t->nr) : NULL;
	int id = call ? call_from_name(call, strlen(call)) : -1;

	return t->state == THREAD_BLOCKED && id >= 0 && call_is_wait((enum call_id)id);
}

void snapshot_print(struct output *out, const struct snapshot *s, const struct model *m,
		    const struct snapshot_style *style)
{
	struct page p = {.b = &out->buf, .m = m, .limit = style->limit, .color = style->color};

	for (size_t i = 0; i < s->thread_count; i++)
		p.waits_unknown |= seems_to_wait(m, s->threads[i]);
	append_head(&p, s);
	for (size_t i = 0; i < s->instance_count; i++) {
		append_instance(&p, s, &s->instances[i]);
		output_line_done(out);
	}
	append_threads(&p, s);
}
