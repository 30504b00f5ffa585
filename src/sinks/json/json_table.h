/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_table.h - what machine output is made of: a table of fields for each kind of object. The
 * same tables write the objects and the schema that --json-schema prints.
 */
#ifndef ET_JSON_TABLE_H
#define ET_JSON_TABLE_H

#include "sinks/json/json.h"

#include <stdbool.h>

/* What a field holds, in the schema's words. */
enum json_type {
	JSON_STRING,
	JSON_INTEGER, /* from 0 on */
	JSON_SIGNED,  /* any integer */
	JSON_NUMBER,  /* with a fraction */
	JSON_BOOL,
	JSON_HEX,      /* a string: 64 bits do not fit a number everywhere */
	JSON_STRINGS,  /* an array */
	JSON_INTEGERS, /* an array */
	JSON_OBJECTS,  /* an array of objects: see of */
	JSON_OBJECT,   /* one: see of */
	JSON_MAP,      /* an object with any keys, its values strings */
	JSON_COUNTS,   /* the same, its values integers */
};

struct json_object;

struct json_field {
	const char *name;
	enum json_type type;
	bool always; /* it is never left out */
	/* Writes the member called name, or nothing if there is none. from: see the object. */
	void (*append)(struct json *j, const char *name, const void *from);
	const char *about; /* a sentence without its full stop */
	const struct json_object *of;
};

/* Its fields end with a row without a name. */
struct json_object {
	const char *type; /* of the line; of a part: what the schema calls it */
	bool is_part;	  /* stands within other objects only, and has no "type" */
	const char *about;
	const struct json_field *fields;
	/* Not NULL: it has no fields, but is one of these, which NULL ends. */
	const struct json_object *const *either;
};

/* An append function: of what the object is made from, a struct type that body calls var. */
#define JSON_APPEND(name, type, var, body)                                                         \
	static void name(struct json *j, const char *key, const void *from)                        \
	{                                                                                          \
		const struct type *var = from;                                                     \
                                                                                                   \
		body;                                                                              \
	}
#define JSON_APPEND_IF(name, type, var, condition, body)                                           \
	JSON_APPEND(name, type, var, if (condition) body)

/* Writes an object: a member called name, or an element if that is NULL. */
void json_append_object(struct json *j, const char *name, const struct json_object *o,
			const void *from);

/* Writes an object as a line. */
void json_append_line(struct json *j, const struct json_object *o, const void *from);

/* All kinds of lines, in the order of the schema; NULL ends them. */
extern const struct json_object *const json_lines[];

/* Writes the JSON Schema (2020-12) of all lines. */
void json_schema(struct buf *b);

#endif
