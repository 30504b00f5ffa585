/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_what.h"

#include "event/names.h"

#include <arpa/inet.h>

static void put_address(struct json *j, const char *key, const void *from)
{
	const struct file_address *a = from;
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(a->v6 ? AF_INET6 : AF_INET, a->bytes, text, sizeof(text));
	json_string(j, key, text);
}

JSON_PUT(put_port, file_address, a, json_u64(j, key, a->port))

const struct json_object json_address = {
	.type = "address",
	.is_part = true,
	.about = "an end of an internet socket",
	.fields =
		(const struct json_field[]){
			{"address", JSON_STRING, true, put_address, "of IPv4 or IPv6", NULL},
			{"port", JSON_INTEGER, true, put_port, "0: none", NULL},
			{.name = NULL},
		},
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

void json_local(struct json *j, const char *name, const struct file_what *w)
{
	if (w->local.known)
		json_put(j, name, &json_address, &w->local);
}

void json_peer(struct json *j, const char *name, const struct file_what *w)
{
	if (w->peer.known)
		json_put(j, name, &json_address, &w->peer);
}
