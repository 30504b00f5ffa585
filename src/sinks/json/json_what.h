/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_what.h - what a file is, beside its text: its kind, and the addresses of internet sockets.
 */
#ifndef ET_JSON_WHAT_H
#define ET_JSON_WHAT_H

#include "event/event.h"
#include "sinks/json/json_table.h"

extern const struct json_object json_address;

/* Each writes nothing where it is not known. */
void json_kind(struct json *j, const char *name, const struct file_what *w);
void json_address_of(struct json *j, const char *name, const struct file_address *a);

/* Three put functions of an object made from a struct type that what, a pointer, calls var. */
#define JSON_PUT_WHAT(type, var, what)                                                             \
	JSON_PUT(put_kind, type, var, json_kind(j, key, what))                                     \
	JSON_PUT(put_local, type, var, json_address_of(j, key, &(what)->local))                    \
	JSON_PUT(put_peer, type, var, json_address_of(j, key, &(what)->peer))

/* Their rows. */
#define JSON_WHAT_FIELDS                                                                            \
	{"kind",                                                                                    \
	 JSON_STRING,                                                                               \
	 false,                                                                                     \
	 put_kind,                                                                                  \
	 "of the file: path, char, block, mqueue, anon, pipe, inet, unix, socket, pidfd, epoll",    \
	 NULL},                                                                                     \
		{"local",      JSON_OBJECT, false, put_local, "of an internet socket: its own end", \
		 &json_address},                                                                    \
	{                                                                                           \
		"peer", JSON_OBJECT, false, put_peer, "and the other end", &json_address            \
	}

#endif
