/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the rules mean: for --explain, the manual, and the mend that a finding carries. T is what
 * --stall sets. The manual's sections are made from this, see tests/lib/rules-mdoc.sh.
 */
#include "rules/rules.h"

#include <string.h>

static const struct rule_text lost_edge = {
	.title = "edge-triggered input was delivered and not all of it taken",
	.means = "With EPOLLET an event is told once. What is left unread then gives no further "
		 "event: only new data does. The program waits, its peer waits for an answer, "
		 "and both hang.",
	.evidence = "The entry is armed with EPOLLET and EPOLLIN, bytes wait in the file, it is "
		    "not on the ready list, nobody has read for T, and all who wait on the "
		    "instance wait. A wait must have reported it since it was seen to be "
		    "added, or to have nothing to read. It is an error where for 5 T every thread "
		    "of the process is "
		    "parked in epoll or a futex without time-out and the file was never read "
		    "without an event, or where twice old bytes were read only after a new event. "
		    "Else it is a note, as where the process waits for an answer or a timer that "
		    "it has asked for since the event.",
	.not_it = "Runtimes that cache readiness (Go, tokio, netty, nginx) come back to a socket "
		  "without an event; while their reader is paused they look the same. Where "
		  "output of the process is blocked nothing is told, because input may be left "
		  "on purpose then; where --io sees that the last write was cut short and not "
		  "gone on with, that is lost-write alone. A message that is left in the "
		  "socket until it is whole: where nothing was taken since the event, or, with "
		  "--io, the last call was one with MSG_PEEK or FIONREAD, it stays a note. "
		  "SO_RCVLOWAT says so better.",
	.mend = "read until EAGAIN or a short read before waiting again, or remember that more "
		"may be there",
};

static const struct rule_text lost_eof = {
	.title = "the end of file came with the last data and was not read",
	.means = "A FIN that is queued when the program stops at a short read is not announced "
		 "again, whether EPOLLRDHUP is asked for or not. The connection stays open for "
		 "ever.",
	.evidence = "EPOLLET, the peer has closed its side, nothing is unread, not on the ready "
		    "list, untouched for 10 T: a note, because the kernel does not keep whether a "
		    "read returned 0. With --io it is an error after T where no read returned 0.",
	.not_it = "A program that has read the end of file and keeps its own half of the "
		  "connection on purpose; one that has called shutdown(SHUT_RD), which --io sees.",
	.mend = "at EPOLLRDHUP or EPOLLHUP, and after a short read, read until 0 or EAGAIN",
};

static const struct rule_text lost_accept = {
	.title = "an edge-triggered listener was not accepted from until EAGAIN",
	.means = "One event stands for all connections that have come. Those left in the queue "
		 "wait until another one comes, and are then one behind for good.",
	.evidence = "A listener with EPOLLET has connections in its queue, is not on the ready "
		    "list, nobody has accepted for T, and all who wait on the instance wait. It is "
		    "an error where some connections were accepted after the last event, and none "
		    "was ever seen to be accepted without one, else a note.",
	.not_it = "A server at its limit, which accepts nothing after an event on purpose; "
		  "level-triggered listeners, which are told again.",
	.mend = "accept until EAGAIN at each event",
};

static const struct rule_text lost_write = {
	.title = "output was blocked, and EPOLLOUT is not asked for",
	.means = "A write was short or gave EAGAIN. That there is room again is told only to "
		 "entries that ask for EPOLLOUT, so the rest is never written.",
	.evidence = "One look saw that output found no room, a later one that there is room and "
		    "that nothing was written since, for 3 T, and the program's mask lacks "
		    "EPOLLOUT: a note, because a program may have written all that it had. With "
		    "--io it is an error after T where the last write was short, so that the rest "
		    "is owed; where it gave EAGAIN, a note, and an error when for 5 T every thread "
		    "of the process is parked. A call that asked for EPOLLOUT and failed is named.",
	.not_it = "Programs that try again by a timer, those that ask for EPOLLIN, EPOLLOUT and "
		  "EPOLLET once and for all, and those that have called shutdown(SHUT_WR), which "
		  "--io sees. A publisher that drops what finds no room, which comes back with "
		  "what it has next: where that was seen it stays a note. A program that had asked "
		  "for EPOLLOUT "
		  "and takes it away after its last write: it is done. An entry that asked for "
		  "EPOLLOUT and was disarmed by EPOLLONESHOT is oneshot-not-rearmed's.",
	.mend = "ask for EPOLLOUT while output is queued, and write on when it comes",
};

