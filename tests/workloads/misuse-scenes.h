/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* misuse-scenes.h - all scenes, a line each: what its two processes do, and what is to be found. */
#ifndef MISUSE_SCENES_H
#define MISUSE_SCENES_H

#include "misuse-closed.h"
#include "misuse-turns.h"

static void waits_out(struct play *p)
{
	rest(p, 1, 1);
}

static void two_unix(struct play *p)
{
	pair_unix(p);
	pair_unix(p);
}

static void three_unix(struct play *p)
{
	two_unix(p);
	pair_unix(p);
}

static void two_pipes(struct play *p)
{
	pair_pipe(p);
	pair_pipe(p);
}

static void one_pipe(struct play *p)
{
	pair_pipe(p);
}

static void one_unix(struct play *p)
{
	pair_unix(p);
}

static void one_tcp(struct play *p)
{
	pair_tcp(p);
}

static void two_tcp(struct play *p)
{
	pair_tcp(p);
	pair_tcp(p);
}

static void three_tcp(struct play *p)
{
	two_tcp(p);
	pair_tcp(p);
}

static void one_udp(struct play *p)
{
	pair_udp(p);
}

static void pending_3(struct play *p)
{
	pair_listener(p, 3);
}

static void pending_2(struct play *p)
{
	pair_listener(p, 2);
}

static void nothing(struct play *p)
{
	(void)p;
}

#define LOST_EDGE    "lost-edge"
#define ONESHOT	     "oneshot-not-rearmed"
#define BLOCKING     "blocking-fd"
#define UNWATCHED    "unwatched"
#define CLOSED	     "closed-while-waiting"
#define SHARED	     "shared-after-fork"
#define TWICE	     "registered-twice"
#define AT_ONCE	     "concurrent-handlers"
#define CTL_ERROR    "ctl-error"
#define NONE	     "none"
#define WRITE_SPIN   "write-spin"
#define HANGUP	     "hangup-spin"
#define ERROR	     "error-queue-spin"
#define UNCONNECTED  "unconnected-spin"
#define NOTIFIER     "notifier-undrained"
#define IGNORED	     "ready-ignored"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct scene {
	const char *name, *rule;
	void (*prepare)(struct play *p); /* what both have */
	void (*program)(struct play *p);
	void (*world)(struct play *p);
};

