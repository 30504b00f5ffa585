/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_syscalls(struct machine *m)
{
	free(m->syscalls);
	free(m->syscall);
	m->syscalls = NULL;
	m->syscall = NULL;
	m->syscall_count = 0;
}

void machine_free(struct machine *m)
{
	free_syscalls(m);
	while (m->features) {
		struct feature *f = m->features;

		m->features = f->next;
		free(f);
	}
	m->last_feature = NULL;
}

static void take_syscalls(struct machine *m, const struct syscalls_event *ev)
{
	int count = 0;

	free_syscalls(m);
	for (size_t i = 0; i < ev->len; i++)
		count += !ev->names[i];
	if (!count)
		return;
	m->syscalls = malloc(ev->len);
	m->syscall = calloc(count, sizeof(*m->syscall));
	if (!m->syscalls || !m->syscall) {
		free_syscalls(m);
		return;
	}
	memcpy(m->syscalls, ev->names, ev->len);
	for (const char *at = m->syscalls; m->syscall_count < count; at += strlen(at) + 1)
		m->syscall[m->syscall_count++] = at;
}

#define FEATURES_MAX 256 /* many more than --features has */

static void take_feature(struct machine *m, const struct feature_event *ev)
{
	struct feature *f = m->feature_count < FEATURES_MAX ? calloc(1, sizeof(*f)) : NULL;

	if (!f)
		return;
	m->feature_count++;
	snprintf(f->name, sizeof(f->name), "%s", ev->name);
	snprintf(f->state, sizeof(f->state), "%s", ev->state);
	if (m->last_feature)
		m->last_feature->next = f;
	else
		m->features = f;
	m->last_feature = f;
}

void machine_apply(struct machine *m, const struct event *ev)
{
	if (ev->kind == EVENT_START) {
		m->start = ev->start;
		clocks_step(&m->clocks, ev->time_ns, &ev->start.clock);
	} else if (ev->kind == EVENT_CLOCK) {
		clocks_step(&m->clocks, ev->time_ns, &ev->clock);
	} else if (ev->kind == EVENT_FEATURE) {
		take_feature(m, &ev->feature);
	} else {
		take_syscalls(m, &ev->syscalls);
	}
}

const char *machine_syscall(const struct machine *m, int nr)
{
	if (nr == CALL_NR_I386)
		return "i386 call";
	return nr >= 0 && nr < m->syscall_count && m->syscall[nr][0] ? m->syscall[nr] : NULL;
}

bool machine_polls(const struct machine *m, int nr)
{
	static const char *const polls[] = {
		"poll",	      "ppoll",	  "ppoll_time64",    "select",
		"_newselect", "pselect6", "pselect6_time64",
	};
	const char *name = machine_syscall(m, nr);

	for (size_t i = 0; name && i < sizeof(polls) / sizeof(polls[0]); i++)
		if (!strcmp(name, polls[i]))
			return true;
	return false;
}