static const struct rule_text oneshot_not_rearmed = {
	.title = "EPOLLONESHOT has disarmed an entry, and nobody arms it again",
	.means = "After one event such an entry reports nothing more, not even EPOLLHUP or "
		 "EPOLLERR, until EPOLL_CTL_MOD arms it. EPOLL_CTL_ADD gives EEXIST.",
	.evidence = "Only private bits are left in the kernel's mask, input or end of file waits, "
		    "or the program had asked for EPOLLOUT, output found no room and has room "
		    "again; and nobody has touched the file for 3 T. It is an error where every "
		    "thread of the process is parked meanwhile, and nothing is awaited that was "
		    "asked for since the event: a timer that was set, another file that was armed "
		    "or written to and had no event. Else it is a note.",
	.not_it = "A worker that still has the connection and does something else for it; a "
		  "coroutine that waits for another server's answer first.",
	.mend = "EPOLL_CTL_MOD after each event has been handled, on all paths",
};

static const struct rule_text timer_unread = {
	.title = "an edge-triggered timerfd, signalfd or inotify was not read",
	.means = "A periodic timer that has expired makes no further edge until it is read: no "
		 "tick comes any more. Of a signalfd one read takes as many signals as there is "
		 "room for, and those left are not told again; nor is what is left in an "
		 "inotify descriptor.",
	.evidence =
		"EPOLLET, expirations, signals or events wait, not on the ready list, not read "
		"for T and for two periods of the timer, and all who wait on the instance wait.",
	.not_it = "Timers that expire once, and those that timerfd_settime sets again.",
	.mend = "read it at each event, a signalfd until EAGAIN",
};

static const struct rule_text interest_off = {
	.title = "input waits, and the mask does not ask for EPOLLIN",
	.means = "Nothing tells the program of this input. That is how reading is paused; it is "
		 "a mistake where it is never resumed.",
	.evidence = "Bytes or connections wait, the mask lacks EPOLLIN, and nobody has read for 10 "
		    "T, and no output of the process is blocked.",
	.not_it = "Back-pressure of other kinds: the program does not want more just now.",
	.mend = "put EPOLLIN back when there is room again",
};

static const struct rule_text unwatched = {
	.title = "a socket that the program waits for is in no interest list",
	.means =
		"A registration goes with its file when that is closed, and EPOLL_CTL_DEL goes by "
		"number. A program that keeps a list of its own, by number, loses a socket where a "
		"late EPOLL_CTL_DEL takes the entry of the new file of a number, where it thinks "
		"that a new file is registered because the old one of that number was, or where "
		"it does not answer an EPOLL_CTL_MOD that gave ENOENT. So does one whose forked "
		"child tidies up in the instance that both have.",
	.evidence = "Input or end of file waits in a socket that no instance watches, nobody has "
		    "taken any of it, no thread is in a call on it, and its entry was deleted "
		    "before its first event or by another process, EPOLL_CTL_MOD on it gave "
		    "ENOENT, or the former file of its number was closed and this one never "
		    "registered. A warning after T, of the first kind after 3 T; an error where "
		    "every thread of the process is parked for 5 T. Of the last kind only such "
		    "an error, and a note after 10 T, because much that is never registered has "
		    "such a number. Datagrams, and what a peer has closed, count for less: they "
		    "may be late answers, or kept for later. Also a "
		    "warning: all threads of a process are parked for T, without time-out, and no "
		    "instance that they wait on watches anything.",
	.not_it = "A reader that is paused by EPOLL_CTL_DEL after some events; sockets that "
		  "another thread reads, or that poll or select watches; listeners; input that is "
		  "left because output of the process is blocked; threads that wait on an empty "
		  "instance while others may register something.",
	.mend = "forget what is known of a number when it is closed, EPOLL_CTL_DEL before close, "
		"and EPOLL_CTL_ADD where EPOLL_CTL_MOD gives ENOENT",
};

