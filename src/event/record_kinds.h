/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * record_kinds.h - the one list of the kinds of records that enum et_kind (bpf/wire.h) numbers.
 *
 * RECORD(KIND, name, shape, messages) stands for
 *   ET_KIND_KIND, a struct et_name, which decode_name() makes an EVENT_KIND
 *   shape: EXACT, the structure; OPEN, a name or an array may follow it; FROM_NAME, the structure
 *   ends with a name of any length
 *   messages: can a message on stderr depend on ALL such records, on the FIRST of each process, or
 *   on NONE?
 */
#ifndef ET_RECORD_KINDS_H
#define ET_RECORD_KINDS_H

#define RECORD_KINDS(RECORD)                                                                       \
	RECORD(START, start, EXACT, ALL)                                                           \
	RECORD(FEATURE, feature, EXACT, ALL)                                                       \
	RECORD(SYSCALLS, syscalls, OPEN, ALL)                                                      \
	RECORD(TARGET, target, EXACT, ALL)                                                         \
	RECORD(TICK, tick, EXACT, ALL)                                                             \
	RECORD(CLOCK, clock, EXACT, ALL)                                                           \
	RECORD(LOST, lost, EXACT, ALL)                                                             \
	RECORD(SCAN, scan, EXACT, ALL)                                                             \
	RECORD(FDINFO, fdinfo, EXACT, NONE)                                                        \
	RECORD(END, end, EXACT, ALL)                                                               \
	RECORD(CREATE, create, EXACT, FIRST)                                                       \
	RECORD(CTL, ctl, FROM_NAME, FIRST)                                                         \
	RECORD(WAIT, wait, OPEN, FIRST)                                                            \
	RECORD(INFLIGHT, inflight, EXACT, FIRST)                                                   \
	RECORD(CLOSE, close, EXACT, NONE)                                                          \
	RECORD(FORK, fork, EXACT, ALL)                                                             \
	RECORD(EXEC, exec, EXACT, ALL)                                                             \
	RECORD(EXIT, exit, EXACT, ALL)                                                             \
	RECORD(THREAD, thread, OPEN, ALL)                                                          \
	RECORD(INSTANCE, instance, EXACT, NONE)                                                    \
	RECORD(WATCHED, watched, OPEN, NONE)                                                       \
	RECORD(ENTRY, entry, EXACT, NONE)                                                          \
	RECORD(COMM, comm, EXACT, ALL)                                                             \
	RECORD(IO, io, EXACT, NONE)                                                                \
	RECORD(READY, ready, OPEN, NONE)                                                           \
	RECORD(NOFILE, nofile, EXACT, NONE)

#endif
