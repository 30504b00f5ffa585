/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/log.h"

#include "base/buf.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * One write a message, so that it is not torn by what a traced COMMAND writes to the same stderr.
 * Words of the user and of the target stand in messages: none of their bytes may reach a terminal
 * that is not printable, nor make a second line.
 */
static void print_line(const char *prefix, const char *fmt, va_list args)
{
	struct buf line = {0};
	char text[512];

	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		return;
	buf_str(&line, prefix);
	buf_escaped(&line, text, strlen(text), "");
	buf_char(&line, '\n');
	if (write(STDERR_FILENO, line.data, line.len) < 0)
		line.failed = true; /* there is nobody left to report to */
	buf_free(&line);
}

void log_message(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line("epolltrace: ", fmt, args);
	va_end(args);
}

void log_hint(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line("    ", fmt, args);
	va_end(args);
}

const char *log_errno(int err)
{
	static _Thread_local char text[128];
	const char *desc = strerrordesc_np(abs(err));

	if (!desc)
		snprintf(text, sizeof(text), "error %d", abs(err));
	else
		snprintf(text, sizeof(text), "%c%s", tolower((unsigned char)desc[0]), desc + 1);
	return text;
}
