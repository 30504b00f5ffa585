/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * version.h - what the tool calls itself. The Makefile sets the version.
 */
#ifndef ET_VERSION_H
#define ET_VERSION_H

#ifndef ET_VERSION
#define ET_VERSION "0.1.0"
#endif

#define ET_TOOL "epolltrace " ET_VERSION

#endif
