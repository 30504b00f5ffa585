/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One write a message, so that it is not torn by what a traced COMMAND writes to the same stderr. */
static void print(const char *prefix, const char *fmt, va_list args)
{
	char line[1024];
	int n = snprintf(line, sizeof(line) - 1, "%s", prefix);
	int m = vsnprintf(line + n, sizeof(line) - 1 - n, fmt, args);

	if (m < 0)
		return;
	n += m;
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* nobody is left to be told */
}

void log_message(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print("epolltrace: ", fmt, args);
	va_end(args);
}

void log_hint(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print("    ", fmt, args);
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
