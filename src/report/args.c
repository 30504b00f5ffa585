/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/args.h"

#include "base/array.h"

#include "event/names.h"

#include <stdlib.h>

void args_free(struct args *a)
{
	free(a->at);
	buf_free(&a->texts);
	*a = (struct args){0};
}

void args_clear(struct args *a)
{
	a->count = 0;
	a->texts.len = 0;
	a->texts.failed = false;
	a->failed = false;
}

static bool make_room(struct args *a)
{
	a->failed |= !array_room(&a->at, &a->cap, a->count + 1, sizeof(*a->at));
	return !a->failed;
}

/* The next one, for the caller to give it its value; NULL if memory ran out. */
static struct arg *add_arg(struct args *a, enum arg_kind kind, const char *name)
{
	struct arg *arg;

	if (a->count == a->cap && !make_room(a))
		return NULL;
	arg = &a->at[a->count++];
	arg->kind = kind;
	arg->name = name;
	return arg;
}

static void add_u64(struct args *a, enum arg_kind kind, const char *name, uint64_t value)
{
	struct arg *arg = add_arg(a, kind, name);

	if (arg)
		arg->u64 = value;
}

void args_u64(struct args *a, const char *name, uint64_t value)
{
	add_u64(a, ARG_U64, name, value);
}

void args_i64(struct args *a, const char *name, int64_t value)
{
	struct arg *arg = add_arg(a, ARG_I64, name);

	if (arg)
		arg->i64 = value;
}

void args_hex(struct args *a, const char *name, uint64_t value)
{
	add_u64(a, ARG_HEX, name, value);
}

void args_true(struct args *a, const char *name)
{
	add_u64(a, ARG_BOOL, name, 1);
}

void args_bracket(struct args *a, enum arg_kind kind, const char *name)
{
	add_u64(a, kind, name, 0);
}

/* The texts may move while more of them come, so that their places are kept. */
static void begin_text(struct args *a, const char *name)
{
	struct arg *arg = add_arg(a, ARG_TEXT, name);

	if (arg)
		arg->at = a->texts.len;
}

void args_text(struct args *a, const char *name, const char *text)
{
	begin_text(a, name);
	buf_append(&a->texts, text, strlen(text) + 1);
}

void args_append_file(struct buf *b, const char *text, bool deleted)
{
	buf_append(b, text, strlen(text));
	if (deleted)
		buf_str(b, FILE_DELETED);
}

void args_file(struct args *a, const char *name, const char *text, bool deleted)
{
	begin_text(a, name);
	args_append_file(&a->texts, text, deleted);
	buf_char(&a->texts, 0);
}

void args_events(struct args *a, const char *name, uint32_t events)
{
	begin_text(a, name);
	name_events(&a->texts, events);
	buf_char(&a->texts, 0);
}

void args_ctl_op(struct args *a, const char *name, int op)
{
	begin_text(a, name);
	name_ctl_op(&a->texts, op);
	buf_char(&a->texts, 0);
}

void args_create_flags(struct args *a, const char *name, uint32_t flags)
{
	begin_text(a, name);
	name_create_flags(&a->texts, flags);
	buf_char(&a->texts, 0);
}

void args_seal(struct args *a)
{
	if (a->failed || a->texts.failed)
		a->count = 0;
	for (unsigned i = 0; a->texts.len && i < a->count; i++)
		if (a->at[i].kind == ARG_TEXT)
			a->at[i].text = a->texts.data + a->at[i].at;
}
