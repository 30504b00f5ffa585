/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/timeline/perfetto.h"

#include "sinks/timeline/interned.h"
#include "sinks/timeline/perfetto_fields.h"
#include "sinks/timeline/protobuf.h"

#include <stdlib.h>

/* A reader that learns of lost packets forgets the texts of their sequence, so losses have their own. */
enum {
	SEQUENCE = 1,
	LOSSES_SEQUENCE = 2
};

#define TEXTS_MAX 4096 /* names of files that are kept; then all begins anew */
#define DEPTH_MAX 7    /* of lists and dictionaries within each other; there are three */

struct perfetto {
	struct output *out;
	struct buf packet;
	struct buf interned; /* texts that the packet has, and none before it */
	struct interned categories, names, arg_names, texts;
	bool has_state; /* the reader has been made to begin with no texts */
};

struct perfetto *perfetto_new(struct output *out)
{
	struct perfetto *p = calloc(1, sizeof(*p));

	if (p)
		p->out = out;
	return p;
}

static void forget_texts(struct perfetto *p)
{
	interned_clear(&p->categories);
	interned_clear(&p->names);
	interned_clear(&p->arg_names);
	interned_clear(&p->texts);
	p->has_state = false;
}

void perfetto_free(struct perfetto *p)
{
	if (!p)
		return;
	forget_texts(p);
	buf_free(&p->packet);
	buf_free(&p->interned);
	free(p);
}

/* Writes the packet, unless it lacks something. */
static void append_packet(struct perfetto *p)
{
	if (!p->packet.failed && !p->interned.failed)
		pb_bytes(&p->out->buf, TRACE_PACKET, p->packet.data, p->packet.len);
	else
		forget_texts(p); /* the reader does not know those that it lacks */
	p->packet.len = p->interned.len = 0;
	p->packet.failed = p->interned.failed = false;
	output_line_done(p->out);
}

static void append_clock(struct buf *b, unsigned id, uint64_t time_ns)
{
	size_t clock = pb_open(b, SNAPSHOT_CLOCKS);

	pb_u64(b, CLOCK_ID, id);
	pb_u64(b, CLOCK_TIMESTAMP, time_ns);
	pb_close(b, clock);
}

/* Before all times: a reader cannot place those that stand before it. */
static void write_clocks(void *ctx, const struct clock_event *clocks, uint64_t time_ns)
{
	struct perfetto *p = ctx;
	struct buf *b = &p->packet;
	size_t snapshot;

	pb_u64(b, PACKET_SEQUENCE_ID, SEQUENCE);
	snapshot = pb_open(b, PACKET_CLOCK_SNAPSHOT);
	append_clock(b, CLOCK_MONOTONIC_ID, time_ns);
	append_clock(b, CLOCK_BOOTTIME_ID, time_ns + clocks->boottime_offset_ns);
	append_clock(b, CLOCK_REALTIME_ID, time_ns + clocks->realtime_offset_ns);
	pb_u64(b, SNAPSHOT_PRIMARY, CLOCK_MONOTONIC_ID);
	pb_close(b, snapshot);
	append_packet(p);
}

static void append_process(struct buf *b, const struct track *t)
{
	size_t process = pb_open(b, TRACK_PROCESS_DESCRIPTOR);

	pb_u64(b, PROCESS_PID, t->pid);
	if (*t->name)
		pb_string(b, PROCESS_NAME, t->name);
	pb_close(b, process);
}

static void append_thread(struct buf *b, const struct track *t)
{
	size_t thread = pb_open(b, TRACK_THREAD_DESCRIPTOR);

	pb_u64(b, THREAD_PID, t->pid);
	pb_u64(b, THREAD_TID, t->tid);
	if (*t->name)
		pb_string(b, THREAD_NAME, t->name);
	pb_close(b, thread);
}

static void append_counter(struct buf *b, const struct track *t)
{
	size_t counter;

	pb_string(b, TRACK_NAME, t->name);
	counter = pb_open(b, TRACK_COUNTER_DESCRIPTOR);
	pb_u64(b, COUNTER_UNIT, COUNTER_UNIT_COUNT);
	pb_close(b, counter);
}

/* What makes it this kind of a track. */
static void append_kind(struct buf *b, const struct track *t)
{
	switch (t->kind) {
	case TRACK_PROCESS:
		append_process(b, t);
		break;
	case TRACK_THREAD:
		append_thread(b, t);
		break;
	case TRACK_COUNTER:
		append_counter(b, t);
		break;
	case TRACK_INSTANCE:
		pb_string(b, TRACK_NAME, t->name);
		pb_u64(b, TRACK_CHILD_ORDERING, CHILD_ORDERING_CHRONOLOGICAL);
		break;
	case TRACK_ENTRY: /* two entries of one name are two tracks */
		pb_string(b, TRACK_NAME, t->name);
		pb_u64(b, TRACK_SIBLING_MERGE, SIBLING_MERGE_NONE);
		break;
	case TRACK_LOSSES:
		pb_string(b, TRACK_NAME, t->name);
		break;
	}
}

