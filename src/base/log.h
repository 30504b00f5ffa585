/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * log.h - the tool's own messages: one line each on stderr, never on stdout.
 */
#ifndef ET_LOG_H
#define ET_LOG_H

/* Prints "epolltrace: " and the message, which is lowercase and has no newline of its own. */
void log_message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints a second line after a message: what can be done about it. */
void log_hint(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The text of an errno, beginning in lowercase: "no such file or directory". err may be negative. */
const char *log_errno(int err);

#endif
