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

static void add(struct args *a, struct arg arg)
{
	if (array_room(&a->at, &a->cap, a->count + 1, sizeof(*a->at)))
		a->at[a->count++] = arg;
	else
		a->failed = true;
}

void args_u64(struct args *a, const char *name, uint64_t value)
{
	add(a, (struct arg){.kind = ARG_U64, .name = name, .u64 = value});
}

void args_i64(struct args *a, const char *name, int64_t value)
{
	add(a, (struct arg){.kind = ARG_I64, .name = name, .i64 = value});
}

void args_hex(struct args *a, const char *name, uint64_t value)
{
	add(a, (struct arg){.kind = ARG_HEX, .name = name, .u64 = value});
}

void args_true(struct args *a, const char *name)
{
	add(a, (struct arg){.kind = ARG_BOOL, .name = name, .u64 = 1});
}

void args_bracket(struct args *a, enum arg_kind kind, const char *name)
{
	add(a, (struct arg){.kind = kind, .name = name});
}

/* The texts may move while more of them come, so that their places are kept. */
static void begin_text(struct args *a, const char *name)
{
	add(a, (struct arg){.kind = ARG_TEXT, .name = name, .at = a->texts.len});
}

void args_text(struct args *a, const char *name, const char *text)
{
	begin_text(a, name);
	buf_put(&a->texts, text, strlen(text) + 1);
}

void args_put_file(struct buf *b, const char *text)
{
	size_t len = strlen(text);
	bool deleted = len && text[len - 1] == FILE_DELETED;

	buf_put(b, text, len - deleted);
	if (deleted)
		buf_str(b, "(deleted)");
}

void args_file(struct args *a, const char *name, const char *text)
{
	begin_text(a, name);
	args_put_file(&a->texts, text);
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
	for (unsigned i = 0; i < a->count; i++)
		if (a->at[i].kind == ARG_TEXT)
			a->at[i].text = a->texts.data + a->at[i].at;
}
