/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * facts.h - what several rules ask of the model. All of it is as of the last scan of descriptors.
 */
#ifndef ET_FACTS_H
#define ET_FACTS_H

#include "rules/rule.h"

#include <sys/epoll.h>

#define INPUT  (EPOLLIN | EPOLLRDNORM)
#define OUTPUT (EPOLLOUT | EPOLLWRNORM)

/* Did the last scan observe the entry's file, with what waits in it? */
bool fact_known(const struct rules *r, const struct entry *e);

/* Edge-triggered, and armed for input. */
bool fact_edge(const struct entry *e);

/*
 * May what waits in its file have been delivered? Not if no wait has reported the entry since it
 * was added, or since a scan showed that nothing waited: it was another instance's to take, as with
 * EPOLLEXCLUSIVE.
 */
bool fact_delivered(const struct rules *r, const struct entry *e);

/* When a wait last returned events that are not known, and may have been of the entry; 0: never. */
uint64_t fact_unread_ns(const struct rules *r, const struct entry *e);

/* Is it known that no wait has reported the entry? */
bool fact_never_delivered(const struct rules *r, const struct entry *e);

/* Does input wait that EPOLLET has reported already, so that no event will come for it? */
bool fact_edge_passed(const struct rules *r, const struct entry *e);

/*
 * Is it registered once and for all, as by runtimes that cache readiness? They come back without an
 * event, and the thread that waits hands the work to others.
 */
bool fact_registered_once(const struct entry *e);

/* Input waits: bytes, messages, connections; of bytes not less than SO_RCVLOWAT. */
bool fact_input_waits(const struct entry *e);

/*
 * Is it armed for input that will not be reported again, and does nothing show whether input waits?
 * That is so with files whose input only the program sees, and sockets with a layer (kTLS, sockmap)
 * that takes the bytes first. A pidfd ends once, an instance has entries of its own.
 */
bool fact_opaque(const struct rules *r, const struct entry *e);

/* Has the last scan observed a socket at that number which nothing watches? */
bool fact_stray(const struct rules *r, const struct lapse *at);

/* How long nobody has taken input from it, as far as scans can tell; ns. */
uint64_t fact_stray_quiet_ns(const struct rules *r, const struct lapse *at);

/* How long nobody has taken input, or given output, as far as scans can tell; ns. */
uint64_t fact_quiet_ns(const struct rules *r, const struct entry *e);
uint64_t fact_unwritten_ns(const struct rules *r, const struct entry *e);

/* Are all threads that wait on the instance in their waits? For how long the first of them; ns. */
bool fact_idle(const struct instance *inst);
uint64_t fact_waits_ns(const struct rules *r, const struct instance *inst);

/* For how long all threads of that process are parked without time-out; ns. */
uint64_t fact_process_parked_ns(const struct rules *r, uint32_t pid);

/* For how long all threads of the processes that wait on it are parked without time-out; ns. */
uint64_t fact_parked_ns(const struct rules *r, const struct instance *inst);

/*
 * Does output of something find no room that the process which waits on the instance watches, by
 * whatever instance? Then input may be left on purpose.
 */
bool fact_output_blocked(struct rules *r, const struct instance *inst);

/* The same of a process. */
bool fact_backpressured(struct rules *r, uint32_t pid);

/* The instance that an entry's file is, as of the last scans; NULL: none, or not known. */
const struct instance *fact_inner(const struct rules *r, const struct entry *e);

/* "3001 bytes unread", "2 messages of no bytes unread": what waits in a file. Returns text. */
#define UNREAD_TEXT 64
const char *unread_text(char text[UNREAD_TEXT], const struct pending *p);

/* "5<pipe:[1]>": an entry's number and file. Returns text. */
#define ENTRY_TEXT 160
const char *entry_text(char text[ENTRY_TEXT], const struct entry *e);

/* How long the waiting thread has waited: "thread 7 blocked in epoll_wait for 1.0 s". */
void evidence_waiter(struct rules *r, struct finding *f, const struct instance *inst);

/*
 * Was its last write observed to be short? Of calls with several buffers only EAGAIN shows that.
 */
bool fact_cut_short(const struct entry *e);

/* Could the trace see it: FEATURE_IO and the like? */
bool fact_feature(const struct rules *r, const char *name);

/*
 * Has the process, since the entry's last event, set a timer, or armed or written to a file that has
 * had no event since? Then it may come back to the entry when that comes.
 */
bool fact_awaits_other(const struct rules *r, const struct entry *e);

/* May a timer wake the instance: is there one in it, or has a wait on it a time-out? */
bool fact_timer(const struct rules *r, const struct instance *inst);

/* "last read: recvfrom(11, ..., 1000) = 1000, 3.2 s ago by thread 7"; nothing if none was observed. */
void evidence_io(struct rules *r, struct finding *f, const char *what, const struct io_side *side);

/*
 * "O_NONBLOCK was taken away by fcntl(11, ...), 3.2 s ago by thread 7", "last change: shutdown(11,
 * ...), ..."; nothing if no such call was observed.
 */
void evidence_change(struct rules *r, struct finding *f, const struct entry *e);

/*
 * Was shutdown(2) observed with this how, SHUT_RD or SHUT_WR, or with SHUT_RDWR? Then the program
 * wants no more of it.
 */
bool fact_shut_down(const struct rules *r, const struct entry *e, int how);

/* Would no event report that its output has room again? The program does not ask for EPOLLOUT. */
bool fact_room_unreported(const struct rules *r, const struct entry *e);

/* Did it ask for that, and has EPOLLONESHOT disarmed the entry since? */
bool fact_room_disarmed(const struct rules *r, const struct entry *e);

/*
 * The suspicion of that rule that output which found no room has room again, and that nobody has
 * written since; NULL: it is not so. memory[0] and [1] of the finding are used for it.
 */
struct finding *suspect_room(struct rules *r, enum rule_id id, const struct entry *e);

/* Begins that suspicion before a scan has shown it: the program has asked for room in vain. */
void suspect_no_room(struct rules *r, enum rule_id id, const struct entry *e);

/* A duration in seconds, to be printed with %.1f. */
static inline double seconds(uint64_t ns)
{
	return ns / 1e9;
}

/* The process that waits on it, or else has used it last; 0: not known. */
uint32_t fact_pid(const struct rules *r, const struct instance *inst);

/* The process whose instance it is: which waits on it, uses it, or holds it; NULL: not known. */
const struct process *fact_process(const struct rules *r, const struct instance *inst);

/* Is the process stopped, or frozen with its cgroup? Then nothing can happen in it. */
bool fact_halted(const struct rules *r, uint32_t pid);

#endif
