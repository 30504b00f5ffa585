/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/text/finding_text.h"

#include "event/names.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS	    100
#define INDENT	    6
#define DEEP_INDENT 10
#define OTHERS_MAX  16

#define RED	    "\033[31m"
#define YELLOW	    "\033[33m"
#define DIM	    "\033[2m"
#define PLAIN	    "\033[0m"

static void append_color(const struct text *t, const char *code)
{
	if (t->color)
		buf_str(&t->out->buf, code);
}

static const char *severity_color(enum severity s)
{
	return s == SEVERITY_ERROR ? RED : s == SEVERITY_WARNING ? YELLOW : DIM;
}

static void append_indent(struct buf *b, size_t width)
{
	while (width--)
		buf_char(b, ' ');
}

/* So much of a text in lines, broken at blanks, each indented. */
static void append_paragraph(struct buf *b, const char *text, size_t length, size_t left)
{
	const char *end = text + length;
	size_t column = left;

	append_indent(b, left);
	while (text < end) {
		const char *blank = memchr(text, ' ', end - text);
		size_t len = (blank ? blank : end) - text;

		if (column > left && column + 1 + len > COLUMNS) {
			buf_char(b, '\n');
			append_indent(b, left);
			column = left;
		} else if (column > left) {
			buf_char(b, ' ');
			column++;
		}
		buf_append(b, text, len);
		column += len;
		text += len + (blank != NULL);
	}
	buf_char(b, '\n');
}

static void append_text(struct buf *b, const char *text, size_t left)
{
	append_paragraph(b, text, strlen(text), left);
}

/* "11<TCP:[...]> in 5<eventpoll#1>", "5<eventpoll#1>". */
static void append_subject(struct buf *b, const struct finding *f)
{
	if (f->fd >= 0) {
		buf_i64(b, f->fd);
		if (f->file)
			text_file(b, f->file, f->what.deleted);
		buf_str(b, " in ");
	}
	if (f->epfd >= 0)
		buf_i64(b, f->epfd);
	if (f->instance)
		buf_printf(b, "<eventpoll#%u>", f->instance);
	else if (f->epfd < 0)
		buf_printf(b, "process %u", f->pid);
}

/* The lines of the evidence, and when it was delivered. */
static void append_evidence(struct text *t, const struct finding *f, size_t left)
{
	struct buf *b = &t->out->buf;
	const char *line = f->evidence.data;

	while (line && *line) {
		size_t len = strcspn(line, "\n");

		append_paragraph(b, line, len, left);
		line += len + (line[len] == '\n');
	}
	if (!f->delivered_ns)
		return;
	append_indent(b, left);
	buf_str(b, "delivered ");
	text_time_of_day(b, t->clocks, f->delivered_ns, true);
	buf_str(b, " (");
	name_events(b, f->delivered);
	buf_str(b, ")\n");
}

static void append_fix(struct buf *b, const char *fix, size_t left)
{
	char text[256];

	snprintf(text, sizeof(text), "fix: %s", fix);
	append_text(b, text, left);
}

void finding_text(struct text *t, const struct finding *f)
{
	struct buf *b = &t->out->buf;

	text_head(t, f->tid, f->time_ns);
	append_color(t, f->state == FINDING_RAISED ? severity_color(f->severity) : DIM);
	buf_printf(b, "! %s [%s] ", rule_name(f->rule),
		   f->state == FINDING_RAISED ? severity_name(f->severity) : "resolved");
	append_color(t, PLAIN);
	append_subject(b, f);
	buf_char(b, '\n');
	if (f->state == FINDING_RAISED) {
		append_evidence(t, f, INDENT);
		append_fix(b, finding_fix(f), INDENT);
	}
	output_line_done(t->out);
}

static void append_count(struct buf *b, const char *before, size_t n, const char *what)
{
	buf_printf(b, "%s%zu %s%s", before, n, what, n == 1 ? "" : "s");
}

/* "raised 18:50:14.940, error 18:50:19.041, 25 times, last 18:51:02.373": of the last is the evidence. */
static void append_when(struct text *t, const struct finding *f)
{
	struct buf *b = &t->out->buf;

	buf_str(b, "raised ");
	text_time_of_day(b, t->clocks, f->raised_ns, true);
	if (f->graver_ns != f->raised_ns) {
		buf_printf(b, ", %s ", severity_name(f->severity));
		text_time_of_day(b, t->clocks, f->graver_ns, true);
	}
	if (f->count > 1) {
		buf_printf(b, ", %u times, last ", f->count);
		text_time_of_day(b, t->clocks, f->last_ns, true);
	}
	if (f->state == FINDING_RESOLVED) {
		buf_str(b, ", resolved ");
		text_time_of_day(b, t->clocks, f->time_ns, true);
	}
	buf_printf(b, ", thread %u\n", f->tid);
}

