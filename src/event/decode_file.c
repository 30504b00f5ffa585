/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "event/decode_internal.h"

#include "event/event.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#define QUOTE_ALSO "<>" /* as strace: they end the annotation */

static void append_address(struct buf *b, const struct et_file *f, const uint8_t *addr,
			   uint16_t port)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(f->family, addr, text, sizeof(text));
	buf_str(b, f->family == AF_INET6 ? "[" : "");
	buf_str(b, text);
	buf_str(b, f->family == AF_INET6 ? "]:" : ":");
	buf_u64(b, port);
}

/* The kernel has one name for two types of unix sockets. */
static const char *unix_type(const struct et_file *f)
{
	if (f->family != AF_UNIX || strncmp(f->proto, "UNIX", sizeof(f->proto)))
		return "";
	return f->rdev == SOCK_DGRAM ? "-DGRAM" : f->rdev == SOCK_SEQPACKET ? "-SEQPACKET" : "";
}

/* What the text has before its first number. */
static void end_family(const struct buf *b, struct file_what *w)
{
	w->family_len = b->len;
}

static void append_protocol(struct buf *b, const struct et_file *f, struct file_what *w)
{
	size_t n = strnlen(f->proto, sizeof(f->proto));

	if (n)
		buf_escaped(b, f->proto, n, QUOTE_ALSO);
	else
		buf_str(b, "socket");
	buf_str(b, unix_type(f));
	end_family(b, w);
	buf_str(b, ":[");
}

/* As strace has it: "NETLINK:[ROUTE:17408]". */
static void netlink_text(struct buf *b, const struct et_file *f, struct file_what *w)
{
	static const char *const families[] = {
		[NETLINK_ROUTE] = "ROUTE",
		[NETLINK_USERSOCK] = "USERSOCK",
		[NETLINK_SOCK_DIAG] = "SOCK_DIAG",
		[NETLINK_NFLOG] = "NFLOG",
		[NETLINK_XFRM] = "XFRM",
		[NETLINK_SELINUX] = "SELINUX",
		[NETLINK_ISCSI] = "ISCSI",
		[NETLINK_AUDIT] = "AUDIT",
		[NETLINK_FIB_LOOKUP] = "FIB_LOOKUP",
		[NETLINK_CONNECTOR] = "CONNECTOR",
		[NETLINK_NETFILTER] = "NETFILTER",
		[NETLINK_KOBJECT_UEVENT] = "KOBJECT_UEVENT",
		[NETLINK_GENERIC] = "GENERIC",
		[NETLINK_CRYPTO] = "CRYPTO",
	};
	const size_t count = sizeof(families) / sizeof(families[0]);

	append_protocol(b, f, w);
	if (f->sport < count && families[f->sport])
		buf_str(b, families[f->sport]);
	else
		buf_u64(b, f->sport);
	buf_char(b, ':');
	buf_u64(b, f->peer_ino);
	buf_char(b, ']');
}

static bool is_connected(const struct et_file *f)
{
	static const uint8_t none[16];

	return f->dport || memcmp(f->daddr, none, sizeof(none));
}

static void inet_text(struct buf *b, const struct et_file *f, struct file_what *w)
{
	bool connected = is_connected(f);

	append_protocol(b, f, w);
	if (!f->sport && !connected) {
		buf_u64(b, f->ino); /* not bound: it has no address to print */
	} else {
		append_address(b, f, f->saddr, f->sport);
		if (connected) {
			buf_str(b, "->");
			append_address(b, f, f->daddr, f->dport);
		}
	}
	buf_char(b, ']');
}

static void unix_text(struct buf *b, const struct et_file *f, const char *name, size_t len,
		      struct file_what *w)
{
	bool abstract = len && !name[0];

	append_protocol(b, f, w);
	buf_u64(b, f->ino);
	if (f->peer_ino) {
		buf_str(b, "->");
		buf_u64(b, f->peer_ino);
	}
	if (!abstract)
		len = strnlen(name, len);
	while (len > 1 && !name[len - 1])
		len--; /* an abstract name bound with its NUL */
	if (len) {
		buf_str(b, abstract ? ",@\"" : ",\"");
		w->unix_ends.name_at = b->len;
		buf_escaped(b, name + abstract, len - abstract, "");
		w->unix_ends.name_len = b->len - w->unix_ends.name_at;
		w->unix_ends.abstract = abstract;
		buf_char(b, '"');
	}
	buf_char(b, ']');
}

/* Components come leaf first, each ended by NUL; a file system without a root has just a name. */
static void path_text(struct buf *b, const struct et_file *f, const char *name, size_t len,
		      struct file_what *w)
{
	size_t end = len;

	if (f->flags & ET_FILE_MQUEUE) {
		buf_str(b, "mqueue");
		end_family(b, w);
		buf_char(b, ':');
	}
	if (f->flags & ET_FILE_CUT)
		buf_str(b, "...");
	else if (!len)
		buf_char(b, '/');
	while (end) {
		size_t start = end - 1;

		while (start && name[start - 1])
			start--;
		buf_char(b, '/');
		buf_escaped(b, name + start, strnlen(name + start, end - start), QUOTE_ALSO);
		end = start;
	}
	if (f->flags & (ET_FILE_CHAR | ET_FILE_BLOCK))
		buf_printf(b, "<%s %u:%u>", f->flags & ET_FILE_CHAR ? "char" : "block",
			   f->rdev >> 20, f->rdev & 0xfffff);
}

