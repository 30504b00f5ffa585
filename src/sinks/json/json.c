/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json.h"

#include "event/names.h"

static void quoted(struct buf *b, const char *s, size_t len)
{
	buf_char(b, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = s[i];

		if (c == '"' || c == '\\')
			buf_char(b, '\\');
		if (c < 0x20 || c > 0x7e)
			buf_printf(b, "\\u%04x", c);
		else
			buf_char(b, c);
	}
	buf_char(b, '"');
}

static void begin(struct json *j, const char *name)
{
	if (j->behind)
		buf_char(j->b, ',');
	j->behind = true;
	if (!name)
		return;
	quoted(j->b, name, strlen(name));
	buf_char(j->b, ':');
}

void json_open(struct json *j, const char *name, char bracket)
{
	begin(j, name);
	buf_char(j->b, bracket);
	j->behind = false;
}

void json_close(struct json *j, char bracket)
{
	buf_char(j->b, bracket);
	j->behind = true;
}

void json_line_end(struct json *j)
{
	buf_char(j->b, '\n');
	j->behind = false;
}

void json_string(struct json *j, const char *name, const char *value)
{
	begin(j, name);
	quoted(j->b, value, strlen(value));
}

void json_u64(struct json *j, const char *name, uint64_t value)
{
	begin(j, name);
	buf_u64(j->b, value);
}

void json_i64(struct json *j, const char *name, int64_t value)
{
	begin(j, name);
	buf_i64(j->b, value);
}

void json_thousandths(struct json *j, const char *name, uint64_t value)
{
	begin(j, name);
	buf_u64(j->b, value / 1000);
	buf_char(j->b, '.');
	buf_pad(j->b, value % 1000, 3);
}

void json_bool(struct json *j, const char *name, bool value)
{
	begin(j, name);
	buf_str(j->b, value ? "true" : "false");
}

void json_hex(struct json *j, const char *name, uint64_t value)
{
	begin(j, name);
	buf_char(j->b, '"');
	buf_hex(j->b, value);
	buf_char(j->b, '"');
}

void json_number(struct json *j, const char *name, double value)
{
	begin(j, name);
	buf_printf(j->b, "%.3f", value);
}

void json_comm(struct json *j, const char *name, const char *comm)
{
	struct buf b = {0};

	buf_escaped(&b, comm, strlen(comm), "");
	begin(j, name);
	quoted(j->b, b.data, b.len);
	buf_free(&b);
}

void json_file(struct json *j, const char *name, const char *text)
{
	size_t len = strlen(text);
	bool deleted = len && text[len - 1] == FILE_DELETED;

	begin(j, name);
	quoted(j->b, text, len - deleted);
	if (deleted) {
		j->b->len -= j->b->len != 0; /* the quote */
		buf_str(j->b, "(deleted)\"");
	}
}

/* What stands behind a blank is a comment for people. */
static void cut_comment(struct buf *text)
{
	const char *blank = text->len ? memchr(text->data, ' ', text->len) : NULL;

	if (blank)
		text->len = blank - text->data;
}

/* Names with | between, as lines have them, as an array. */
static void put_flags(struct json *j, const char *name, uint32_t flags,
		      void (*fn)(struct buf *b, uint32_t flags))
{
	struct buf text = {0};
	size_t from = 0;

	json_open(j, name, '[');
	if (flags)
		fn(&text, flags);
	cut_comment(&text);
	for (size_t i = 0; i < text.len; i++) {
		if (i + 1 < text.len && text.data[i + 1] != '|')
			continue;
		begin(j, NULL);
		quoted(j->b, text.data + from, i + 1 - from);
		from = i + 2;
	}
	json_close(j, ']');
	buf_free(&text);
}

void json_events(struct json *j, const char *name, uint32_t events)
{
	put_flags(j, name, events, name_events);
}

void json_create_flags(struct json *j, const char *name, uint32_t flags)
{
	put_flags(j, name, flags, name_create_flags);
}

void json_ctl_op(struct json *j, const char *name, int op)
{
	struct buf text = {0};

	name_ctl_op(&text, op);
	cut_comment(&text);
	begin(j, name);
	quoted(j->b, text.data, text.len);
	buf_free(&text);
}

void json_errno(struct json *j, const char *name, int err)
{
	struct buf text = {0};

	name_errno(&text, err);
	cut_comment(&text); /* its description */
	begin(j, name);
	quoted(j->b, text.data, text.len);
	buf_free(&text);
}

void json_signal(struct json *j, const char *name, int sig)
{
	struct buf text = {0};

	name_signal(&text, sig);
	begin(j, name);
	quoted(j->b, text.data, text.len);
	buf_free(&text);
}

void json_sigset(struct json *j, const char *name, uint64_t set)
{
	json_open(j, name, '[');
	for (int sig = 1; sig <= 64; sig++)
		if (set >> (sig - 1) & 1)
			json_signal(j, NULL, sig);
	json_close(j, ']');
}
