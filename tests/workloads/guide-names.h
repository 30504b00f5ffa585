/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guide-names.h: what strace -yy says of a descriptor, from what the process itself can ask the
 * kernel: getsockname, getpeername, fstat, and the paths that it opened.
 */
#ifndef GUIDE_NAMES_H
#define GUIDE_NAMES_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "guide-calls.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
};

static inline unsigned long inode_of(int fd)
{
	struct stat st;

	must(fstat(fd, &st) == 0);
	return st.st_ino;
}

static inline void name_endpoint(FILE *out, const union address *a)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (a->any.sa_family == AF_INET6) {
		must(inet_ntop(AF_INET6, &a->v6.sin6_addr, text, sizeof(text)));
		fprintf(out, "[%s]:%u", text, ntohs(a->v6.sin6_port));
	} else {
		must(inet_ntop(AF_INET, &a->v4.sin_addr, text, sizeof(text)));
		fprintf(out, "%s:%u", text, ntohs(a->v4.sin_port));
	}
}

/* TCP and UDP. A socket without an address shows its inode's number. */
static inline void name_inet(FILE *out, int fd)
{
	union address own, peer;
	socklen_t len = sizeof(own);
	int type = 0;
	socklen_t type_len = sizeof(type);

	must(getsockname(fd, &own.any, &len) == 0);
	must(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0);
	fprintf(out, "%s%s:[", type == SOCK_STREAM ? "TCP" : "UDP",
		own.any.sa_family == AF_INET6 ? "v6" : "");
	len = sizeof(peer);
	if (!own.v4.sin_port) { /* at the same place in both families */
		fprintf(out, "%lu", inode_of(fd));
	} else {
		name_endpoint(out, &own);
		if (getpeername(fd, &peer.any, &len) == 0) {
			fputs("->", out);
			name_endpoint(out, &peer);
		}
	}
	fputc(']', out);
}

/* PEER: the descriptor of the other end, or -1. */
static inline void name_unix(FILE *out, int fd, int peer)
{
	union address own;
	socklen_t len = sizeof(own);
	size_t head = offsetof(struct sockaddr_un, sun_path);
	int type = 0;
	socklen_t type_len = sizeof(type);

	must(getsockname(fd, &own.any, &len) == 0);
	must(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0);
	fprintf(out, "UNIX-%s:[%lu",
		type == SOCK_STREAM  ? "STREAM"
		: type == SOCK_DGRAM ? "DGRAM"
				     : "SEQPACKET",
		inode_of(fd));
	if (peer >= 0)
		fprintf(out, "->%lu", inode_of(peer));
	if (len > head) {
		bool abstract = !own.un.sun_path[0];
		size_t bytes = abstract ? len - head - 1 : strlen(own.un.sun_path);

		fprintf(out, ",%s\"", abstract ? "@" : "");
		sg_quoted(out, own.un.sun_path + abstract, bytes, "");
		fputc('"', out);
	}
	fputc(']', out);
}

/* Something opened by PATH, which has no symbolic link in it. */
static inline void name_path(FILE *out, int fd, const char *path)
{
	struct stat st;

	must(fstat(fd, &st) == 0);
	sg_quoted(out, path, strlen(path), "<>");
	if (S_ISCHR(st.st_mode))
		fprintf(out, "<char %u:%u>", major(st.st_rdev), minor(st.st_rdev));
	if (st.st_nlink == 0)
		fputs(" (deleted)", out);
}

#endif