/* For how many of them it is still true at the end; that something happened stays true. */
static void append_others(struct text *t, const struct rules *r, const struct finding *f)
{
	const struct finding *m = rules_member(r, f, NULL);
	struct buf *b = &t->out->buf;
	unsigned others = 0;

	for (; m; m = rules_member(r, f, m)) {
		if (m->key == f->key || m->fd < 0)
			continue;
		if (others == OTHERS_MAX) {
			buf_str(b, " ...");
			break;
		}
		if (!others++) {
			append_indent(b, DEEP_INDENT);
			buf_str(b, "the same of descriptors");
		}
		buf_printf(b, " %d", m->fd);
	}
	if (others)
		buf_char(b, '\n');
}

static void append_row(struct text *t, const struct rules *r, const struct finding *f)
{
	struct buf *b = &t->out->buf;

	append_indent(b, INDENT);
	append_subject(b, f);
	buf_char(b, '\n');
	append_indent(b, DEEP_INDENT);
	append_when(t, f);
	append_evidence(t, f, DEEP_INDENT);
	if (f->standing > 1 && !rules_happens(f->rule))
		append_others(t, r, f);
	if (f->fix)
		append_fix(b, f->fix, DEEP_INDENT);
}

/* The findings of one rule and severity; how many they are. */
static size_t append_group(struct text *t, const struct diagnosis *d, const struct rules *r,
			   size_t first, unsigned limit)
{
	struct buf *b = &t->out->buf;
	const struct finding *head = d->findings[first];
	size_t n = 0, shown;
	bool common = false; /* one has no fix of its own */

	while (first + n < d->count && d->findings[first + n]->rule == head->rule &&
	       d->findings[first + n]->severity == head->severity)
		n++;
	shown = limit && n > limit ? limit : n;
	append_color(t, severity_color(head->severity));
	buf_printf(b, "\n%s %s", severity_name(head->severity), rule_name(head->rule));
	append_color(t, PLAIN);
	buf_printf(b, ": %s\n", rule_text(head->rule).title);
	for (size_t i = 0; i < shown; i++) {
		append_row(t, r, d->findings[first + i]);
		common |= !d->findings[first + i]->fix;
	}
	if (shown < n)
		buf_printf(b, "      and %zu more\n", n - shown);
	if (common)
		append_fix(b, rule_text(head->rule).fix, INDENT);
	return n;
}

static void append_totals(struct buf *b, const struct diagnosis *d)
{
	static const char between[] = ", ";
	const char *before = ": ";

	if (!d->count && diagnosis_is_odd(d)) {
		buf_str(b, "no finding, but figures that are out of the ordinary\n");
		return;
	}
	if (!d->count) {
		buf_str(b,
			d->scans ? "nothing found\n"
				 : "nothing found in calls; the kernel's state was not scanned\n");
		return;
	}
	append_count(b, "", d->count, "finding");
	for (unsigned s = SEVERITY_ERROR; s >= SEVERITY_NOTE; s--) {
		if (!d->by_severity[s])
			continue;
		append_count(b, before, d->by_severity[s], severity_name((enum severity)s));
		before = between;
	}
	buf_char(b, '\n');
}

/* What no rule judges. */
static void append_figures(struct buf *b, const struct diagnosis *d)
{
	if (d->many_failed) {
		buf_printf(b, "\nout of the ordinary: %llu of %llu waits failed, the last with ",
			   (unsigned long long)d->failed, (unsigned long long)d->waits);
		name_errno(b, d->failed_with);
		buf_char(b, '\n');
	}
	if (d->busy)
		buf_printf(b,
			   "\nout of the ordinary: thread %u waits %.0f times a second; %.1f %% of "
			   "its waits return no event\n",
			   d->busy->tid, pace_per_second(d->busy),
			   100.0 * d->busy->empty / d->busy->waits);
}

