/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>

int fail(struct failure *f, int err, const char *hint, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->what, sizeof(f->what), fmt, args);
	va_end(args);
	f->hint = hint;
	f->err = err;
	return err;
}