static const struct rule_text exclusive_bound = {
	.title = "EPOLLEXCLUSIVE told one waiter, which left what has come",
	.means =
		"Of those who wait for a file with EPOLLEXCLUSIVE the kernel wakes one. Where that "
		"one is woken in the midst of other work, and leaves the connection or the message "
		"for later, nobody else is told: the others are idle, and what has come waits.",
	.evidence = "Input or connections wait for T, this entry has EPOLLEXCLUSIVE and is not on "
		    "the ready list, all who wait on its instance wait, and no wait has reported "
		    "it since "
		    "it was added, or since a scan saw that nothing waited; but one has reported "
		    "the entry that another instance has of the file, with EPOLLEXCLUSIVE too.",
	.not_it =
		"The one that was told is taking it, however slowly; all were told, and each took "
		"some of it.",
	.mend = "accept or read at once in the one that is woken, or leave the list while there is "
		"no room; SO_REUSEPORT for listeners",
};

static const struct rule_text one_edge = {
	.title = "one write of an edge-triggered notifier, and many who wait",
	.means =
		"With EPOLLET one write of an eventfd or a pipe wakes one of the threads that wait "
		"on the instance. A program that ends its threads that way ends one of them, and "
		"waits for the others for ever.",
	.evidence = "An eventfd or a pipe with EPOLLET was written and delivered to one thread, "
		    "which has ended or is parked elsewhere; others have waited on the instance "
		    "since before that, and for 5 T every thread of the process is parked without "
		    "time-out. A note.",
	.not_it = "A pool of which one thread is enough, which comes back to wait; a notifier that "
		  "is registered without EPOLLET as well.",
	.mend = "one write for each thread, or EPOLLIN without EPOLLET and no read",
};

static const struct rule_text blocking_fd = {
	.title = "a watched descriptor lacks O_NONBLOCK",
	.means = "A read or write may block where the loop thinks that it cannot: after an "
		 "event that was false, or when it reads until EAGAIN as EPOLLET wants it. All "
		 "else that the loop serves waits then.",
	.evidence = "The file's flags; with --io also the call that took O_NONBLOCK away. It is an "
		    "error where a thread of the loop was seen blocked in a call on it, a warning "
		    "with EPOLLET and EPOLLIN for a pipe, and for a socket that --io saw the "
		    "process itself read or accept from without MSG_DONTWAIT, else a note.",
	.not_it = "One read an event in level-triggered mode, of which with --io nothing is told; "
		  "MSG_DONTWAIT; a listener that workers accept from, in other processes; eventfd, "
		  "timerfd and signalfd, which are ready when they say so.",
	.mend = "O_NONBLOCK by fcntl(F_SETFL), not F_SETFD, or accept4(SOCK_NONBLOCK)",
};

static const struct rule_text closed_while_waiting = {
	.title = "what a thread waits on was closed by another thread",
	.means = "A close does not wake who waits. The wait keeps the instance alive, but "
		 "nobody can register anything with it any more; of a watched file the kernel "
		 "drops the entry, and its events never come.",
	.evidence = "A thread is in a wait on an instance that no descriptor leads to, for T: a "
		    "warning. An entry that nobody has deleted was closed by a thread that did not "
		    "register it, while another one waits on the instance without time-out, and "
		    "none has come back for T: a warning, with both threads, and an earlier close "
		    "of the same number by the same thread. With EPOLLET or EPOLLONESHOT and not "
		    "delivered yet, or found by the attach: a note. The last entry of an instance "
		    "was closed while a thread waits without time-out: a note, since another may "
		    "be added.",
	.not_it = "An orderly shutdown, where the instance is gone or the thread returns within T; "
		  "pools of threads, where one closes what it was handed, with EPOLLET or "
		  "EPOLLONESHOT, or waits on the instance itself.",
	.mend = "wake the thread first, by an eventfd, and close what it has left",
};

static const struct rule_text wait_error = {
	.title = "every wait of a thread fails",
	.means = "EBADF: the number is not open. EINVAL: it is not an instance, or an argument is "
		 "not valid. The usual cause is other code that closed a number that was not its "
		 "own, in a double close or when a daemon closes all that it does not know; the "
		 "number is then used again for another file. A loop that tries again never sees "
		 "another event.",
	.evidence = "20 waits of a thread on one number in a row, and all for a tenth of T, failed "
		    "with EBADF or EINVAL. It is an error. Named are what the number is now, and "
		    "who closed the instance "
		    "where that was seen.",
	.not_it = "A loop that ends at the first EBADF, because another thread has closed the "
		  "instance to shut it down.",
	.mend = "end the loop, or make the instance again; find the close of a number that "
		"belongs to other code",
};

