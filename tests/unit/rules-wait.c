/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules about which waiters are woken, and waits that fail: exclusive-bound, one-edge-many-waiters,
 * wait-error. Scans made by hand, ten a second.
 */
#include "feed-rules.h"

#include <errno.h>

/* Two instances with an entry of one file each; the first reported it. */
static void exclusive(uint32_t events, bool delivered)
{
	begin_rules();
	ctl_of(7, EPOLL_CTL_ADD, EP, INO, events, 0, 1);
	ctl_of(7, EPOLL_CTL_ADD, EP2, INO, events, 0, 1);
	if (delivered)
		take_wait(7, EP, ms * MS, MS, 1, FD, false);
	ms++;
}

static void exclusive_scans(unsigned n, uint32_t events, bool read)
{
	uint64_t since = ms, taken = 1;

	while (n--) {
		ms += T_MS;
		scan(ms, 0);
		instance(ms, EP, 3);
		instance(ms, EP2, 5);
		struct et_watched w = {
			.h = header(ET_KIND_WATCHED, sizeof(w), ms, 7),
			.unread_bytes = 5,
			.taken = read ? ++taken << 32 : taken,
			.flags = ET_WATCHED_UNREAD | ET_WATCHED_NONBLOCK | ET_WATCHED_TAKEN,
			.file = {.addr = FILE_OF(FD), .kind = ET_FILE_PIPE, .ino = INO},
		};

		take(&w, sizeof(w));
		entry_met_in(ms, EP, FILE_OF(FD), FD, FD, FD, events, ET_ENTRY_AT_NUMBER);
		entry_met_in(ms, EP2, FILE_OF(FD), FD, FD, FD, events, ET_ENTRY_AT_NUMBER);
		thread_at(7, 35, false, 0);
		thread_at(8, 232, true, 0);
		wait_at(8, EP2, since);
		scan(ms, ET_SCAN_END);
		tick(ms);
	}
}

static void test_exclusive_bound(void)
{
	const uint32_t mask = EPOLLIN | EPOLLEXCLUSIVE;

	exclusive(mask, true);
	exclusive_scans(4, mask, false);
	ends_with("exclusive-bound warning raised;");
	exclusive(mask, true); /* bit by bit */
	exclusive_scans(MUCH_LATER, mask, true);
	ends_with("");
	exclusive(mask, false); /* both were woken, and one has taken something */
	take_wait(8, EP2, ms * MS, MS, 1, FD, false);
	take_wait(7, EP, (ms + 1) * MS, MS, 1, FD, false);
	ms += 3;
	exclusive_scans(MUCH_LATER, mask, false);
	ends_with("");
	exclusive(mask, false); /* none was woken so far */
	exclusive_scans(MUCH_LATER, mask, false);
	ends_with("");
	exclusive(EPOLLIN, true);
	exclusive_scans(MUCH_LATER, EPOLLIN, false);
	ends_with("");
}

/*
 * A notifier that was delivered to thread 9; thread 8 has waited since before that. What becomes of
 * thread 9 then: it waits again, or for a futex, or has ended.
 */
enum then {
	WAITS_AGAIN,
	PARKS,
	HAS_ENDED,
};

static void notified(uint32_t events, uint64_t unread, enum then then)
{
	uint64_t delivered_ms;

	begin_rules();
	ctl_of(7, EPOLL_CTL_ADD, EP, INO, events, 0, 1);
	take_wait(9, EP, ++ms * MS, 5 * MS, 1, FD, false);
	delivered_ms = ms += 10;
	if (then == HAS_ENDED)
		exited(9, ms, false);
	for (int i = 0; i < MUCH_LATER; i++) {
		struct et_watched w = {
			.unread_bytes = unread,
			.flags = ET_WATCHED_UNREAD | ET_WATCHED_NONBLOCK,
			.file = {.addr = FILE_OF(FD), .kind = ET_FILE_PIPE, .ino = INO},
		};

		ms += T_MS;
		w.h = header(ET_KIND_WATCHED, sizeof(w), ms, 7);
		scan(ms, 0);
		instance(ms, EP, 3);
		take(&w, sizeof(w));
		entry_met(ms, FILE_OF(FD), FD, FD, FD, events, ET_ENTRY_AT_NUMBER);
		thread_at(8, 232, true, 0);
		wait_at(8, EP, 1001);
		if (then != HAS_ENDED)
			thread_at(9, then == PARKS ? 202 : 232, true, 0);
		if (then == WAITS_AGAIN)
			wait_at(9, EP, delivered_ms);
		scan(ms, ET_SCAN_END);
		tick(ms);
	}
}

static void test_one_edge(void)
{
	const char *raised = "one-edge-many-waiters note raised;";

	rules_wanted = 1u << RULE_ONE_EDGE_MANY_WAITERS;
	notified(EPOLLIN | EPOLLET, 8, HAS_ENDED);
	ends_with(raised);
	notified(EPOLLIN | EPOLLET, 8, PARKS);
	ends_with(raised);
	notified(EPOLLIN | EPOLLET, 8, WAITS_AGAIN); /* a pool */
	ends_with("");
	notified(EPOLLIN | EPOLLET, 0, HAS_ENDED); /* it was for one, who has taken it */
	ends_with("");
	notified(EPOLLIN, 8, HAS_ENDED); /* level-triggered: all are woken */
	ends_with("");
	rules_wanted = RULES_WANTED;
}

/* A wait that fails, so many times, so many milliseconds apart. */
static void fails(int err, unsigned times, unsigned apart_ms)
{
	while (times--) {
		struct et_wait w = {
			.c = {.h = header(ET_KIND_WAIT, sizeof(w), ms, 7),
			      .ret = -err,
			      .id = ET_CALL_EPOLL_WAIT},
			.a = {.epfd = 3, .maxevents = 8, .timeout = -1},
			.event_size = 12,
		};

		take(&w, sizeof(w));
		ms += apart_ms;
		tick(ms);
	}
}

static void test_wait_error(void)
{
	begin_rules();
	fails(EBADF, 19, 10);
	CHECK_STR(found(), "");
	fails(EBADF, 1, 10);
	CHECK_STR(found(), "wait-error error raised;");
	fails(EBADF, 500, 10); /* once */
	ends_with("wait-error error raised;");
	begin_rules();
	for (int i = 0; i < 10; i++) { /* not alike */
		fails(EINVAL, 19, 10);
		fails(EINTR, 1, 10);
	}
	fails(EBADF, 90, 0); /* of a thread that is about to be asked to end */
	ends_with("");
}

static void test_wait_error_closer(void)
{
	struct et_close r;

	begin_rules();
	instance(ms, EP, 3);
	process = 7;
	r = (struct et_close){.h = header(ET_KIND_CLOSE, sizeof(r), ++ms, 9),
			      .file = EP + 1,
			      .ep = EP,
			      .table = TABLE,
			      .fd = 3,
			      .refs = 1};
	take(&r, sizeof(r));
	fails(EBADF, 20, 10);
	CHECK_STR(found(), "wait-error error raised;");
	CHECK(strstr(written(), "it was eventpoll#1 until thread 9 closed it"));
	end();
}

int main(void)
{
	test_exclusive_bound();
	test_one_edge();
	test_wait_error();
	test_wait_error_closer();
	return unit_failed;
}
