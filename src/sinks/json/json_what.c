/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_what.h"

#include "event/names.h"

#include <arpa/inet.h>

static void append_address(struct json *j, const char *key, const void *from)
{
	const struct file_address *a = from;
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(a->v6 ? AF_INET6 : AF_INET, a->bytes, text, sizeof(text));
	json_string(j, key, text);
}

JSON_APPEND(append_port, file_address, a, json_u64(j, key, a->port))

static const struct json_object json_address = {
	.type = "address",
	.is_part = true,
	.about = "an end of an internet socket",
	.fields =
		(const struct json_field[]){
			{"address", JSON_STRING, true, append_address, "of IPv4 or IPv6", NULL},
			{"port", JSON_INTEGER, true, append_port, "0: none", NULL},
			{.name = NULL},
		},
};

/* What the end of a unix socket is made from. */
struct unix_end {
	uint64_t inode;
	bool abstract;
	const char *name; /* NULL: none is known */
	size_t name_len;
};

JSON_APPEND(append_inode, unix_end, e, json_u64(j, key, e->inode))
JSON_APPEND_IF(append_path, unix_end, e, e->name && !e->abstract,
	       json_text(j, key, e->name, e->name_len))
JSON_APPEND_IF(append_abstract, unix_end, e, e->name && e->abstract,
	       json_text(j, key, e->name, e->name_len))

static const struct json_object json_unix_end = {
	.type = "unix_end",
	.is_part = true,
	.about = "an end of a unix socket",
	.fields =
		(const struct json_field[]){
			{"inode", JSON_INTEGER, true, append_inode,
			 "number of the socket, as in /proc/net/unix", NULL},
			{"path", JSON_STRING, false, append_path,
			 "of its own end: what it is bound to, or its listener is, escaped as in C",
			 NULL},
			{"abstract", JSON_STRING, false, append_abstract,
			 "the same of a name that is no path, without the NUL before it", NULL},
			{.name = NULL},
		},
};

const struct json_object json_socket_end = {
	.type = "socket_end",
	.is_part = true,
	.about = "an end of a socket",
	.either = (const struct json_object *const[]){&json_address, &json_unix_end, NULL},
};

void json_kind(struct json *j, const char *name, const struct file_what *w)
{
	const char *kind = file_kind_name(w->kind);

	if (kind)
		json_string(j, name, kind);
}

void json_deleted(struct json *j, const char *name, const struct file_what *w)
{
	if (w->deleted)
		json_bool(j, name, true);
}

static void append_inet_end(struct json *j, const char *name, const struct file_address *a)
{
	if (a->known)
		json_append_object(j, name, &json_address, a);
}

static void append_unix_end(struct json *j, const char *name, const struct unix_end *e)
{
	if (e->inode)
		json_append_object(j, name, &json_unix_end, e);
}

void json_local(struct json *j, const char *name, const char *text, const struct file_what *w)
{
	const struct unix_ends *u = &w->unix_ends;

	if (w->kind == FILE_INET)
		append_inet_end(j, name, &w->inet_ends.local);
	else if (w->kind == FILE_UNIX)
		append_unix_end(j, name,
				&(struct unix_end){
					.inode = u->inode,
					.abstract = u->abstract,
					.name = u->name_at ? text + u->name_at : NULL,
					.name_len = u->name_len,
				});
}

void json_peer(struct json *j, const char *name, const struct file_what *w)
{
	if (w->kind == FILE_INET)
		append_inet_end(j, name, &w->inet_ends.peer);
	else if (w->kind == FILE_UNIX)
		append_unix_end(j, name, &(struct unix_end){.inode = w->unix_ends.peer_inode});
}