static void append_track(void *ctx, const struct track *t)
{
	struct perfetto *p = ctx;
	struct buf *b = &p->packet;
	size_t track;

	pb_u64(b, PACKET_SEQUENCE_ID, SEQUENCE);
	track = pb_open(b, PACKET_TRACK_DESCRIPTOR);
	pb_u64(b, TRACK_UUID, t->id);
	if (t->parent)
		pb_u64(b, TRACK_PARENT_UUID, t->parent);
	append_kind(b, t);
	pb_close(b, track);
	append_packet(p);
}

/* Adds a text that is new to those which this packet brings. */
static void bring_text(struct perfetto *p, unsigned field, const char *text, uint64_t n)
{
	struct buf *b = &p->interned;
	size_t word = pb_open(b, field);

	pb_u64(b, WORD_IID, n);
	pb_string(b, WORD_TEXT, text);
	pb_close(b, word);
}

/* The number of a text, which comes with this packet if it is new. */
static uint64_t number(struct perfetto *p, struct interned *in, unsigned field, const char *text)
{
	bool fresh;
	uint64_t n = interned_number(in, text, &fresh);

	if (!n) /* out of memory: the packet is left out */
		p->interned.failed = true;
	if (fresh)
		bring_text(p, field, text, n);
	return n;
}

static uint64_t new_constant(struct perfetto *p, struct interned *in, unsigned field,
			     const char *text)
{
	bool fresh;
	uint64_t n = interned_new_constant(in, text, &fresh);

	if (!n)
		p->interned.failed = true;
	if (fresh)
		bring_text(p, field, text, n);
	return n;
}

/* The same of a name that is a constant of the program. */
static inline uint64_t constant(struct perfetto *p, struct interned *in, unsigned field,
				const char *text)
{
	uint64_t n = interned_recent(in, text);

	return n ? n : new_constant(p, in, field, text);
}

static char *append_value(struct perfetto *p, char *at, const struct arg *a)
{
	switch (a->kind) {
	case ARG_U64:
		return pb_put_u64(at, ARG_FIELD_UINT, a->u64);
	case ARG_I64:
		return pb_put_u64(at, ARG_FIELD_INT, a->i64);
	case ARG_HEX:
		return pb_put_u64(at, ARG_FIELD_POINTER, a->u64);
	case ARG_BOOL:
		return pb_put_u64(at, ARG_FIELD_BOOL, a->u64);
	case ARG_TEXT:
		return pb_put_u64(at, ARG_FIELD_STRING_IID,
				  number(p, &p->texts, INTERNED_STRINGS, a->text));
	case ARG_LIST:
	case ARG_LIST_END:
	case ARG_DICT:
	case ARG_DICT_END:
		break;
	}
	return at;
}

/* Lists and dictionaries are messages that go on until their end. */
static char *append_args(struct perfetto *p, char *at, const struct arg *a, unsigned count)
{
	unsigned field[DEPTH_MAX + 1] = {TRACK_EVENT_DEBUG_ANNOTATIONS};
	char *opened[DEPTH_MAX + 1];
	unsigned depth = 0;

	for (const struct arg *end = a + count; a < end; a++) {
		char *begin;

		if (a->kind == ARG_LIST_END || a->kind == ARG_DICT_END) {
			at = pb_put_close(opened[depth--], at);
			continue;
		}
		begin = at = pb_put_open(at, field[depth]);
		if (a->name)
			at = pb_put_u64(at, ARG_FIELD_NAME_IID,
					constant(p, &p->arg_names, INTERNED_ARG_NAMES, a->name));
		if (a->kind == ARG_LIST || a->kind == ARG_DICT) {
			opened[++depth] = begin;
			field[depth] = a->kind == ARG_LIST ? ARG_FIELD_ARRAY : ARG_FIELD_DICT;
			continue;
		}
		at = pb_put_close(begin, append_value(p, at, a));
	}
	return at;
}

static char *append_track_event(struct perfetto *p, char *at, const struct track_event *h,
				unsigned arg_count, unsigned type)
{
	char *event = at = pb_put_open(at, PACKET_TRACK_EVENT);

	at = pb_put_u64(at, TRACK_EVENT_TYPE, type);
	at = pb_put_u64(at, TRACK_EVENT_TRACK_UUID, h->track->id);
	if (type == TYPE_COUNTER)
		at = pb_put_u64(at, TRACK_EVENT_COUNTER_VALUE, h->value);
	if (type == TYPE_BEGIN || type == TYPE_INSTANT) {
		at = pb_put_u64(at, TRACK_EVENT_NAME_IID,
				h->name_varies ? number(p, &p->names, INTERNED_NAMES, h->name)
					       : constant(p, &p->names, INTERNED_NAMES, h->name));
		if (h->category)
			at = pb_put_u64(
				at, TRACK_EVENT_CATEGORY_IIDS,
				constant(p, &p->categories, INTERNED_CATEGORIES, h->category));
	}
	return pb_put_close(event, append_args(p, at, h->args, arg_count));
}