static void pipe_text(struct buf *b, const struct et_file *f, struct file_what *w)
{
	buf_str(b, "pipe");
	end_family(b, w);
	buf_printf(b, ":[%llu]", (unsigned long long)f->ino);
}

static void socket_text(struct buf *b, const struct et_file *f, struct file_what *w)
{
	if (f->family == AF_NETLINK) {
		netlink_text(b, f, w);
		return;
	}
	append_protocol(b, f, w);
	buf_u64(b, f->ino);
	buf_char(b, ']');
}

static void pidfd_text(struct buf *b, const struct et_file *f, struct file_what *w)
{
	buf_str(b, "pid");
	end_family(b, w);
	if (f->flags & ET_FILE_REAPED)
		buf_str(b, ":-1"); /* as its fdinfo */
	else
		buf_printf(b, ":%llu", (unsigned long long)f->ino);
}

/* What stands between < and > in strace -yy's notation; nothing for an instance. */
static void file_text(struct buf *b, const struct et_file *f, const char *name, size_t name_len,
		      struct file_what *w)
{
	switch ((enum et_file_kind)f->kind) {
	case ET_FILE_NONE:
	case ET_FILE_EPOLL:
		break;
	case ET_FILE_PATH:
		path_text(b, f, name, name_len, w);
		break;
	case ET_FILE_ANON:
		buf_str(b, "anon_inode:");
		buf_escaped(b, name, name_len, QUOTE_ALSO);
		break;
	case ET_FILE_PIPE:
		pipe_text(b, f, w);
		break;
	case ET_FILE_INET:
		inet_text(b, f, w);
		break;
	case ET_FILE_UNIX:
		unix_text(b, f, name, name_len, w);
		break;
	case ET_FILE_SOCK:
		socket_text(b, f, w);
		break;
	case ET_FILE_PIDFD:
		pidfd_text(b, f, w);
		break;
	}
}

static enum file_kind path_kind(const struct et_file *f)
{
	if (f->flags & ET_FILE_MQUEUE)
		return FILE_MQUEUE;
	if (f->flags & ET_FILE_CHAR)
		return FILE_CHAR;
	return f->flags & ET_FILE_BLOCK ? FILE_BLOCK : FILE_PATH;
}

static enum file_kind kind_of(const struct et_file *f)
{
	switch ((enum et_file_kind)f->kind) {
	case ET_FILE_NONE:
		break;
	case ET_FILE_PATH:
		return path_kind(f);
	case ET_FILE_ANON:
		return FILE_ANON;
	case ET_FILE_PIPE:
		return FILE_PIPE;
	case ET_FILE_EPOLL:
		return FILE_INSTANCE;
	case ET_FILE_INET:
		return FILE_INET;
	case ET_FILE_UNIX:
		return FILE_UNIX;
	case ET_FILE_SOCK:
		return FILE_SOCKET;
	case ET_FILE_PIDFD:
		return FILE_PIDFD;
	}
	return FILE_UNKNOWN;
}

static void take_address(struct file_address *a, const struct et_file *f, const uint8_t *bytes,
			 uint16_t port)
{
	memcpy(a->bytes, bytes, sizeof(a->bytes));
	a->port = port;
	a->v6 = f->family == AF_INET6;
	a->known = true;
}

static void take_inet(struct file_what *w, const struct et_file *f)
{
	if (f->family != AF_INET && f->family != AF_INET6)
		return;
	if (f->sport || is_connected(f))
		take_address(&w->inet_ends.local, f, f->saddr, f->sport);
	if (is_connected(f))
		take_address(&w->inet_ends.peer, f, f->daddr, f->dport);
}

static struct file_what file_what(const struct et_file *f)
{
	struct file_what w = {
		.kind = kind_of(f),
		.deleted = f->kind == ET_FILE_PATH && f->flags & ET_FILE_DELETED,
	};

	if (w.kind == FILE_INET)
		take_inet(&w, f);
	if (w.kind == FILE_UNIX)
		w.unix_ends = (struct unix_ends){.inode = f->ino, .peer_inode = f->peer_ino};
	return w;
}

/* There is no text for which memory had room. */
static void forget_text(struct file_what *w)
{
	w->family_len = 0;
	if (w->kind == FILE_UNIX)
		w->unix_ends.name_at = w->unix_ends.name_len = 0;
}

int decode_file(struct buf *text, const struct et_file *f, const char *name, size_t room,
		struct file *ret)
{
	if (f->name_len > room || f->kind > ET_FILE_PIDFD)
		return -EBADMSG;
	ret->what = file_what(f);
	text->len = 0;
	file_text(text, f, name, f->name_len, &ret->what);
	buf_char(text, 0);
	ret->addr = f->addr;
	ret->ep = f->ep;
	ret->ino = f->ino;
	ret->text = text->data;
	if (text->failed) {
		ret->text = "?";
		forget_text(&ret->what);
	}
	return 0;
}
