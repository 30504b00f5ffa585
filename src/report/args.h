/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * args.h - what a timeline says about something that happens: named values in their order, as plain
 * data. Lists and dictionaries stand between a row that opens and one that ends them.
 */
#ifndef ET_ARGS_H
#define ET_ARGS_H

#include "base/buf.h"

enum arg_kind {
	ARG_U64,
	ARG_I64,
	ARG_HEX, /* u64, for eyes in hex */
	ARG_BOOL,
	ARG_TEXT,
	ARG_LIST,
	ARG_LIST_END,
	ARG_DICT,
	ARG_DICT_END,
};

struct arg {
	enum arg_kind kind;
	const char *name; /* a constant; NULL: an element of a list, or an end */
	union {
		uint64_t u64; /* ARG_BOOL too */
		int64_t i64;
		size_t at; /* of a text before args_seal() */
		const char *text;
	};
};

struct args {
	struct arg *at;
	size_t count, cap;
	struct buf texts;
	bool failed; /* out of memory: there are none then */
};

void args_free(struct args *a);

/* Begins a new list of arguments in the same memory. */
void args_clear(struct args *a);

void args_u64(struct args *a, const char *name, uint64_t value);
void args_i64(struct args *a, const char *name, int64_t value);
void args_hex(struct args *a, const char *name, uint64_t value);
void args_true(struct args *a, const char *name);

/* Copies the text. */
void args_text(struct args *a, const char *name, const char *text);

/* Text of a file: the mark of an unlinked one is spelt out. */
void args_file(struct args *a, const char *name, const char *text, bool deleted);

/* Flags by their names. */
void args_events(struct args *a, const char *name, uint32_t events);
void args_ctl_op(struct args *a, const char *name, int op);
void args_create_flags(struct args *a, const char *name, uint32_t flags);

/* ARG_LIST, ARG_DICT and their ends. */
void args_bracket(struct args *a, enum arg_kind kind, const char *name);

/* Texts can be read now, until the next args_clear(). */
void args_seal(struct args *a);

/* The text of a file as people read it: "/tmp/x", "/tmp/x(deleted)". */
void args_append_file(struct buf *b, const char *text, bool deleted);

#endif