/* What an event takes at most, and each of its arguments: so room is made once. */
#define EVENT_ROOM (12 * PB_ROOM)
#define ARG_ROOM   (3 * PB_ROOM)

/* What every packet of an event begins with; the reader has texts from then on. */
static char *append_head(struct perfetto *p, char *at, uint64_t time_ns)
{
	char *defaults;

	at = pb_put_u64(at, PACKET_TIMESTAMP, time_ns);
	at = pb_put_u64(at, PACKET_SEQUENCE_ID, SEQUENCE);
	if (p->has_state)
		return pb_put_u64(at, PACKET_SEQUENCE_FLAGS, FLAG_NEEDS_STATE);
	p->has_state = true;
	at = pb_put_u64(at, PACKET_SEQUENCE_FLAGS, FLAG_NEEDS_STATE | FLAG_CLEARED);
	defaults = at = pb_put_open(at, PACKET_DEFAULTS);
	at = pb_put_u64(at, DEFAULTS_CLOCK_ID, CLOCK_MONOTONIC_ID);
	return pb_put_close(defaults, at);
}

/* Ends an event's packet, which begins at start, with the texts that are new in it. */
static void end_event(struct perfetto *p, size_t start, size_t end)
{
	struct buf *b = &p->out->buf;
	size_t had = b->len;

	b->len = end;
	if (p->interned.len)
		pb_bytes(b, PACKET_INTERNED_DATA, p->interned.data, p->interned.len);
	pb_close(b, start);
	if (p->interned.failed || b->failed) {
		forget_texts(p); /* the reader does not know those that it lacks */
		b->len = had;
	}
	p->interned.len = 0;
	p->interned.failed = false;
	output_line_done(p->out);
}

/* Straight into the output: there are half a dozen of these for a call. */
static void append_event(struct perfetto *p, const struct track_event *h, unsigned arg_count,
			 uint64_t time_ns, unsigned type)
{
	struct buf *b = &p->out->buf;
	char *at, *packet;

	if (p->texts.by_text.count >= TEXTS_MAX)
		forget_texts(p);
	if (!buf_room(b, EVENT_ROOM + (size_t)arg_count * ARG_ROOM))
		return;
	packet = pb_put_open(b->data + b->len, TRACE_PACKET);
	at = append_head(p, packet, time_ns);
	at = append_track_event(p, at, h, arg_count, type);
	end_event(p, packet - b->data, at - b->data);
}

/* With no numbers for texts: what was dropped before it may have been any. */
static void append_loss(struct perfetto *p, const struct track_event *h)
{
	struct buf *b = &p->packet;
	size_t event, arg;

	pb_u64(b, PACKET_TIMESTAMP, h->time_ns);
	pb_u64(b, PACKET_CLOCK_ID, CLOCK_MONOTONIC_ID);
	pb_u64(b, PACKET_SEQUENCE_ID, LOSSES_SEQUENCE);
	pb_u64(b, PACKET_PREVIOUS_DROPPED, 1);
	event = pb_open(b, PACKET_TRACK_EVENT);
	pb_u64(b, TRACK_EVENT_TYPE, TYPE_INSTANT);
	pb_u64(b, TRACK_EVENT_TRACK_UUID, h->track->id);
	pb_string(b, TRACK_EVENT_NAME, h->name);
	pb_string(b, TRACK_EVENT_CATEGORIES, h->category);
	for (unsigned i = 0; i < h->arg_count; i++) {
		arg = pb_open(b, TRACK_EVENT_DEBUG_ANNOTATIONS);
		pb_string(b, ARG_FIELD_NAME, h->args[i].name);
		pb_u64(b, ARG_FIELD_UINT, h->args[i].u64);
		pb_close(b, arg);
	}
	pb_close(b, event);
	append_packet(p);
}

static void print_track_event(void *ctx, const struct track_event *h)
{
	struct perfetto *p = ctx;
	unsigned n = h->arg_count;

	switch (h->kind) {
	case HAPPENS_SLICE:
		append_event(p, h, n, h->time_ns, TYPE_BEGIN);
		append_event(p, h, 0, h->end_ns, TYPE_END);
		break;
	case HAPPENS_BEGIN:
		append_event(p, h, n, h->time_ns, TYPE_BEGIN);
		break;
	case HAPPENS_END:
		append_event(p, h, n, h->time_ns, TYPE_END);
		break;
	case HAPPENS_INSTANT:
		if (h->track->kind == TRACK_LOSSES)
			append_loss(p, h);
		else
			append_event(p, h, n, h->time_ns, TYPE_INSTANT);
		break;
	case HAPPENS_VALUE:
		append_event(p, h, n, h->time_ns, TYPE_COUNTER);
		break;
	}
}

static void finish_trace(void *ctx)
{
	(void)ctx; /* every packet stands for itself */
}

struct timeline_writer perfetto_writer(struct perfetto *p)
{
	return (struct timeline_writer){
		.ctx = p,
		.clocks = write_clocks,
		.track = append_track,
		.happens = print_track_event,
		.finish = finish_trace,
	};
}
