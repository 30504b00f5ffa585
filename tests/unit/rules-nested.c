/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rule about instances that watch instances: nested. Each level is an instance whose only entry
 * stands for the next one.
 */
#include "feed-rules.h"

#define EP_AT(level)   (EP + 0x100 * (uint64_t)(level))
#define FILE_AT(level) (EP_AT(level) + 1) /* as instance() has it */

/* Adds the instance of that level to the one above, at a number of its own, or takes it out. */
static void ctl_level(int op, int level)
{
	struct et_ctl r = {
		.c = {.h = header(ET_KIND_CTL, offsetof(struct et_ctl, name), ++ms, 7),
		      .ep = EP_AT(level - 1),
		      .epfile = FILE_AT(level - 1),
		      .id = ET_CALL_EPOLL_CTL,
		      .refs = 1},
		.epfd = FD + level - 1,
		.op = op,
		.fd = FD + level,
		.events = EPOLLIN,
		.data = FD + level,
		.table = TABLE,
		.file = {.addr = FILE_AT(level), .kind = ET_FILE_EPOLL, .ep = EP_AT(level)},
	};

	r.c.h.flags = ET_F_EVENT_READ;
	take(&r, r.c.h.size);
}

/* A scan that finds so many instances within each other. */
static void scan_levels(int levels)
{
	ms += T_MS;
	scan(ms, 0);
	for (int level = 0; level < levels; level++)
		instance(ms, EP_AT(level), FD + level);
	for (int level = 1; level < levels; level++)
		entry_met_in(ms, EP_AT(level - 1), FILE_AT(level), FD + level, FD + level,
			     FD + level, EPOLLIN, ET_ENTRY_AT_NUMBER);
	scan(ms, ET_SCAN_END);
	tick(ms);
}

static void nest(int levels)
{
	begin_rules();
	for (int level = 1; level < levels; level++)
		ctl_level(EPOLL_CTL_ADD, level);
	scan_levels(levels);
}

/* The finding about that number says so. */
static void says(int fd, const char *evidence)
{
	const char *line = written();
	char subject[32];

	snprintf(subject, sizeof(subject), "\"fd\":%d,", fd);
	while ((line = strstr(line, "{\"type\":\"finding\""))) {
		const char *end = strchr(line, '\n'), *at = strstr(line, subject);

		if (at && at < end) {
			at = strstr(line, evidence);
			CHECK(at && at < end);
			return;
		}
		line = end;
	}
	CHECK(!"a finding about that number");
}

#define NOTE "nested note raised;"

static void test_levels(void)
{
	nest(1);
	ends_with("");
	nest(2);
	CHECK_STR(found(), NOTE);
	says(FD + 1, "\"1 level below this one\"");
	end();
	nest(3); /* each entry that stands for an instance has a finding */
	CHECK_STR(found(), NOTE NOTE);
	says(FD + 1, "\"2 levels below this one\"");
	says(FD + 2, "\"1 level below this one\"");
	end();
}

/* What the kernel allows at most, and what only a forged recording has. */
static void test_most(void)
{
	nest(6);
	CHECK_STR(found(), NOTE NOTE NOTE NOTE NOTE);
	says(FD + 1, "\"5 levels below this one\"");
	end();
	nest(8);
	found();
	says(FD + 1, "\"5 levels below this one\"");
	end();
}

/* The entry that stood for it is no more, and the note has gone with it. */
static void test_taken_out(void)
{
	nest(3);
	ctl_level(EPOLL_CTL_DEL, 2);
	scan_levels(2);
	ends_with(NOTE NOTE "nested note resolved;");
}

int main(void)
{
	test_levels();
	test_most();
	test_taken_out();
	return unit_failed;
}
