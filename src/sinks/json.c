/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json.h"

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

void json_events(struct json *j, const char *name, uint32_t events)
{
	struct buf text = {0};
	size_t from = 0;

	json_open(j, name, '[');
	if (events)
		name_events(&text, events);
	if (text.len &&
	    memchr(text.data, ' ', text.len)) /* the comment behind what has no name at all */
		text.len = (char *)memchr(text.data, ' ', text.len) - text.data;
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
