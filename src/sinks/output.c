/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/output.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_BYTES (64 * 1024)
#define PIECE_BYTES (4 * 1024 * 1024)

/* A descriptor that another program set O_NONBLOCK on must not lose lines. */
static int await_writable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	return poll(&p, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

/* Bytes of the last line, if it has no end, when so much of the buffer has been written. */
static size_t part_of_line(const struct output *o, size_t written)
{
	const char *end = written ? memrchr(o->buf.data, '\n', written) : NULL;

	return end ? (size_t)(o->buf.data + written - end - 1) : o->begun + written;
}

/*
 * Takes a line that was written in part out of a regular file again. If somebody has truncated
 * the file since the line began there is less of it, and nothing else.
 */
static void cut_last_line(const struct output *o, size_t written)
{
	off_t part = part_of_line(o, written);
	struct stat st;

	if (!part || fstat(o->fd, &st) || !S_ISREG(st.st_mode))
		return;
	if (ftruncate(o->fd, st.st_size > part ? st.st_size - part : 0))
		return; /* then a part of a line stays */
}

int output_flush(struct output *o)
{
	ssize_t n;

	if (o->buf.failed && !o->err)
		o->err = -ENOMEM;
	while (!o->err && o->done < o->buf.len) {
		n = write(o->fd, o->buf.data + o->done, o->buf.len - o->done);
		if (n >= 0)
			o->done += n;
		else if (errno == EAGAIN)
			o->err = await_writable(o->fd);
		else if (errno != EINTR)
			o->err = -errno;
	}
	if (o->err)
		cut_last_line(o, o->done);
	o->begun = part_of_line(o, o->done);
	o->buf.len = 0;
	o->done = 0;
	return o->err;
}

size_t output_pending(const struct output *o)
{
	return o->buf.len > o->done ? o->buf.len - o->done : 0;
}

int output_piece_done(struct output *o)
{
	return o->buf.len >= PIECE_BYTES ? output_flush(o) : o->err;
}

int output_line_done(struct output *o)
{
	return o->buf.len >= FLUSH_BYTES ? output_flush(o) : o->err;
}
