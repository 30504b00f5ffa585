/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_what.h - a file: its text, and what it is, its kind and the ends of a socket.
 */
#ifndef ET_JSON_WHAT_H
#define ET_JSON_WHAT_H

#include "event/event.h"
#include "sinks/json/json_table.h"

extern const struct json_object json_socket_end;

/* Each writes nothing if it is not known. */
void json_kind(struct json *j, const char *name, const struct file_what *w);
void json_deleted(struct json *j, const char *name, const struct file_what *w);
void json_local(struct json *j, const char *name, const char *text, const struct file_what *w);
void json_peer(struct json *j, const char *name, const struct file_what *w);

/*
 * Append functions, whose names begin with append, of an object made from a struct type, which is called
 * var in text and in what: those of a file. If text is NULL there is none, and what is not asked.
 */
#define JSON_APPEND_FILE(append, type, var, text, what)                                            \
	JSON_APPEND_IF(append##_file, type, var, text, json_file(j, key, text, (what)->deleted))   \
	JSON_APPEND_IF(append##_kind, type, var, text, json_kind(j, key, what))                    \
	JSON_APPEND_IF(append##_deleted, type, var, text, json_deleted(j, key, what))              \
	JSON_APPEND_IF(append##_local, type, var, text, json_local(j, key, text, what))            \
	JSON_APPEND_IF(append##_peer, type, var, text, json_peer(j, key, what))

/* Their rows: "file", "kind" and so on, after a prefix; about: of the file. */
#define JSON_FILE_FIELDS(append, prefix, about)                                                    \
	{prefix "file", JSON_STRING, false, append##_file, about, NULL},                           \
		{prefix "kind",                                                                    \
		 JSON_STRING,                                                                      \
		 false,                                                                            \
		 append##_kind,                                                                    \
		 "of that file: path, char, block, mqueue, anon, pipe, inet, unix, socket, "       \
		 "pidfd, epoll",                                                                   \
		 NULL},                                                                            \
		{prefix "deleted",                                                                 \
		 JSON_BOOL,                                                                        \
		 false,                                                                            \
		 append##_deleted,                                                                 \
		 "true: its path was unlinked",                                                    \
		 NULL},                                                                            \
		{prefix "local",                                                                   \
		 JSON_OBJECT,                                                                      \
		 false,                                                                            \
		 append##_local,                                                                   \
		 "of an internet or a unix socket: its own end",                                   \
		 &json_socket_end},                                                                \
	{                                                                                          \
		prefix "peer", JSON_OBJECT, false, append##_peer,                                  \
			"and the other end, where there is one", &json_socket_end                  \
	}

#endif
