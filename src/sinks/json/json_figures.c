/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_figures.h"

#include "sinks/json/json_what.h"

#define ENTRY (f->r->entry)

JSON_PUT(put_entry_instance, figures_row, f, json_u64(j, key, ENTRY->instance->number))
JSON_PUT(put_entry_fd, figures_row, f, json_i64(j, key, ENTRY->fd))
JSON_PUT_FILE(put_entry, figures_row, f, ENTRY->name, &ENTRY->what)
JSON_PUT(put_entry_events, figures_row, f, json_events(j, key, ENTRY->events))
JSON_PUT(put_entry_data, figures_row, f, json_hex(j, key, ENTRY->data))
JSON_PUT(put_adds, figures_row, f, json_u64(j, key, ENTRY->adds))
JSON_PUT(put_mods, figures_row, f, json_u64(j, key, ENTRY->mods))
JSON_PUT(put_dels, figures_row, f, json_u64(j, key, ENTRY->dels))
JSON_PUT(put_deliveries, figures_row, f, json_u64(j, key, ENTRY->deliveries))
JSON_PUT(put_per_second, figures_row, f, json_number(j, key, f->r->per_second))
JSON_PUT_IF(put_last_ready, figures_row, f, ENTRY->last_ready_ns,
	    json_u64(j, key, clocks_real_ns(f->clocks, ENTRY->last_ready_ns)))

static void put_entry_state(struct json *j, const char *key, const void *from)
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
			{"instance", JSON_INTEGER, true, put_entry_instance, "its number", NULL},
			{"fd", JSON_SIGNED, true, put_entry_fd, "as registered", NULL},
			JSON_FILE_FIELDS(put_entry, "", "what it is"),
			{"events", JSON_STRINGS, true, put_entry_events, "as registered", NULL},
			{"data", JSON_HEX, true, put_entry_data, "as registered", NULL},
			{"state", JSON_STRING, true, put_entry_state,
			 "open, closed (its number is, its file lives on) or gone", NULL},
			{"adds", JSON_INTEGER, true, put_adds, "EPOLL_CTL_ADD", NULL},
			{"mods", JSON_INTEGER, true, put_mods, "EPOLL_CTL_MOD", NULL},
			{"dels", JSON_INTEGER, true, put_dels, "EPOLL_CTL_DEL", NULL},
			{"ready", JSON_INTEGER, true, put_deliveries, "times it was returned",
			 NULL},
			{"ready_per_second", JSON_NUMBER, true, put_per_second,
			 "while it was registered", NULL},
			{"last_ready_ns", JSON_INTEGER, false, put_last_ready,
			 "when it was last returned, since 1970", NULL},
			{.name = NULL},
		},
};

/* Entries that are not kept one by one. */

JSON_PUT(put_folded_entries, totals, f, json_u64(j, key, f->entries))
JSON_PUT(put_folded_adds, totals, f, json_u64(j, key, f->adds))
JSON_PUT(put_folded_mods, totals, f, json_u64(j, key, f->mods))
JSON_PUT(put_folded_dels, totals, f, json_u64(j, key, f->dels))
JSON_PUT(put_folded_ready, totals, f, json_u64(j, key, f->deliveries))

const struct json_object json_totals = {
	.type = "more_entries",
	.is_part = true,
	.about = "what entries that are not kept one by one add up to",
	.fields =
		(const struct json_field[]){
			{"entries", JSON_INTEGER, true, put_folded_entries, "how many", NULL},
			{"adds", JSON_INTEGER, true, put_folded_adds, "EPOLL_CTL_ADD", NULL},
			{"mods", JSON_INTEGER, true, put_folded_mods, "EPOLL_CTL_MOD", NULL},
			{"dels", JSON_INTEGER, true, put_folded_dels, "EPOLL_CTL_DEL", NULL},
			{"ready", JSON_INTEGER, true, put_folded_ready, "times returned", NULL},
			{.name = NULL},
		},
};
