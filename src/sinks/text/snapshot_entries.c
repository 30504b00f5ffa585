/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/text/snapshot_entries.h"

#include "event/names.h"
#include "sinks/text/text.h"

#include <stdio.h>
#include <string.h>

#define CELL_MAX   64
#define LEFT_WIDTH 31 /* up to and with the blank before EVENTS, but for READY */

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

static void unread_cell(char cell[CELL_MAX], const struct observed *s)
{
	const char *more = s && s->pending.at_least ? ">" : "";
	char count[16];

	if (!s || !s->known || (!s->pending.has_unread && !s->pending.has_count)) {
		snprintf(cell, CELL_MAX, "-");
		return;
	}
	if (s->pending.has_unread && (s->pending.unread_bytes || !s->pending.count)) {
		count_text(count, sizeof(count), s->pending.unread_bytes);
		snprintf(cell, CELL_MAX, "%s%s%s", more, count,
			 s->pending.peer_closed ? "+eof" : "");
		return;
	}
	count_text(count, sizeof(count), s->pending.count);
	snprintf(cell, CELL_MAX, "%s %s", count,
		 s->pending.listens	 ? "conn"
		 : s->pending.has_unread ? "msg"
					 : "ev");
}

static void unsent_cell(char cell[CELL_MAX], const struct observed *s)
{
	if (s && s->known && s->pending.has_unsent)
		count_text(cell, CELL_MAX, s->pending.unsent_bytes);
	else
		snprintf(cell, CELL_MAX, "-");
}

static const char *block_cell(const struct observed *s)
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

/* "IN|RDHUP", "ready" if it is not known by what. */
static void ready_cell(struct buf *b, const struct entry *e)
{
	const struct observed *s = e->observed;
	uint32_t events = snapshot_ready_events(e);

	if (!s || !s->known)
		buf_char(b, '?');
	else if (entry_disarmed(e))
		buf_str(b, "off");
	else if (events)
		events_cell(b, events);
	else
		buf_str(b, s->ready ? "ready" : "-");
}

/* Widths that the entries which are shown need, and whether their files fit after them. */
struct layout {
	size_t ready, events, data;
	bool split; /* the file stands on a line of its own */
};

static size_t file_width(const struct entry *e)
{
	return strlen(e->name) + (e->what.deleted ? strlen(FILE_DELETED) : 0);
}

static struct layout lay_out(const struct snapshot_instance *s, size_t shown)
{
	struct layout l = {.ready = 5, .events = 6, .data = 4};
	struct buf b = {0};
	size_t file = 4;

	for (size_t i = 0; i < shown; i++) {
		const struct entry *e = s->entries[i].entry;

		b.len = 0;
		ready_cell(&b, e);
		l.ready = b.len > l.ready ? b.len : l.ready;
		b.len = 0;
		events_cell(&b, e->events);
		l.events = b.len > l.events ? b.len : l.events;
		b.len = 0;
		buf_hex(&b, e->data);
		l.data = b.len > l.data ? b.len : l.data;
		if (e->name && file_width(e) > file)
			file = file_width(e);
	}
	buf_free(&b);
	l.split = LEFT_WIDTH + l.ready + l.events + 1 + l.data + 1 + file > COLUMNS;
	return l;
}

static void append_mark(struct page *p, const struct snapshot_entry *row)
{
	const struct entry *e = row->entry;
	char cell[CELL_MAX];

	page_color(p, PAGE_MARK);
	buf_printf(p->b, "      ! %s (one look): ", rule_name(row->rule));
	unread_cell(cell, e->observed);
	switch (row->mark) {
	case MARK_NO_EDGE:
		buf_printf(p->b, "%s unread, edge-triggered and not ready: no event comes for it",
			   cell);
		break;
	case MARK_DISARMED:
		buf_printf(p->b, "%s unread, but EPOLLONESHOT has disarmed it", cell);
		break;
	case MARK_NUMBER:
		buf_str(p->b, "no process that uses the instance has it at this number");
		if (e->elsewhere && !e->unheld) {
			buf_printf(p->b, "\n        its file is open as fd %d of ",
				   e->elsewhere_fd);
			page_append_process(p, e->elsewhere);
		} else if (e->unheld) {
			buf_str(p->b, "\n        no process has its file open at any number");
		}
		break;
	case MARK_NONE:
	case MARK_COUNT:
		break;
	}
	page_color(p, PAGE_PLAIN);
	buf_char(p->b, '\n');
}

static void append_file(struct page *p, const struct entry *e)
{
	if (e->name)
		text_file(p->b, e->name, e->what.deleted);
	else
		buf_char(p->b, '?');
}

static void append_entry(struct page *p, const struct snapshot_entry *row, const struct layout *l)
{
	const struct entry *e = row->entry;
	char unread[CELL_MAX], unsent[CELL_MAX];
	size_t start;

	unread_cell(unread, e->observed);
	unsent_cell(unsent, e->observed);
	buf_printf(p->b, "%7d ", e->fd);
	start = p->b->len;
	ready_cell(p->b, e);
	page_pad_to(p->b, start, l->ready + 1);
	buf_printf(p->b, "%-5s %7s %7s ", block_cell(e->observed), unread, unsent);
	start = p->b->len;
	events_cell(p->b, e->events);
	page_pad_to(p->b, start, l->events + 1);
	start = p->b->len;
	buf_hex(p->b, e->data);
	if (l->split)
		buf_str(p->b, "\n        ");
	else
		page_pad_to(p->b, start, l->data + 1);
	append_file(p, e);
	buf_char(p->b, '\n');
	if (row->mark != MARK_NONE)
		append_mark(p, row);
}

/* What the entries that are not shown add up to. */
static void append_rest(struct page *p, const struct snapshot_instance *s, size_t shown)
{
	size_t ready = 0, marked = 0;
	uint64_t unread = 0, unsent = 0;
	char unread_text[CELL_MAX], unsent_text[CELL_MAX];

	for (size_t i = shown; i < s->entry_count; i++) {
		const struct observed *observed = s->entries[i].entry->observed;

		marked += s->entries[i].mark != MARK_NONE;
		if (!observed || !observed->known)
			continue;
		ready += observed->ready;
		unread += observed->pending.unread_bytes;
		unsent += observed->pending.unsent_bytes;
	}
	count_text(unread_text, sizeof(unread_text), unread);
	count_text(unsent_text, sizeof(unsent_text), unsent);
	buf_printf(p->b, "    and %zu more: %zu ready, %zu marked, %s unread, %s unsent\n",
		   s->entry_count - shown, ready, marked, unread_text, unsent_text);
}

void page_append_entries(struct page *p, const struct snapshot_instance *s)
{
	size_t shown = page_limited(p, s->entry_count), start;
	struct layout l = lay_out(s, shown);

	if (!s->entry_count)
		return;
	buf_printf(p->b, "\n%7s %-*s %-5s %7s %7s ", "FD", (int)l.ready, "READY", "BLOCK", "UNREAD",
		   "UNSENT");
	start = p->b->len;
	buf_str(p->b, "EVENTS");
	page_pad_to(p->b, start, l.events + 1);
	start = p->b->len;
	buf_str(p->b, "DATA");
	if (!l.split) {
		page_pad_to(p->b, start, l.data + 1);
		buf_str(p->b, "FILE");
	}
	buf_char(p->b, '\n');
	for (size_t i = 0; i < shown; i++)
		append_entry(p, &s->entries[i], &l);
	if (shown < s->entry_count)
		append_rest(p, s, shown);
}
