/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_figures.h"

#include "sinks/json/json_what.h"

#define ENTRY (f->r->entry)

JSON_APPEND(append_entry_instance, figures_row, f, json_u64(j, key, ENTRY->instance->number))
JSON_APPEND(append_entry_fd, figures_row, f, json_i64(j, key, ENTRY->fd))
JSON_APPEND_FILE(append_entry, figures_row, f, ENTRY->name, &ENTRY->what)
JSON_APPEND(append_entry_events, figures_row, f, json_events(j, key, ENTRY->events))
JSON_APPEND(append_entry_data, figures_row, f, json_hex(j, key, ENTRY->data))
JSON_APPEND(append_adds, figures_row, f, json_u64(j, key, ENTRY->adds))
JSON_APPEND(append_mods, figures_row, f, json_u64(j, key, ENTRY->mods))
JSON_APPEND(append_dels, figures_row, f, json_u64(j, key, ENTRY->dels))
JSON_APPEND(append_deliveries, figures_row, f, json_u64(j, key, ENTRY->deliveries))
JSON_APPEND(append_per_second, figures_row, f, json_number(j, key, f->r->per_second))
JSON_APPEND_IF(append_last_ready, figures_row, f, ENTRY->last_ready_ns,
	       json_u64(j, key, clocks_real_ns(f->clocks, ENTRY->last_ready_ns)))

static void append_entry_state(struct json *j, const char *key, const void *from)
{
	static const char *const states[] = {
		[ENTRY_OPEN] = "open",
		[ENTRY_CLOSED] = "closed",
		[ENTRY_GONE] = "gone",
	};

	json_string(j, key, states[((const struct figures_row *)from)->r->entry->state]);
}

const struct json_object json_figures = {
	.type = "figures",
	.is_part = true,
	.about = "the figures of an entry",
	.fields =
		(const struct json_field[]){
			{"instance", JSON_INTEGER, true, append_entry_instance, "its number", NULL},
			{"fd", JSON_SIGNED, true, append_entry_fd, "as registered", NULL},
			JSON_FILE_FIELDS(append_entry, "", "what it is"),
			{"events", JSON_STRINGS, true, append_entry_events, "as registered", NULL},
			{"data", JSON_HEX, true, append_entry_data, "as registered", NULL},
			{"state", JSON_STRING, true, append_entry_state,
			 "open, closed (its number is, its file lives on) or gone", NULL},
			{"adds", JSON_INTEGER, true, append_adds, "EPOLL_CTL_ADD", NULL},
			{"mods", JSON_INTEGER, true, append_mods, "EPOLL_CTL_MOD", NULL},
			{"dels", JSON_INTEGER, true, append_dels, "EPOLL_CTL_DEL", NULL},
			{"ready", JSON_INTEGER, true, append_deliveries, "times it was returned",
			 NULL},
			{"ready_per_second", JSON_NUMBER, true, append_per_second,
			 "while it was registered", NULL},
			{"last_ready_ns", JSON_INTEGER, false, append_last_ready,
			 "when it was last returned, since 1970", NULL},
			{.name = NULL},
		},
};

/* Entries that are not kept one by one. */

JSON_APPEND(append_total_entries, totals, f, json_u64(j, key, f->entries))
JSON_APPEND(append_total_adds, totals, f, json_u64(j, key, f->adds))
JSON_APPEND(append_total_mods, totals, f, json_u64(j, key, f->mods))
JSON_APPEND(append_total_dels, totals, f, json_u64(j, key, f->dels))
JSON_APPEND(append_total_ready, totals, f, json_u64(j, key, f->deliveries))

const struct json_object json_totals = {
	.type = "more_entries",
	.is_part = true,
	.about = "what entries that are not kept one by one add up to",
	.fields =
		(const struct json_field[]){
			{"entries", JSON_INTEGER, true, append_total_entries, "how many", NULL},
			{"adds", JSON_INTEGER, true, append_total_adds, "EPOLL_CTL_ADD", NULL},
			{"mods", JSON_INTEGER, true, append_total_mods, "EPOLL_CTL_MOD", NULL},
			{"dels", JSON_INTEGER, true, append_total_dels, "EPOLL_CTL_DEL", NULL},
			{"ready", JSON_INTEGER, true, append_total_ready, "times returned", NULL},
			{.name = NULL},
		},
};
