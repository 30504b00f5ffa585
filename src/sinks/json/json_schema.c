/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON Schema of machine output, from the tables that write it. */
#include "base/version.h"
#include "sinks/json/json_table.h"

#include <stdio.h>

#define HEX "^(0|0x[0-9a-f]+)$"

static void append_items(struct json *j, const char *type)
{
	json_string(j, "type", "array");
	json_open(j, "items", '{');
	json_string(j, "type", type);
	json_close(j, '}');
}

static void append_ref(struct json *j, const struct json_object *o)
{
	char ref[64];

	snprintf(ref, sizeof(ref), "#/$defs/%s", o->type);
	json_string(j, "$ref", ref);
}

static void append_values(struct json *j, const char *type)
{
	json_string(j, "type", "object");
	json_open(j, "additionalProperties", '{');
	json_string(j, "type", type);
	json_close(j, '}');
}

static void append_type(struct json *j, const struct json_field *f)
{
	switch (f->type) {
	case JSON_STRING:
		json_string(j, "type", "string");
		break;
	case JSON_INTEGER:
		json_string(j, "type", "integer");
		json_u64(j, "minimum", 0);
		break;
	case JSON_SIGNED:
		json_string(j, "type", "integer");
		break;
	case JSON_NUMBER:
		json_string(j, "type", "number");
		break;
	case JSON_BOOL:
		json_string(j, "type", "boolean");
		break;
	case JSON_HEX:
		json_string(j, "type", "string");
		json_string(j, "pattern", HEX);
		break;
	case JSON_STRINGS:
		append_items(j, "string");
		break;
	case JSON_INTEGERS:
		append_items(j, "integer");
		break;
	case JSON_OBJECTS:
		json_string(j, "type", "array");
		json_open(j, "items", '{');
		append_ref(j, f->of);
		json_close(j, '}');
		break;
	case JSON_OBJECT:
		append_ref(j, f->of);
		break;
	case JSON_MAP:
		append_values(j, "string");
		break;
	case JSON_COUNTS:
		append_values(j, "integer");
		break;
	}
}

static void append_properties(struct json *j, const struct json_object *o)
{
	json_open(j, "properties", '{');
	if (!o->is_part) {
		json_open(j, "type", '{');
		json_string(j, "const", o->type);
		json_close(j, '}');
	}
	for (const struct json_field *f = o->fields; f->name; f++) {
		json_open(j, f->name, '{');
		json_string(j, "description", f->about);
		append_type(j, f);
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void append_required(struct json *j, const struct json_object *o)
{
	json_open(j, "required", '[');
	if (!o->is_part)
		json_string(j, NULL, "type");
	for (const struct json_field *f = o->fields; f->name; f++)
		if (f->always)
			json_string(j, NULL, f->name);
	json_close(j, ']');
}

static void append_one_of(struct json *j, const struct json_object *const *o)
{
	json_open(j, "oneOf", '[');
	for (; *o; o++) {
		json_open(j, NULL, '{');
		append_ref(j, *o);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void append_object(struct json *j, const struct json_object *o)
{
	json_open(j, o->type, '{');
	json_string(j, "description", o->about);
	if (o->either) {
		append_one_of(j, o->either);
	} else {
		json_string(j, "type", "object");
		append_properties(j, o);
		append_required(j, o);
	}
	json_close(j, '}');
}

/* Parts may have parts; each is written where it first occurs. */
struct parts {
	const struct json_object *done[64];
	unsigned count;
};

static bool is_new(struct parts *p, const struct json_object *o)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->done[i] == o)
			return false;
	if (p->count < sizeof(p->done) / sizeof(p->done[0]))
		p->done[p->count++] = o;
	return true;
}

static void append_parts(struct json *j, const struct json_object *o, struct parts *p);

static void append_part(struct json *j, const struct json_object *o, struct parts *p)
{
	if (!is_new(p, o))
		return;
	append_object(j, o);
	append_parts(j, o, p);
}

static void append_parts(struct json *j, const struct json_object *o, struct parts *p)
{
	for (const struct json_object *const *one = o->either; one && *one; one++)
		append_part(j, *one, p);
	for (const struct json_field *f = o->fields; f && f->name; f++)
		if (f->of)
			append_part(j, f->of, p);
}

void json_schema(struct buf *b)
{
	struct json j = {.b = b};
	struct parts parts = {0};

	json_open(&j, NULL, '{');
	json_string(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_string(&j, "title", "a line of epolltrace --format=json");
	json_string(&j, "description",
		    "Version 1, printed by " ET_TOOL ". Readers ignore types and keys that they do "
		    "not know. Times are nanoseconds since 1970 and pass 2^53.");
	append_one_of(&j, json_lines);
	json_open(&j, "$defs", '{');
	for (const struct json_object *const *o = json_lines; *o; o++) {
		append_object(&j, *o);
		append_parts(&j, *o, &parts);
	}
	json_close(&j, '}');
	json_close(&j, '}');
	json_line_end(&j);
}