static const struct scene held[] = {
	{"lost-edge", LOST_EDGE, one_pipe, half_reader, sends_2000},
	{"lost-edge-tcp", LOST_EDGE, one_tcp, half_reader, sends_2000},
	{"lost-edge-unix", LOST_EDGE, one_unix, half_reader, sends_2000},
	{"lost-edge-rescued", LOST_EDGE, one_unix, fixed_reader, sends_more_and_more},
	{"lost-edge-asked", LOST_EDGE, one_tcp, leaves_incomplete, sends_late},
	{"lost-eof", "lost-eof", one_tcp, eof_misser, sends_and_closes},
	{"lost-accept", "lost-accept", pending_3, accepts_one, waits_out},
	{"lost-write", "lost-write", one_unix, write_forgetter, drains_late},
	{"lost-write-tcp", "lost-write", one_tcp, write_forgetter, drains_late},
	{"lost-write-short", "lost-write", one_tcp, writes_short, drains_late},
	{"oneshot", ONESHOT, one_unix, oneshot_forgetter, sends_again},
	{"oneshot-writer", ONESHOT, one_tcp, oneshot_writer, sends_then_drains},
	{"timer", "timer-unread", nothing, timer_forgetter, waits_out},
	{"timer-signalfd", "timer-unread", nothing, signal_forgetter, waits_out},
	{"timer-inotify", "timer-unread", nothing, inotify_forgetter, waits_out},
	{"interest-off", "interest-off", two_unix, not_interested, sends_300},
	{"blocking", BLOCKING, one_pipe, blocking_reader, sends_300},
	{"blocking-level", BLOCKING, one_pipe, reads_twice, sends_often},
	{"blocking-taken", BLOCKING, one_pipe, takes_nonblock_away, sends_300},
	{"blocking-stuck", BLOCKING, one_pipe, stuck_reader, sends_300},
	{"closed-instance", CLOSED, one_unix, closes_instance, waits_out},
	{"closed-entry", CLOSED, one_unix, closes_last_entry, waits_out},
	{"closed-under-wait", CLOSED, one_unix, closes_under_wait, waits_out},
	{"closed-twice", CLOSED, two_unix, closes_twice, waits_out},
	{"phantom", "phantom", one_pipe, keeps_copy, sends_often},
	{"phantom-reused", "phantom", two_pipes, reuses_number, sends_often},
	{"phantom-child", "phantom", one_pipe, leaves_to_child, sends_often},
	{"phantom-data", "phantom", two_pipes, leaves_old_file, sends_often},
	{"phantom-idle", "phantom", two_pipes, leaves_to_idle_child, sends_often},
	{"stale-batch", "stale-batch", three_unix, handles_stale, sends_two},
	{"shared", SHARED, one_unix, shares, waits_out},
	{"shared-removed", SHARED, two_unix, child_removes, waits_out},
	{"epfd-leak", "epfd-leak", one_unix, leaks_through_exec, waits_out},
	{"epfd-leak-unused", "epfd-leak", one_unix, hoards, waits_out},
	{"ctl-eexist", CTL_ERROR, one_unix, adds_again, waits_out},
	{"ctl-eperm", CTL_ERROR, one_unix, polls_file, waits_out},
	{"ctl-einval", CTL_ERROR, one_unix, adds_itself, waits_out},
	{"ctl-eexist-mask", CTL_ERROR, one_unix, adds_for_more, waits_out},
	{"ctl-mod-enoent", CTL_ERROR, two_unix, modifies_unknown, waits_out},
	{"ctl-ebadf", CTL_ERROR, two_unix, modifies_closed, waits_out},
	{"ctl-ebadf-del", CTL_ERROR, two_unix, removes_closed, waits_out},
	{"ctl-exclusive", CTL_ERROR, one_unix, modifies_exclusive, waits_out},
	{"ctl-eperm-device", CTL_ERROR, one_unix, polls_device, waits_out},
	{"ctl-eloop", CTL_ERROR, nothing, watches_in_circles, waits_out},
	{"twice", TWICE, one_tcp, registers_twice, waits_out},
	{"concurrent", AT_ONCE, one_unix, handles_at_once, sends_while_handled},
	{"late-del", UNWATCHED, two_unix, deletes_late, sends_to_next},
	{"number-reused", UNWATCHED, two_unix, forgets_close, sends_to_next},
	{"watches-nothing", UNWATCHED, one_unix, empties, waits_out},
	{"wait-error", "wait-error", one_pipe, loses_instance, waits_out},
	{"exclusive-bound", "exclusive-bound", one_pipe, is_told_when_busy, sends_after_a_while},
	{"one-edge", "one-edge-many-waiters", nothing, ends_one_of_three, waits_out},
	{"kept-open", "kept-open", nothing, leaks_numbers, waits_out},

	{"ok-paused", NONE, one_tcp, paused_reader, sends_3000},
	{"ok-eventfd", NONE, nothing, eventfd_ignorer, waits_out},
	{"ok-mod", NONE, one_unix, rearming_reader, sends_2000},
	{"ok-backpressure", NONE, two_unix, blocked_proxy, sends_2000},
	{"ok-sockmap", NONE, one_tcp, sockmap_reader, sends_2000},
	{"ok-backpressure-other", NONE, two_unix, blocked_relay, sends_2000},
	{"ok-lowat", NONE, one_tcp, patient_reader, sends_2000},
	{"ok-drained", NONE, one_tcp, draining_reader, sends_often},
	{"ok-short", NONE, one_unix, short_reader, sends_often},
	{"ok-worker", NONE, one_unix, hands_over, sends_2000},
	{"ok-awaits-answer", NONE, two_unix, awaits_answer, sends_2000},
	{"ok-awaits-timer", NONE, one_tcp, awaits_timer, sends_2000},
	{"ok-half-closed", NONE, one_tcp, half_closer, sends_and_closes},
	{"ok-reading-shut", NONE, one_tcp, gives_up_reading, sends_and_closes},
	{"ok-writing-shut", NONE, one_unix, gives_up_writing, drains_late},
	{"ok-throttled", NONE, pending_2, throttled, connects_once_more},
	{"ok-accept-level", NONE, pending_3, accepts_level, waits_out},
	{"ok-write-timer", NONE, one_unix, retries, drains_late},
	{"ok-write-rearmed", NONE, one_tcp, rearms_writer, sends_then_drains},
	{"ok-drops-frames", NONE, two_unix, drops_frames, sends_news},
	{"ok-write-edges", NONE, one_unix, writes_at_edges, drains_late},
	{"ok-oneshot-worker", NONE, one_unix, oneshot_pool, sends_300},
	{"ok-timer-once", NONE, nothing, timer_once, waits_out},
	{"ok-timer-reset", NONE, nothing, resets_timer, waits_out},
	{"ok-interest-paused", NONE, one_unix, pauses_interest, sends_300},
	{"ok-blocking-level", NONE, one_unix, one_read_an_event, sends_often},
	{"ok-blocking-pipe", NONE, one_pipe, one_read_an_event, sends_often},
	{"ok-dont-wait", NONE, one_unix, dont_wait_reader, sends_often},
	{"ok-notifiers", NONE, nothing, blocking_notifiers, waits_out},
	{"ok-shutdown", NONE, one_unix, shuts_down, waits_out},
	{"ok-one-of-two", NONE, two_unix, closes_one_of_two, waits_out},
	{"ok-woken", NONE, one_unix, closes_and_wakes, waits_out},
	{"ok-pool-closes", NONE, one_unix, pool_closes, sends_300},
	{"ok-pool-edge", NONE, one_unix, pool_closes_edge, sends_300},
	{"ok-loops-close", NONE, two_unix, loops_close, sends_to_both},
	{"ok-removed", NONE, two_unix, removes_before_close, waits_out},
	{"ok-removed-reused", NONE, two_pipes, removes_before_reuse, sends_on_both},
	{"ok-one-table", NONE, one_unix, shares_table, waits_out},
	{"ok-prefork", NONE, pending_2, preforks, waits_out},
	{"ok-closed", NONE, two_unix, closes_plainly, waits_out},
	{"ok-generation", NONE, three_unix, checks_generation, sends_two},
	{"ok-deferred", NONE, three_unix, defers_close, sends_two},
	{"ok-inherited", NONE, one_unix, bequeaths, waits_out},
	{"ok-heritage-closed", NONE, one_unix, closes_heritage, waits_out},
	{"ok-daemon", NONE, one_unix, daemonizes, waits_out},
	{"ok-no-exec", NONE, one_unix, never_execs, waits_out},
	{"ok-add-or-mod", NONE, one_unix, adds_and_modifies, waits_out},
	{"ok-mod-mask", NONE, one_unix, modifies_for_more, waits_out},
	{"ok-mod-or-add", NONE, two_unix, modifies_or_adds, waits_out},
	{"ok-mod-or-close", NONE, two_unix, modifies_or_closes, waits_out},
	{"ok-eperm-closed", NONE, one_unix, polls_or_closes, waits_out},
	{"ok-del-blindly", NONE, two_unix, removes_blindly, waits_out},
	{"ok-eperm-known", NONE, one_unix, knows_files, waits_out},
	{"ok-in-and-out", NONE, one_unix, registers_in_and_out, waits_out},
	{"ok-two-oneshot", NONE, one_unix, handles_oneshot, sends_while_handled},
	{"ok-two-exclusive", NONE, one_unix, handles_exclusive, sends_while_handled},
	{"ok-two-cached", NONE, one_unix, handles_cached, sends_while_handled},
	{"ok-two-accept", NONE, pending_3, accepts_in_two, waits_out},
	{"ok-number-late", NONE, two_unix, registers_later, sends_to_next},
	{"ok-mod-then-add", NONE, two_unix, modifies_then_adds, sends_to_next},
	{"ok-number-blocking", NONE, three_unix, reads_blocking, sends_to_next},
	{"ok-deleted-paused", NONE, two_unix, removes_to_pause, sends_2000},
	{"ok-deleted-polled", NONE, two_unix, goes_over_to_poll, sends_when_told},
	{"ok-listener-left", NONE, listener_and_unix, leaves_listener, waits_out},
	{"ok-spare-thread", NONE, two_unix, keeps_spare_thread, waits_out},
	{"ok-wait-ebadf", NONE, one_pipe, ends_at_ebadf, waits_out},
	{"ok-exclusive-slow", NONE, one_pipe, takes_bit_by_bit, sends_after_a_while},
	{"ok-one-of-three", NONE, nothing, wakes_one_of_three, waits_out},
	{"ok-dup-closed", NONE, nothing, closes_numbers, waits_out},
	{"ok-kept-for-later", NONE, nothing, keeps_for_later, waits_out},
};

