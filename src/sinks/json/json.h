/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json.h - writes JSON into a buffer: objects, arrays, members; commas set themselves.
 *
 * Strings from the target are escaped in C's notation by the decoder already and hold printable
 * ASCII only, so that what is written is valid UTF-8 whatever the bytes were.
 */
#ifndef ET_JSON_H
#define ET_JSON_H

#include "sinks/output.h"

struct json {
	struct buf *b;
	struct output *out; /* takes a long line in pieces; NULL: all of it stays in b */
	bool comma_due;	    /* something stands before at this level */
};

/* Opens and closes an object or an array: '{', '[' and their ends. name is NULL within an array. */
void json_open(struct json *j, const char *name, char bracket);
void json_close(struct json *j, char bracket);

/* Ends a line of NDJSON. */
void json_line_end(struct json *j);

/* Members of an object, named by constants; elements of an array if name is NULL. */
void json_string(struct json *j, const char *name, const char *value);
/* The same of so much of a text. */
void json_text(struct json *j, const char *name, const char *text, size_t len);
void json_u64(struct json *j, const char *name, uint64_t value);
void json_i64(struct json *j, const char *name, int64_t value);
/* value / 1000, with three digits after the point. */
void json_thousandths(struct json *j, const char *name, uint64_t value);
void json_bool(struct json *j, const char *name, bool value);

/* "0x1f", as a string: JSON's numbers do not hold 64 bits. */
void json_hex(struct json *j, const char *name, uint64_t value);

/* With three digits after the point. */
void json_number(struct json *j, const char *name, double value);

/* Names from the target: of a thread, as it is; of a file, as the decoder has escaped it. */
void json_comm(struct json *j, const char *name, const char *comm);
void json_file(struct json *j, const char *name, const char *text, bool deleted);

/* A member whose name and value both come from the stream. */
void json_named(struct json *j, const char *name, const char *value);

/* Arrays of the flags' names, unknown bits as one string in hex. */
void json_events(struct json *j, const char *name, uint32_t events);
void json_create_flags(struct json *j, const char *name, uint32_t flags);

/* The operation's name, or "0x7". */
void json_ctl_op(struct json *j, const char *name, int op);

/* "EEXIST", "ERRNO_4095" if it has no name; err is positive. */
void json_errno(struct json *j, const char *name, int err);

/* "SIGTERM", and an array of such names. */
void json_signal(struct json *j, const char *name, int sig);
void json_sigset(struct json *j, const char *name, uint64_t set);

#endif
