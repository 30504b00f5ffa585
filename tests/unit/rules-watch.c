/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules about sockets that nobody watches: unwatched, kept-open. Scans made by hand, ten a
 * second.
 */
#include "feed-rules.h"

#include <errno.h>

/* What scans see: a socket that nothing watches, and the threads of the process. */
static struct {
	struct et_watched w;
	bool forever;
	__s32 nr; /* the call that a second thread is in, 0: there is none */
	__s32 call_fd;
} now;

static void begin_stray(uint64_t ino)
{
	begin_rules();
	now.w = (struct et_watched){
		.unread_bytes = 5,
		.taken = 1000,
		.flags = ET_WATCHED_UNREAD | ET_WATCHED_NONBLOCK | ET_WATCHED_TAKEN |
			 ET_WATCHED_STREAM | ET_WATCHED_NOWHERE,
		.fd = FD,
		.refs = 1,
		.file = {.addr = FILE_OF(FD), .kind = ET_FILE_UNIX, .ino = ino},
	};
	now.forever = true;
	now.nr = 0;
}

/* So many scans, each T later than the one before. */
static void scans(unsigned n)
{
	while (n--) {
		ms += T_MS;
		scan(ms, 0);
		instance(ms, EP, 3);
		now.w.h = header(ET_KIND_WATCHED, sizeof(now.w), ms, 7);
		take(&now.w, sizeof(now.w));
		thread_at(7, 232, now.forever, 0);
		if (now.nr)
			thread_at(8, now.nr, false, FILE_OF(FD));
		scan(ms, ET_SCAN_END);
		tick(ms);
	}
}

#define LATE "unwatched warning raised;unwatched error raised;"

static void deleted_early(void)
{
	begin_stray(INO);
	plain_ctl(EPOLL_CTL_ADD, 0);
	plain_ctl(EPOLL_CTL_DEL, 0);
}

static void test_deleted_early(void)
{
	deleted_early();
	scans(3);
	CHECK_STR(found(), "");
	scans(1);
	CHECK_STR(found(), "unwatched warning raised;");
	scans(2);
	CHECK_STR(found(), LATE);
	scans(MUCH_LATER); /* once */
	CHECK_STR(found(), LATE);
	now.w.taken++;
	now.w.unread_bytes = 0;
	scans(1);
	ends_with(LATE "unwatched error resolved;");
}

static void test_deleted_early_else(void)
{
	deleted_early();
	now.forever = false; /* the process may come back to it */
	scans(MUCH_LATER);
	ends_with("unwatched warning raised;");
	deleted_early();
	for (int i = 0; i < MUCH_LATER; i++) { /* somebody reads it */
		now.w.taken++;
		scans(1);
	}
	ends_with("");
	deleted_early();
	now.nr = 45; /* another thread is in a call on it */
	scans(MUCH_LATER);
	ends_with("");
	deleted_early();
	now.w.flags |= ET_WATCHED_LISTENS | ET_WATCHED_PENDING; /* others accept from it */
	now.w.pending = 2;
	scans(MUCH_LATER);
	ends_with("");
	deleted_early();
	lost(ms, 1); /* an event may be among what was lost */
	scans(MUCH_LATER);
	ends_with("");
	deleted_early();
	now.w.file.ino++; /* it was closed since, and this one is another */
	scans(MUCH_LATER);
	ends_with("");
	deleted_early();
	plain_ctl(EPOLL_CTL_ADD, 0); /* and registered again */
	scans(MUCH_LATER);
	ends_with("");
	deleted_early();
	now.w.flags |= ET_WATCHED_PEER_CLOSED; /* its peer has given up */
	scans(4);
	CHECK_STR(found(), "");
	scans(MUCH_LATER);
	ends_with("unwatched warning raised;");
	deleted_early();
	now.w.flags |= ET_WATCHED_PEER_CLOSED; /* kept, and given up by its peer */
	now.w.unread_bytes = 0;
	scans(10);
	CHECK_STR(found(), "");
	scans(MUCH_LATER);
	ends_with("unwatched note raised;");
}

/* It had its event, before the DEL or by a wait that was under way. */
static void test_deleted_late(void)
{
	begin_stray(INO);
	plain_ctl(EPOLL_CTL_ADD, 0);
	take_wait(7, EP, ms * MS, MS, 1, FD, false);
	ms++;
	plain_ctl(EPOLL_CTL_DEL, 0);
	scans(MUCH_LATER);
	ends_with("");
	begin_stray(INO);
	plain_ctl(EPOLL_CTL_ADD, 0);
	plain_ctl(EPOLL_CTL_DEL, 0);
	take_wait(7, EP, (ms - 1) * MS, 2 * MS, 1, FD, false);
	scans(MUCH_LATER);
	ends_with("");
}

