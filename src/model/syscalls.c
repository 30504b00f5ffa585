/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/syscalls.h"

#include <stdlib.h>
#include <string.h>

void syscalls_free(struct syscalls *s)
{
	free(s->text);
	free(s->names);
	*s = (struct syscalls){0};
}

void syscalls_apply(struct syscalls *s, const struct syscalls_event *ev)
{
	int count = 0;

	syscalls_free(s);
	for (size_t i = 0; i < ev->len; i++)
		count += !ev->names[i];
	if (!count)
		return;
	s->text = malloc(ev->len);
	s->names = calloc(count, sizeof(*s->names));
	if (!s->text || !s->names) {
		syscalls_free(s);
		return;
	}
	memcpy(s->text, ev->names, ev->len);
	for (const char *at = s->text; s->count < count; at += strlen(at) + 1)
		s->names[s->count++] = at;
}

const char *syscalls_name(const struct syscalls *s, int nr)
{
	return nr >= 0 && nr < s->count && s->names[nr][0] ? s->names[nr] : NULL;
}
