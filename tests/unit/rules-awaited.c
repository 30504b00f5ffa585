/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop that has left a connection because it waits for another file, or for a timer: scans made by
 * hand of a client that was given an event and left, and of that other file.
 */
#include "feed-rules.h"

#define OTHER	    (FD + 1)
#define CLIENT_PORT 80

struct side {
	struct et_watched w;
	uint32_t events;
	const char *name; /* of an anonymous file */
};

static struct side client, other;
static uint64_t wait_ms;

static struct side stream_at(int fd, uint16_t port)
{
	return (struct side){
		.w = {.taken = 1000,
		      .flags = ET_WATCHED_UNREAD | ET_WATCHED_NONBLOCK | ET_WATCHED_TAKEN |
			       ET_WATCHED_STREAM | ET_WATCHED_GIVEN,
		      .fd = fd,
		      .refs = 1,
		      .file = {.addr = FILE_OF(fd),
			       .kind = ET_FILE_INET,
			       .ino = FILE_OF(fd),
			       .sport = port}},
		.events = EPOLLIN,
	};
}

static void seen_at(struct side *s, int fd)
{
	static struct {
		struct et_watched w;
		char name[16];
	} r;
	size_t length = s->name ? strlen(s->name) : 0;

	r.w = s->w;
	r.w.h = header(ET_KIND_WATCHED, sizeof(r.w) + length, ms, 7);
	r.w.file.name_len = length;
	if (length)
		memcpy(r.name, s->name, length);
	take(&r, sizeof(r.w) + length);
	entry_of_file(ms, FILE_OF(fd), fd, fd, s->events, ET_ENTRY_AT_NUMBER);
}

static void scans(unsigned n)
{
	while (n--) {
		ms += T_MS;
		scan(ms, 0);
		instance(ms, EP, 3);
		seen_at(&client, FD);
		seen_at(&other, OTHER);
		thread_at(7, 232, true, 0);
		wait_at(7, EP, wait_ms);
		scan(ms, ET_SCAN_END);
		tick(ms);
	}
}

static void delivers(int fd)
{
	ms += 10;
	take_wait(7, EP, (ms - 5) * MS, 5 * MS, 1, fd, false);
	wait_ms = ++ms;
}

static void begin_left(uint32_t events, uint16_t port)
{
	rules_wanted = 1u << RULE_LOST_EDGE | 1u << RULE_ONESHOT_NOT_REARMED;
	begin_rules();
	wait_ms = ms;
	client = stream_at(FD, CLIENT_PORT);
	client.events = events;
	other = stream_at(OTHER, port);
	plain_ctl(EPOLL_CTL_ADD, 0);
	number = OTHER;
	plain_ctl(EPOLL_CTL_ADD, 0);
	scans(2);
	delivers(FD);
	client.w.taken++;
	client.w.unread_bytes = 5;
	if (events & EPOLLONESHOT)
		client.events = EPOLLONESHOT;
}

#define EDGE	 (EPOLLIN | EPOLLET)
#define ONE_SHOT (EPOLLIN | EPOLLONESHOT)

static void ends_with_severity(uint32_t events, bool error)
{
	scans(MUCH_LATER);
	if (events & EPOLLET)
		ends_with(error ? "lost-edge note raised;lost-edge error raised;"
				: "lost-edge note raised;");
	else
		ends_with(error ? "oneshot-not-rearmed error raised;"
				: "oneshot-not-rearmed note raised;");
}

static void test_nothing_awaited(uint32_t events)
{
	begin_left(events, 5000);
	ends_with_severity(events, true);
	begin_left(events, CLIENT_PORT); /* it was answered, and is a client as well */
	other.w.given++;
	ends_with_severity(events, true);
	begin_left(events, 5000); /* it has had its event since */
	other.w.given++;
	scans(1);
	delivers(OTHER);
	ends_with_severity(events, true);
}

static void test_answer_awaited(uint32_t events)
{
	begin_left(events, 5000);
	other.w.given++;
	ends_with_severity(events, false);
	begin_left(events, 5000);
	plain_ctl(EPOLL_CTL_MOD, 0);
	ends_with_severity(events, false);
}

/* The number of a timer's input is the time at which it expires. */
static void test_timer_set(uint32_t events, uint64_t expires_ms, unsigned ticks, bool error)
{
	begin_left(events, 0);
	other.name = "[timerfd]";
	other.w.file.kind = ET_FILE_ANON;
	other.w.flags = ET_WATCHED_PENDING | ET_WATCHED_TAKEN;
	other.w.pending = ticks;
	other.w.taken = expires_ms * MS;
	ends_with_severity(events, error);
}

int main(void)
{
	static const uint32_t ways[] = {EDGE, ONE_SHOT};

	for (int i = 0; i < 2; i++) {
		test_nothing_awaited(ways[i]);
		test_answer_awaited(ways[i]);
		test_timer_set(ways[i], 60000, 0, false);
		test_timer_set(ways[i], 0, 0, true);   /* disarmed */
		test_timer_set(ways[i], 900, 0, true); /* it has expired, and was read */
		test_timer_set(ways[i], 900, 1, true);
	}
	return unit_failed;
}