static const struct rule_text phantom = {
	.title = "an entry whose number is closed, and whose file lives on",
	.means = "An entry belongs to the open file, not to the number. Where a copy of the "
		 "descriptor is left, by dup, fork or SCM_RIGHTS, the entry stays: its events "
		 "go on, under data that now means something else or nothing. EPOLL_CTL_DEL of "
		 "the number gives EBADF or ENOENT.",
	.evidence = "For T no process that uses the instance, by epoll_ctl or a wait since the "
		    "fork, has this file at this number. It is an error where the entry was "
		    "delivered meanwhile, else a warning. Where another file is registered with "
		    "the same data now, a delivery counts for the one that was seen to be ready.",
	.not_it =
		"A close under way; a child that never had the numbers. A holder that is no "
		"target, or was there before the attach, may use the instance unseen: what it has "
		"at the number counts until it was seen for five seconds to do nothing.",
	.mend = "EPOLL_CTL_DEL before close; close-on-exec; where it is too late, dup2 of the "
		"copy onto the old number and EPOLL_CTL_DEL",
};

static const struct rule_text stale_batch = {
	.title = "an event of a batch was handled for a descriptor that was used again",
	.means = "While the events of one wait are handled one of them closes another's "
		 "descriptor, a new file gets the number, and the event that is left is handled "
		 "as if it were about that.",
	.evidence = "I/O on a file that is new since the wait, under a number that the batch names "
		    "and that was closed since, gives EAGAIN before the file has had an event of "
		    "its own.",
	.not_it = "Programs that keep a generation in data and look at it.",
	.mend = "check identity, or defer closes to the end of the batch",
};

static const struct rule_text shared_after_fork = {
	.title = "two processes use one instance",
	.means = "A forked process shares the instance, not a copy of it. Each registers and "
		 "removes for both, and events go to either.",
	.evidence = "epoll_ctl or waits by two processes, both after the fork; a thread that is "
		    "in a wait uses the instance, whether it ever returns or not. What either has "
		    "added, changed or removed last since the fork is named.",
	.not_it = "Children that only inherit or close it; a parent that ends; processes with "
		  "one descriptor table (CLONE_FILES), which are one user.",
	.mend = "make the instance after the fork",
};

static const struct rule_text epfd_leak = {
	.title = "an instance that nobody needs stays open",
	.means = "Without EPOLL_CLOEXEC an instance lives on in each program that is run, with "
		 "all it watches. Or instances are made, and neither used nor closed.",
	.evidence = "A process has an instance since before its exec and does not wait on it. Or "
		    "16 instances that nobody has waited on for 10 T, and more at a later look.",
	.not_it = "Programs that never run another one.",
	.mend = "epoll_create1(EPOLL_CLOEXEC); close what is not used",
};

static const struct rule_text kept_open = {
	.title = "a number that was deleted from the list is never closed",
	.means =
		"A connection that was registered by a dup of its descriptor lives as long as that "
		"dup is open. Where EPOLL_CTL_DEL is all that is done with it, descriptors leak, "
		"and the peer never gets a FIN.",
	.evidence = "EPOLL_CTL_DEL of a number of a connection that had several, this one is open "
		    "and untouched for 10 T, the others are closed, there are 3 or more of them, "
		    "and more at later scans. A note.",
	.not_it = "Connections that are paused or kept for later use, by the number that they "
		  "always had.",
	.mend = "close the number after EPOLL_CTL_DEL",
};