static const struct scene spins[] = {
	{"write-spin", WRITE_SPIN, one_tcp, asks_for_room, waits_out},
	{"write-spin-unix", WRITE_SPIN, one_unix, asks_for_room_slowly, waits_out},
	{"write-spin-kept", WRITE_SPIN, one_tcp, keeps_asking_for_room, reads_on_when_full},
	{"write-spin-connect", WRITE_SPIN, nothing, connects_and_keeps_asking, waits_out},
	{"write-spin-among-many", WRITE_SPIN, one_tcp, asks_for_room_among_many, waits_for_program},
	{"write-spin-among-busy", WRITE_SPIN, three_tcp, asks_for_room_among_busy,
	 talk_to_all_but_first},
	{"hangup-fin", HANGUP, one_tcp, ignores_fin, closes_peer},
	{"hangup-eof", HANGUP, one_tcp, reads_end_each_turn, closes_peer},
	{"hangup-unix", HANGUP, one_unix, ignores_end, closes_peer},
	{"hangup-pipe", HANGUP, one_pipe, ignores_end, closes_peer},
	{"hangup-reset-mask-0", HANGUP, one_tcp, ignores_all, resets_peer},
	{"hangup-shut-mask-0", HANGUP, one_tcp, ignores_all_after_shutdown, closes_peer},
	{"hangup-mod", HANGUP, one_tcp, modifies_each_turn, closes_peer},
	{"hangup-mod-edge", HANGUP, one_tcp, rearms_edge_each_turn, closes_peer},
	{"hangup-oneshot", HANGUP, one_tcp, rearms_each_turn, closes_peer},
	{"hangup-readd", HANGUP, one_tcp, adds_each_turn, closes_peer},
	{"error-refused", ERROR, nothing, ignores_refusal, waits_out},
	{"error-refused-mask-0", ERROR, nothing, asks_nothing_of_refused, waits_out},
	{"error-queue", ERROR, nothing, ignores_error_queue, waits_out},
	{"error-time-stamps", ERROR, one_udp, ignores_time_stamps, waits_out},
	{"error-netlink", ERROR, nothing, ignores_overrun, waits_out},
	{"unconnected", UNCONNECTED, nothing, adds_before_connect, waits_out},
	{"unconnected-unix", UNCONNECTED, nothing, adds_unix_before_connect, waits_out},
	{"unconnected-server", UNCONNECTED, nothing, adds_before_listen, waits_out},
	{"notifier-eventfd", NOTIFIER, nothing, leaves_eventfd, waits_out},
	{"notifier-semaphore", NOTIFIER, nothing, leaves_semaphore, waits_out},
	{"notifier-pipe", NOTIFIER, one_pipe, leaves_pipe, sends_300},
	{"notifier-timer", NOTIFIER, nothing, leaves_timer, waits_out},
	{"notifier-signalfd", NOTIFIER, nothing, leaves_signal, waits_out},
	{"notifier-inotify", NOTIFIER, nothing, leaves_file_events, waits_out},
	{"ignored", IGNORED, one_unix, ignores_input, sends_300},
	{"ignored-tcp", IGNORED, one_tcp, ignores_input, sends_300},
	{"ignored-datagram", IGNORED, nothing, ignores_datagram, waits_out},
	{"ignored-listener", IGNORED, pending_2, ignores_input, waits_out},
	{"ignored-blocked", IGNORED, two_tcp, ignores_input_while_blocked, sends_300},
	{"ignored-among-busy", IGNORED, three_tcp, ignores_input_among_busy, sends_300_among_busy},
	{"ignored-nested", IGNORED, one_unix, ignores_inner_instance, sends_300},
	{"ignored-in-nested", IGNORED, one_unix, ignores_input_of_inner, sends_300},
	{"emfile", "accept-emfile", pending_3, accepts_in_vain, waits_out},

	{"ok-streams", NONE, one_tcp, streams_at_full_speed, reads_on},
	{"ok-streams-unix", NONE, one_unix, streams, reads_on},
	{"ok-serves", NONE, three_tcp, serves, asks_all_at_full_speed},
	{"ok-serves-unix", NONE, three_unix, serves, asks_all},
	{"ok-writes", NONE, one_tcp, writes_each_turn, reads_on},
	{"ok-connects", NONE, nothing, connects_and_reads, waits_out},
	{"ok-lingers", NONE, two_tcp, closes_after_a_while, closes_peer},
	{"ok-half-closed-written", NONE, one_tcp, writes_to_half_closed, half_closes},
	{"ok-ends-closed", NONE, nothing, closes_what_has_ended, waits_out},
	{"ok-refusals", NONE, nothing, fetches_refusals, waits_out},
	{"ok-error-queue", NONE, nothing, reads_error_queue, waits_out},
	{"ok-connect-after-add", NONE, nothing, connects_after_add, waits_out},
	{"ok-connect-later", NONE, nothing, connects_after_a_while, waits_out},
	{"ok-notifier-edge", NONE, nothing, needs_not_read, waits_out},
	{"ok-notifier-eventfd", NONE, nothing, reads_eventfd, waits_out},
	{"ok-notifier-pipe", NONE, nothing, reads_own_pipe, waits_out},
	{"ok-notifier-timer", NONE, nothing, reads_fast_timer, waits_out},
	{"ok-read-elsewhere", NONE, one_unix, is_read_elsewhere, sends_60000},
	{"ok-reads-bytes", NONE, one_unix, reads_bytes, sends_60000},
	{"ok-emfile-timer", NONE, pending_2, backs_off_by_timer, waits_out},
	{"ok-emfile-sleep", NONE, pending_2, backs_off_by_sleep, waits_out},
	{"ok-emfile-spare", NONE, pending_2, sheds, connects_on_and_on},
};

