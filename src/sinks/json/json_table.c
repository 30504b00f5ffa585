/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_table.h"

void json_append_object(struct json *j, const char *name, const struct json_object *o,
			const void *from)
{
	json_open(j, name, '{');
	if (!o->is_part)
		json_string(j, "type", o->type);
	for (const struct json_field *f = o->fields; f->name; f++)
		f->append(j, f->name, from);
	json_close(j, '}');
	if (j->out && o->is_part)
		output_piece_done(j->out);
}

void json_append_line(struct json *j, const struct json_object *o, const void *from)
{
	json_append_object(j, NULL, o, from);
	json_line_end(j);
}