static const struct rule_text ctl_error = {
	.title = "epoll_ctl failed",
	.means = "EEXIST: it is registered already, and keeps its mask. EPERM: regular files, "
		 "directories and some devices cannot be polled. ENOENT: not registered under "
		 "this file. EBADF: not open. ENOSPC: max_user_watches is reached. ELOOP: "
		 "instances watch each other. EINVAL: no instance, itself, an EPOLL_CTL_MOD of "
		 "an entry that has EPOLLEXCLUSIVE or is to get it, flags that do not go with it.",
	.evidence = "The calls, and who closed the descriptor. Warnings: EEXIST the second time, "
		    "or at once where the mask or the data differs, if no EPOLL_CTL_MOD answers "
		    "it; EPOLL_CTL_MOD by ENOENT if no EPOLL_CTL_ADD answers it; EPERM of a "
		    "file, or of a device while all threads are parked: each once the program "
		    "has gone on to wait for T; EBADF of EPOLL_CTL_ADD and EPOLL_CTL_MOD. ENOSPC, "
		    "ENOMEM, ELOOP and EINVAL are errors, others notes.",
	.not_it = "Libraries that add first and modify at EEXIST, or the other way round at "
		  "ENOENT, or close what cannot be watched; EPOLL_CTL_ADD with the same mask, and "
		  "data of which only a count above the descriptor's number differs (libev); "
		  "EPOLL_CTL_DEL of what is not registered.",
	.mend = "EEXIST: EPOLL_CTL_MOD. EPOLL_CTL_MOD by ENOENT: EPOLL_CTL_ADD. EBADF: "
		"EPOLL_CTL_DEL "
		"before close, and forget there that it is registered. EPERM: no epoll for that "
		"file. ENOSPC: a higher fs.epoll.max_user_watches. EINVAL of an EPOLLEXCLUSIVE "
		"entry: EPOLL_CTL_DEL and EPOLL_CTL_ADD. Each finding says its own",
};

static const struct rule_text registered_twice = {
	.title = "one file is registered twice in an instance",
	.means = "Under two numbers of one file each event is delivered twice.",
	.evidence =
		"Two entries of one file whose masks have EPOLLIN or EPOLLOUT in common, for T.",
	.not_it = "One number for input and another one for output.",
	.mend = "register one of the numbers",
};

static const struct rule_text concurrent_handlers = {
	.title = "two threads handle one entry at once",
	.means = "An entry that is neither EPOLLONESHOT nor EPOLLEXCLUSIVE may be delivered to "
		 "a second thread while the first one still handles it: data gets out of order.",
	.evidence = "It was delivered to a second thread before the first came back to its wait, "
		    "and both did I/O on it. Locks cannot be seen.",
	.not_it = "Listeners, datagrams, notifiers; a lock for each descriptor; runtimes that "
		  "register EPOLLIN, EPOLLOUT "
		  "and "
		  "EPOLLET once, where whoever waits hands the work to others.",
	.mend = "EPOLLONESHOT, and EPOLL_CTL_MOD when done",
};

static const struct rule_text *const texts[RULE_COUNT] = {
	[RULE_LOST_EDGE] = &lost_edge,
	[RULE_LOST_EOF] = &lost_eof,
	[RULE_LOST_ACCEPT] = &lost_accept,
	[RULE_LOST_WRITE] = &lost_write,
	[RULE_ONESHOT_NOT_REARMED] = &oneshot_not_rearmed,
	[RULE_TIMER_UNREAD] = &timer_unread,
	[RULE_INTEREST_OFF] = &interest_off,
	[RULE_UNWATCHED] = &unwatched,
	[RULE_EXCLUSIVE_BOUND] = &exclusive_bound,
	[RULE_ONE_EDGE_MANY_WAITERS] = &one_edge,
	[RULE_BLOCKING_FD] = &blocking_fd,
	[RULE_CLOSED_WHILE_WAITING] = &closed_while_waiting,
	[RULE_WAIT_ERROR] = &wait_error,
	[RULE_PHANTOM] = &phantom,
	[RULE_STALE_BATCH] = &stale_batch,
	[RULE_SHARED_AFTER_FORK] = &shared_after_fork,
	[RULE_EPFD_LEAK] = &epfd_leak,
	[RULE_KEPT_OPEN] = &kept_open,
	[RULE_CTL_ERROR] = &ctl_error,
	[RULE_REGISTERED_TWICE] = &registered_twice,
	[RULE_CONCURRENT_HANDLERS] = &concurrent_handlers,
};

static const char *const names[RULE_COUNT] = {
#define NAME(id, name) name,
	RULES(NAME)
#undef NAME
};

const struct rule_text *rule_text(enum rule_id id)
{
	return texts[id];
}

const char *finding_mend(const struct finding *f)
{
	return f->mend ? f->mend : texts[f->rule]->mend;
}

const char *rule_name(enum rule_id id)
{
	return names[id];
}

enum rule_id rule_by_name(const char *name)
{
	unsigned id = 0;

	while (id < RULE_COUNT && strcmp(names[id], name) != 0)
		id++;
	return (enum rule_id)id;
}
