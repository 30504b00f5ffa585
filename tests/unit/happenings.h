/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * happenings.h - a reader of timelines: checks that what lasts on a track nests, and writes down what
 * happens, one line each.
 */
#ifndef ET_UNIT_HAPPENINGS_H
#define ET_UNIT_HAPPENINGS_H

#include "feed.h"
#include "report/timeline.h"

#define TRACKS_MAX 64
#define DEPTH_MAX  8

/* A reader that keeps the order of what has one time: what it has open on a track. */
struct observed_track {
	uint64_t id;
	char name[64];
	uint64_t last_ns;
	unsigned depth;
	uint64_t begun_ns[DEPTH_MAX];
};

static struct observed_track tracks[TRACKS_MAX];
static unsigned track_count;
static char emitted[32768];
static size_t emitted_len;

static inline struct observed_track *seen_track(uint64_t id)
{
	for (unsigned i = 0; i < track_count; i++)
		if (tracks[i].id == id)
			return &tracks[i];
	return NULL;
}

static inline void take_clocks(void *ctx, const struct clock_event *clocks, uint64_t time_ns)
{
	(void)ctx;
	(void)clocks;
	CHECK(time_ns == 1000 * MS);
}

static inline void take_track(void *ctx, const struct track *t)
{
	struct observed_track *s = seen_track(t->id);

	(void)ctx;
	CHECK(t->id && t->name);
	CHECK(!t->parent || seen_track(t->parent));
	if (!s && track_count < TRACKS_MAX)
		s = &tracks[track_count++];
	if (!s)
		return;
	s->id = t->id;
	if (t->kind == TRACK_THREAD)
		snprintf(s->name, sizeof(s->name), "%u/%u", t->pid, t->tid);
	else if (t->kind == TRACK_PROCESS)
		snprintf(s->name, sizeof(s->name), "process %u", t->pid);
	else
		snprintf(s->name, sizeof(s->name), "%s", t->name);
}

static inline void open_slice(struct observed_track *s, uint64_t time_ns)
{
	CHECK(time_ns >= s->last_ns);
	CHECK(s->depth < DEPTH_MAX);
	s->begun_ns[s->depth++ % DEPTH_MAX] = time_ns;
	s->last_ns = time_ns;
}

static inline void close_slice(struct observed_track *s, uint64_t time_ns)
{
	CHECK(time_ns >= s->last_ns);
	CHECK(s->depth);
	s->depth -= s->depth > 0;
	s->last_ns = time_ns;
}

static inline void put(const char *text)
{
	emitted_len += snprintf(emitted + emitted_len, sizeof(emitted) - emitted_len, "%s", text);
}

/* Milliseconds, and nanoseconds where they are not whole. */
static inline void put_time(uint64_t ns)
{
	char text[64];

	if (ns % MS)
		snprintf(text, sizeof(text), "%llu+%lluns", (unsigned long long)(ns / MS),
			 (unsigned long long)(ns % MS));
	else
		snprintf(text, sizeof(text), "%llu", (unsigned long long)(ns / MS));
	put(text);
}

static inline void put_args(const struct track_event *h)
{
	char text[160];

	for (unsigned i = 0; i < h->arg_count; i++) {
		const struct arg *a = &h->args[i];

		snprintf(text, sizeof(text), " %s", a->name ? a->name : "");
		put(text);
		if (a->kind == ARG_TEXT)
			snprintf(text, sizeof(text), "=%s", a->text);
		else if (a->kind == ARG_U64 || a->kind == ARG_I64)
			snprintf(text, sizeof(text), "=%lld", (long long)a->i64);
		else if (a->kind == ARG_HEX)
			snprintf(text, sizeof(text), "=%#llx", (unsigned long long)a->u64);
		else
			snprintf(text, sizeof(text), "%s",
				 a->kind == ARG_BOOL	   ? ""
				 : a->kind == ARG_LIST	   ? "["
				 : a->kind == ARG_LIST_END ? "]"
				 : a->kind == ARG_DICT	   ? "{"
							   : "}");
		put(text);
	}
}

static inline void take_happening(void *ctx, const struct track_event *h)
{
	static const char *const words[] = {"", "begin ", "end ", "", ""};
	struct observed_track *s = seen_track(h->track->id);
	char text[128];

	(void)ctx;
	CHECK(s);
	if (!s)
		return;
	if (h->kind == HAPPENS_SLICE || h->kind == HAPPENS_BEGIN)
		open_slice(s, h->time_ns);
	if (h->kind == HAPPENS_SLICE || h->kind == HAPPENS_END)
		close_slice(s, h->kind == HAPPENS_END ? h->time_ns : h->end_ns);
	snprintf(text, sizeof(text), "%s: %s%s ", s->name, words[h->kind], h->name);
	put(text);
	put_time(h->time_ns);
	if (h->kind == HAPPENS_SLICE) {
		put("..");
		put_time(h->end_ns);
	}
	if (h->kind == HAPPENS_VALUE) {
		snprintf(text, sizeof(text), " %lld", (long long)h->value);
		put(text);
	}
	if (h->category) {
		snprintf(text, sizeof(text), " (%s)", h->category);
		put(text);
	}
	put_args(h);
	put("\n");
}

static inline void take_finish(void *ctx)
{
	(void)ctx;
	for (unsigned i = 0; i < track_count; i++)
		CHECK(!tracks[i].depth);
}

static inline void begin_timeline(void)
{
	struct timeline_writer w = {NULL, take_clocks, take_track, take_happening, take_finish};
	struct pipeline_options opt = {
		.filter = {.calls = CALLS_ALL},
		.timeline = TIMELINE_CHROME, /* what scans see is kept */
		.blocked_after_ns = 1000 * MS,
		.fd = -1,
	};

	process = 7;
	memset(tracks, 0, sizeof(tracks));
	track_count = 0;
	emitted_len = 0;
	emitted[0] = 0;
	CHECK(!pipeline_init(&pipeline, &opt));
	timeline_free(pipeline.timeline);
	pipeline.timeline = timeline_new(pipeline.model, &w, opt.blocked_after_ns);
	CHECK(pipeline.timeline);
	start();
}

static inline void end_timeline(void)
{
	timeline_finish(pipeline.timeline);
	pipeline_free(&pipeline);
}

/* What was emitted on tracks whose names begin so, one line each. */
static inline const char *of(const char *track)
{
	static char text[16384];
	size_t len = 0;

	for (const char *line = emitted, *next; *line; line = next) {
		next = strchr(line, '\n') + 1;
		if (!strncmp(line, track, strlen(track)))
			len += snprintf(text + len, sizeof(text) - len, "%.*s", (int)(next - line),
					line);
	}
	text[len] = 0;
	return text;
}

#endif
