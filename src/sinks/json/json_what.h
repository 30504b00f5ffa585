/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_what.h - a file: its text, and what it is, its kind and the ends of a socket.
 */
#ifndef ET_JSON_WHAT_H
#define ET_JSON_WHAT_H

#include "event/event.h"
#include "sinks/json/json_table.h"

extern const struct json_object json_socket_end;

/* Each writes nothing where it is not known. */
void json_kind(struct json *j, const char *name, const struct file_what *w);
void json_deleted(struct json *j, const char *name, const struct file_what *w);
void json_local(struct json *j, const char *name, const char *text, const struct file_what *w);
void json_peer(struct json *j, const char *name, const struct file_what *w);

/*
 * Put functions, whose names begin with put, of an object made from a struct type, which is called
 * var in text and in what: those of a file. Where text is NULL there is none, and what is not asked.
 */
#define JSON_PUT_FILE(put, type, var, text, what)                                                  \
	JSON_PUT_IF(put##_file, type, var, text, json_file(j, key, text, (what)->deleted))         \
	JSON_PUT_IF(put##_kind, type, var, text, json_kind(j, key, what))                          \
	JSON_PUT_IF(put##_deleted, type, var, text, json_deleted(j, key, what))                    \
	JSON_PUT_IF(put##_local, type, var, text, json_local(j, key, text, what))                  \
	JSON_PUT_IF(put##_peer, type, var, text, json_peer(j, key, what))

/* Their rows: "file", "kind" and so on, behind a prefix; about: of the file. */
#define JSON_FILE_FIELDS(put, prefix, about)                                                       \
	{prefix "file", JSON_STRING, false, put##_file, about, NULL},                              \
		{prefix "kind",                                                                    \
		 JSON_STRING,                                                                      \
		 false,                                                                            \
		 put##_kind,                                                                       \
		 "of that file: path, char, block, mqueue, anon, pipe, inet, unix, socket, "       \
		 "pidfd, epoll",                                                                   \
		 NULL},                                                                            \
		{prefix "deleted",                                                                 \
		 JSON_BOOL,                                                                        \
		 false,                                                                            \
		 put##_deleted,                                                                    \
		 "true: its path was unlinked",                                                    \
		 NULL},                                                                            \
		{prefix "local",                                                                   \
		 JSON_OBJECT,                                                                      \
		 false,                                                                            \
		 put##_local,                                                                      \
		 "of an internet or a unix socket: its own end",                                   \
		 &json_socket_end},                                                                \
	{                                                                                          \
		prefix "peer", JSON_OBJECT, false, put##_peer,                                     \
			"and the other end, where there is one", &json_socket_end                  \
	}

#endif
