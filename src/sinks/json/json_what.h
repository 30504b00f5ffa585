/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_what.h - what a file is, beside its text: its kind, and the addresses of internet sockets.
 */
#ifndef ET_JSON_WHAT_H
#define ET_JSON_WHAT_H

#include "event/event.h"
#include "sinks/json/json_table.h"

extern const struct json_object json_address;

/* Each writes nothing where it is not known, and of no file (NULL). */
void json_kind(struct json *j, const char *name, const struct file_what *w);
void json_local(struct json *j, const char *name, const struct file_what *w);
void json_peer(struct json *j, const char *name, const struct file_what *w);

/*
 * Three put functions, whose names begin with put, of an object made from a struct type; what is a
 * pointer in which that is called var.
 */
#define JSON_PUT_WHAT(put, type, var, what)                                                        \
	JSON_PUT(put##_kind, type, var, json_kind(j, key, what))                                   \
	JSON_PUT(put##_local, type, var, json_local(j, key, what))                                 \
	JSON_PUT(put##_peer, type, var, json_peer(j, key, what))

/* Their rows. */
#define JSON_WHAT_FIELDS(put)                                                                      \
	{"kind",                                                                                   \
	 JSON_STRING,                                                                              \
	 false,                                                                                    \
	 put##_kind,                                                                               \
	 "of the file: path, char, block, mqueue, anon, pipe, inet, unix, socket, pidfd, epoll",   \
	 NULL},                                                                                    \
		{"local",                                                                          \
		 JSON_OBJECT,                                                                      \
		 false,                                                                            \
		 put##_local,                                                                      \
		 "of an internet socket: its own end",                                             \
		 &json_address},                                                                   \
	{                                                                                          \
		"peer", JSON_OBJECT, false, put##_peer, "and the other end", &json_address         \
	}

#endif