static const struct scene pollers[] = {
	{"polls", "zero-timeout-spin", one_unix, polls, waits_out},
	{"polls-pwait2", "zero-timeout-spin", one_unix, polls_by_pwait2, waits_out},
	{"polls-for-timer", "zero-timeout-spin", one_unix, polls_for_timer, waits_out},
	{"busy-poll", "busy-poll", one_unix, polls_busily, waits_out},

	{"ok-polls-once", NONE, three_unix, polls_once, asks_all_at_full_speed},
	{"ok-polls-between", NONE, one_unix, polls_between_pieces, waits_out},
};

static const struct scene turns[] = {
	{"rounds-down", "timeout-rounding", one_unix, rounds_down, waits_out},
	{"ticks", "short-timeout", one_unix, ticks, waits_out},
	{"eintr", "eintr", one_unix, ends_loop_at_signal, sends_signal},
	{"eintr-exit", "eintr", one_unix, exits_at_signal, sends_signal},
	{"eintr-stopped", "eintr", one_unix, exits_at_signal, stops_and_continues},
	{"wakeup", "wakeup-dropped", one_unix, asks_for_wakeup, waits_out},
	{"nested", "nested", one_unix, watches_instance, sends_often},

	{"ok-rounds-up", NONE, one_unix, rounds_up, waits_out},
	{"ok-ticks-write", NONE, one_unix, writes_each_tick, waits_out},
	{"ok-ticks-read", NONE, one_unix, reads_each_tick, waits_out},
	{"ok-ticks-change", NONE, one_unix, changes_each_tick, waits_out},
	{"ok-eintr", NONE, one_unix, goes_on_after_signal, sends_signal},
	{"ok-eintr-sigterm", NONE, one_unix, ends_at_sigterm, sends_sigterm},
};

/* What --list and --all stand for is the first. */
static const struct {
	const char *name;
	const struct scene *scenes;
	size_t count;
} groups[] = {
	{"", held, COUNT(held)},
	{"spins", spins, COUNT(spins)},
	{"pollers", pollers, COUNT(pollers)},
	{"turns", turns, COUNT(turns)},
};

#endif
