/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "event/names.h"

#include <sys/epoll.h>

/* Not in the C library's header; never reported (include/uapi/linux/eventpoll.h). */
#define EPOLLNVAL 0x20u

struct name {
	uint32_t value;
	const char *text;
};

/* In strace's order. */
static const struct name event_names[] = {
	{EPOLLIN, "EPOLLIN"},
	{EPOLLPRI, "EPOLLPRI"},
	{EPOLLOUT, "EPOLLOUT"},
	{EPOLLERR, "EPOLLERR"},
	{EPOLLHUP, "EPOLLHUP"},
	{EPOLLNVAL, "EPOLLNVAL"},
	{EPOLLRDNORM, "EPOLLRDNORM"},
	{EPOLLRDBAND, "EPOLLRDBAND"},
	{EPOLLWRNORM, "EPOLLWRNORM"},
	{EPOLLWRBAND, "EPOLLWRBAND"},
	{EPOLLMSG, "EPOLLMSG"},
	{EPOLLRDHUP, "EPOLLRDHUP"},
	{EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"},
	{EPOLLWAKEUP, "EPOLLWAKEUP"},
	{EPOLLONESHOT, "EPOLLONESHOT"},
	{EPOLLET, "EPOLLET"},
	{0, NULL},
};

static const struct name create_names[] = {
	{EPOLL_CLOEXEC, "EPOLL_CLOEXEC"},
	{0, NULL},
};

static const struct name op_names[] = {
	{EPOLL_CTL_ADD, "EPOLL_CTL_ADD"},
	{EPOLL_CTL_DEL, "EPOLL_CTL_DEL"},
	{EPOLL_CTL_MOD, "EPOLL_CTL_MOD"},
	{0, NULL},
};

#define CALL_NAME(id, name, set) [CALL_##id] = #name,
static const char *const call_names[CALL_COUNT] = {EPOLL_CALLS(CALL_NAME)};
#undef CALL_NAME

const char *call_name(enum call_id id)
{
	return call_names[id];
}

const char *file_kind_name(enum file_kind kind)
{
	static const char *const names[FILE_KINDS] = {
		[FILE_PATH] = "path",	  [FILE_CHAR] = "char",	     [FILE_BLOCK] = "block",
		[FILE_MQUEUE] = "mqueue", [FILE_ANON] = "anon",	     [FILE_PIPE] = "pipe",
		[FILE_INET] = "inet",	  [FILE_UNIX] = "unix",	     [FILE_SOCKET] = "socket",
		[FILE_PIDFD] = "pidfd",	  [FILE_INSTANCE] = "epoll",
	};

	return names[kind];
}

int call_from_name(const char *name, size_t len)
{
	for (int i = 0; i < CALL_COUNT; i++)
		if (strlen(call_names[i]) == len && !memcmp(call_names[i], name, len))
			return i;
	return -1;
}

static void name_flags(struct buf *b, uint32_t flags, const struct name *names, const char *unknown)
{
	uint32_t left = flags;

	for (; names->text; names++) {
		if (!(left & names->value))
			continue;
		if (left != flags)
			buf_char(b, '|');
		buf_str(b, names->text);
		left &= ~names->value;
	}
	if (!flags) {
		buf_char(b, '0');
	} else if (left == flags) {
		buf_hex(b, left);
		buf_str(b, unknown);
	} else if (left) {
		buf_char(b, '|');
		buf_hex(b, left);
	}
}

void name_events(struct buf *b, uint32_t events)
{
	if (events == EPOLLIN)
		buf_append(b, "EPOLLIN", 7); /* nearly always */
	else
		name_flags(b, events, event_names, " /* EPOLL??? */");
}

void name_create_flags(struct buf *b, uint32_t flags)
{
	name_flags(b, flags, create_names, " /* EPOLL_??? */");
}

void name_ctl_op(struct buf *b, int op)
{
	for (const struct name *n = op_names; n->text; n++) {
		if (n->value == (uint32_t)op) {
			buf_str(b, n->text);
			return;
		}
	}
	if (op)
		buf_hex(b, (uint32_t)op);
	else
		buf_char(b, '0');
	buf_str(b, " /* EPOLL_CTL_??? */");
}

const char *errno_name(int err)
{
	return err == ERRNO_RESTART ? "ERESTARTSYS" : strerrorname_np(err);
}

void name_errno(struct buf *b, int err)
{
	const char *name = strerrorname_np(err);

	if (err == ERRNO_RESTART) {
		buf_str(b, "ERESTARTSYS (To be restarted if SA_RESTART is set)");
	} else if (name) {
		buf_str(b, name);
		buf_str(b, " (");
		buf_str(b, strerrordesc_np(err));
		buf_char(b, ')');
	} else {
		buf_str(b, "ERRNO_");
		buf_u64(b, err);
	}
}
