/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json.h"

#include "event/names.h"

/* May the byte stand in a string as it is? */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

#define ESCAPED_MAX 6 /* bytes that one becomes: "\u00e9" */

static void append_quoted(struct buf *b, const char *s, size_t len)
{
	char *at;

	if (!buf_room(b, ESCAPED_MAX * len + 2))
		return;
	at = b->data + b->len;
	*at++ = '"';
	for (size_t i = 0; i < len; i++) {
		unsigned char c = s[i];

		if (is_plain(c)) {
			*at++ = (char)c;
		} else if (c == '"' || c == '\\') {
			*at++ = '\\';
			*at++ = (char)c;
		} else {
			memcpy(at, "\\u00", 4);
			at[4] = "0123456789abcdef"[c >> 4];
			at[5] = "0123456789abcdef"[c & 15];
			at += ESCAPED_MAX;
		}
	}
	*at++ = '"';
	b->len = at - b->data;
}

/* The names of members are ours: there is nothing in them to escape. */
static void append_key(struct buf *b, const char *name)
{
	size_t len = strlen(name);
	char *at;

	if (!buf_room(b, len + 3))
		return;
	at = b->data + b->len;
	*at++ = '"';
	memcpy(at, name, len);
	at[len] = '"';
	at[len + 1] = ':';
	b->len += len + 3;
}

static void begin_value(struct json *j, const char *name)
{
	if (j->comma_due)
		buf_char(j->b, ',');
	j->comma_due = true;
	if (name)
		append_key(j->b, name);
}

void json_open(struct json *j, const char *name, char bracket)
{
	begin_value(j, name);
	buf_char(j->b, bracket);
	j->comma_due = false;
}

void json_close(struct json *j, char bracket)
{
	buf_char(j->b, bracket);
	j->comma_due = true;
}

void json_line_end(struct json *j)
{
	buf_char(j->b, '\n');
	j->comma_due = false;
}

void json_text(struct json *j, const char *name, const char *text, size_t len)
{
	begin_value(j, name);
	append_quoted(j->b, text, len);
}

void json_string(struct json *j, const char *name, const char *value)
{
	json_text(j, name, value, strlen(value));
}

void json_u64(struct json *j, const char *name, uint64_t value)
{
	begin_value(j, name);
	buf_u64(j->b, value);
}

void json_i64(struct json *j, const char *name, int64_t value)
{
	begin_value(j, name);
	buf_i64(j->b, value);
}

void json_thousandths(struct json *j, const char *name, uint64_t value)
{
	begin_value(j, name);
	buf_u64(j->b, value / 1000);
	buf_char(j->b, '.');
	buf_pad(j->b, value % 1000, 3);
}

void json_bool(struct json *j, const char *name, bool value)
{
	begin_value(j, name);
	buf_str(j->b, value ? "true" : "false");
}

void json_hex(struct json *j, const char *name, uint64_t value)
{
	begin_value(j, name);
	buf_char(j->b, '"');
	buf_hex(j->b, value);
	buf_char(j->b, '"');
}

void json_number(struct json *j, const char *name, double value)
{
	begin_value(j, name);
	buf_printf(j->b, "%.3f", value);
}

/* Nearly all names are plain. */
static bool is_plain_text(const char *text)
{
	while (is_plain(*text))
		text++;
	return !*text;
}

void json_comm(struct json *j, const char *name, const char *comm)
{
	struct buf b = {0};

	if (is_plain_text(comm)) {
		json_string(j, name, comm);
		return;
	}
	buf_escaped(&b, comm, strlen(comm), "");
	begin_value(j, name);
	append_quoted(j->b, b.data, b.len);
	buf_free(&b);
}

void json_named(struct json *j, const char *name, const char *value)
{
	begin_value(j, NULL);
	append_quoted(j->b, name, strlen(name));
	buf_char(j->b, ':');
	j->comma_due = false;
	json_comm(j, NULL, value);
}

void json_file(struct json *j, const char *name, const char *text, bool deleted)
{
	json_string(j, name, text);
	if (deleted) {
		j->b->len -= j->b->len != 0; /* the quote */
		buf_str(j->b, FILE_DELETED "\"");
	}
}

/* What follows a blank is a comment for people; start: where the text begins. */
static void cut_comment(struct buf *b, size_t start)
{
	const char *blank = b->len > start ? memchr(b->data + start, ' ', b->len - start) : NULL;

	if (blank)
		b->len = blank - b->data;
}

/* Makes "A|B" at the end of the buffer, from start on, into "A","B". */
static void split_names(struct buf *b, size_t start)
{
	size_t bars = 0, end = b->len, at;

	for (size_t i = start; i < b->len; i++)
		bars += b->data[i] == '|';
	if (!bars || !buf_room(b, 2 * bars))
		return;
	b->len += 2 * bars;
	at = b->len;
	while (at > end) {
		char c = b->data[--end];

		if (c == '|')
			memcpy(b->data + (at -= 3), "\",\"", 3);
		else
			b->data[--at] = c;
	}
}

/* Names with | between, as lines have them, as an array; there is nothing in them to escape. */
static void append_flags(struct json *j, const char *name, uint32_t flags,
			 void (*fn)(struct buf *b, uint32_t flags))
{
	struct buf *b = j->b;
	size_t start;

	json_open(j, name, '[');
	if (flags) {
		buf_char(b, '"');
		start = b->len;
		fn(b, flags);
		cut_comment(b, start);
		split_names(b, start);
		buf_char(b, '"');
	}
	json_close(j, ']');
}

void json_events(struct json *j, const char *name, uint32_t events)
{
	append_flags(j, name, events, name_events);
}

void json_create_flags(struct json *j, const char *name, uint32_t flags)
{
	append_flags(j, name, flags, name_create_flags);
}

void json_ctl_op(struct json *j, const char *name, int op)
{
	struct buf text = {0};

	name_ctl_op(&text, op);
	cut_comment(&text, 0);
	begin_value(j, name);
	append_quoted(j->b, text.data, text.len);
	buf_free(&text);
}

void json_errno(struct json *j, const char *name, int err)
{
	struct buf text = {0};

	name_errno(&text, err);
	cut_comment(&text, 0); /* its description */
	begin_value(j, name);
	append_quoted(j->b, text.data, text.len);
	buf_free(&text);
}

void json_signal(struct json *j, const char *name, int sig)
{
	struct buf text = {0};

	name_signal(&text, sig);
	begin_value(j, name);
	append_quoted(j->b, text.data, text.len);
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