/* "checked for 12.3 s: 1234 waits, 57 entries of 2 instances, 12 scans of their state". */
static void append_ground(struct buf *b, const struct diagnosis *d)
{
	buf_printf(b, "\nchecked for %.1f s: ", d->duration_ns / 1e9);
	append_count(b, "", d->waits, "wait");
	append_count(b, ", ", d->entries, d->entries == 1 ? "entr" : "entrie");
	if (d->entries == 1)
		buf_char(b, 'y');
	append_count(b, " of ", d->instances, "instance");
	append_count(b, ", ", d->scans, "scan");
	buf_str(b, " of their state\n");
}

/* What was not checked, because nothing could happen. */
static void append_halts(struct buf *b, const struct diagnosis *d)
{
	for (size_t i = 0; i < d->halt_count; i++) {
		const struct halt *h = &d->halts[i];
		const char *how = h->how == THREAD_FROZEN ? "frozen with its cgroup" : "stopped";

		buf_printf(b,
			   "process %u %s %s%s %.1f s: no stall was looked for in it meanwhile\n",
			   h->pid, h->since_ns ? "is" : "was", how,
			   h->since_ns ? ", so far for" : " for", diagnosis_halted_ns(d, h) / 1e9);
	}
}

static const char *entries_noun(const struct unjudged *u)
{
	return u->count == 1 ? "y" : "ies";
}

static void append_rules(struct buf *b, const struct diagnosis *d, const struct rules *r)
{
	struct buf line = {0};

	buf_str(&line, "for:");
	for (unsigned id = 0; id < RULE_COUNT; id++)
		if (d->checked >> id & 1)
			buf_printf(&line, " %s", rule_name((enum rule_id)id));
	if (!line.failed)
		append_paragraph(b, line.data, line.len, 0);
	for (unsigned id = 0; id < RULE_COUNT; id++)
		if (d->asked & ~d->checked & RULE_BIT(id))
			buf_printf(b, "not checked: %s (%s)\n", rule_name((enum rule_id)id),
				   rules_unchecked(r, (enum rule_id)id));
	buf_str(b, "not checked yet:");
	for (const char *const *what = rules_unbuilt; *what; what++)
		buf_printf(b, "%s %s", what == rules_unbuilt ? "" : ",", *what);
	buf_char(b, '\n');
	if (d->full)
		buf_str(b, "not checked: what came when there was no room for more findings\n");
	if (d->passed_over)
		buf_printf(
			b,
			"not read: %llu of the waits, of threads that wait more than 10000 times a "
			"second: they are counted, and about 1000 a second are read (--io reads "
			"all)\n",
			(unsigned long long)d->passed_over);
	if (d->ready_unknown)
		buf_printf(b, "not checked: %llu ready events (see --max-ready)\n",
			   (unsigned long long)d->ready_unknown);
	if (d->opaque->count)
		buf_printf(
			b,
			"not checked: input of %zu edge-triggered or one-shot entr%s: what waits "
			"there is not known (%s)\n",
			d->opaque->count, entries_noun(d->opaque), d->opaque->example);
	if (d->spins->count)
		buf_printf(b,
			   "not checked: %zu entr%s reported again and again: whether anything is "
			   "done about that only --io may tell (%s)\n",
			   d->spins->count, entries_noun(d->spins), d->spins->example);
	buf_free(&line);
}

void diagnosis_text(struct text *t, const struct diagnosis *d, const struct rules *r,
		    unsigned limit)
{
	struct buf *b = &t->out->buf;

	append_totals(b, d);
	for (size_t i = 0; i < d->count;)
		i += append_group(t, d, r, i, limit);
	append_figures(b, d);
	append_ground(b, d);
	append_halts(b, d);
	append_rules(b, d, r);
}

void explain_text(struct buf *b, enum rule_id id)
{
	struct rule_text text = rule_text(id);

	buf_printf(b, "%s: %s\n\n", rule_name(id), text.title);
	append_text(b, text.means, 0);
	buf_str(b, "\nEvidence\n");
	append_text(b, text.evidence, 2);
	buf_str(b, "\nWhat it is not\n");
	append_text(b, text.not_it, 2);
	buf_str(b, "\nFix\n");
	append_text(b, text.fix, 2);
}

void explain_list(struct buf *b)
{
	for (enum rule_id id = 0; id < RULE_COUNT; id++)
		buf_printf(b, "%-22s %s\n", rule_name(id), rule_text(id).title);
}