/* A forked child tidies up in the instance that it shares; that the entry had events is no matter. */
static void test_deleted_by_other(void)
{
	begin_stray(INO);
	plain_ctl(EPOLL_CTL_ADD, 0);
	take_wait(7, EP, ms * MS, MS, 1, FD, false);
	ms++;
	ctl_of(8, EPOLL_CTL_DEL, EP, INO, EPOLLIN, 0, 2);
	scans(2);
	CHECK_STR(found(), "unwatched warning raised;");
	scans(4);
	ends_with(LATE);
}

static void test_refused(void)
{
	begin_stray(INO);
	plain_ctl(EPOLL_CTL_MOD, -ENOENT);
	scans(2);
	CHECK_STR(found(), "unwatched warning raised;");
	scans(4);
	ends_with(LATE);
	begin_stray(INO);
	plain_ctl(EPOLL_CTL_MOD, -ENOENT);
	plain_ctl(EPOLL_CTL_ADD, 0);
	scans(MUCH_LATER);
	ends_with("");
}

static void reused(void)
{
	begin_stray(INO + 1);
	plain_ctl(EPOLL_CTL_ADD, 0);
	closed(++ms, FD, 1);
}

static void test_reused(void)
{
	reused();
	scans(5);
	CHECK_STR(found(), "");
	scans(1);
	CHECK_STR(found(), "unwatched error raised;");
	end();
	reused();
	now.forever = false;
	scans(10);
	CHECK_STR(found(), "");
	scans(1);
	ends_with("unwatched note raised;");
	reused();
	now.w.flags &= ~ET_WATCHED_NONBLOCK; /* of a thread that blocks in it */
	scans(MUCH_LATER);
	ends_with("");
	reused();
	now.w.flags |= ET_WATCHED_PEER_CLOSED; /* kept for later, and given up by its peer */
	scans(MUCH_LATER);
	ends_with("");
	reused();
	now.w.flags &= ~ET_WATCHED_STREAM; /* an answer that nobody waits for any more */
	scans(MUCH_LATER);
	ends_with("");
}

/* The whole process waits on an instance that watches nothing. */
static void empty_scans(unsigned n, bool forever)
{
	uint64_t since = ms;

	while (n--) {
		ms += T_MS;
		scan(ms, 0);
		instance(ms, EP, 3);
		thread_at(7, 232, forever, 0);
		wait_at(7, EP, since);
		scan(ms, ET_SCAN_END);
		tick(ms);
	}
}

static void test_watches_nothing(void)
{
	begin_rules();
	plain_ctl(EPOLL_CTL_ADD, 0);
	plain_ctl(EPOLL_CTL_DEL, 0);
	empty_scans(4, true);
	ends_with("unwatched warning raised;");
	begin_rules();
	plain_ctl(EPOLL_CTL_ADD, 0);
	plain_ctl(EPOLL_CTL_DEL, 0);
	empty_scans(MUCH_LATER, false);
	ends_with("");
	begin_rules(); /* nothing was ever registered */
	empty_scans(MUCH_LATER, true);
	ends_with("");
}

/* Each scan sees one number more; references to its file when it was added, deleted, and now. */
static void numbers_left(unsigned added, unsigned then, unsigned refs, unsigned most)
{
	begin_stray(INO);
	now.w.unread_bytes = 0;
	for (int n = 0; n < 30; n++) {
		if (n < (int)most) {
			number = FD + n;
			ctl_of(7, EPOLL_CTL_ADD, EP, INO, EPOLLIN, 0, added);
			ctl_of(7, EPOLL_CTL_DEL, EP, INO, EPOLLIN, 0, then);
		}
		ms += T_MS;
		scan(ms, 0);
		for (int i = 0; i <= n && i < (int)most; i++) {
			now.w.h = header(ET_KIND_WATCHED, sizeof(now.w), ms, 7);
			now.w.fd = FD + i;
			now.w.file.addr = FILE_OF(FD + i);
			now.w.refs = refs;
			take(&now.w, sizeof(now.w));
		}
		scan(ms, ET_SCAN_END);
		tick(ms);
	}
}

static void test_kept_open(void)
{
	numbers_left(2, 2, 1, 30);
	ends_with("kept-open note raised;");
	numbers_left(2, 1, 1, 30); /* the other one was closed before */
	ends_with("kept-open note raised;");
	numbers_left(2, 2, 2, 30); /* it has another number */
	ends_with("");
	numbers_left(1, 1, 1, 30); /* it never had: kept for later use */
	ends_with("");
	numbers_left(2, 2, 1, 2); /* so few */
	ends_with("");
}

int main(void)
{
	test_deleted_early();
	test_deleted_early_else();
	test_deleted_late();
	test_deleted_by_other();
	test_refused();
	test_reused();
	test_watches_nothing();
	test_kept_open();
	return unit_failed;
}
