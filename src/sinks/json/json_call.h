/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_call.h - calls, blocked and unfinished waits, entries that go without a call of epoll_ctl,
 * ends and stops of processes as machine output.
 */
#ifndef ET_JSON_CALL_H
#define ET_JSON_CALL_H

#include "model/model.h"
#include "sinks/json/json_table.h"

/* What these objects are made from. */
struct json_event {
	const struct view *v;
	const struct clocks *clocks;
};

#define OBJECT(id, name, set) extern const struct json_object json_##name;
EPOLL_CALLS(OBJECT)
#undef OBJECT

extern const struct json_object json_blocked, json_unfinished, json_exited, json_halted,
	json_resumed, json_gone;

/* The object that a view is a line of, NULL: none. */
const struct json_object *json_object_of(const struct view *v);

#endif
