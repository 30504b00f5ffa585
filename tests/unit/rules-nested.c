/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rule about instances that watch instances: nested. Each level is an instance whose only entry
 * stands for the next one.
 */
#include "feed-rules.h"

#define EP_AT(level) (EP + 0x100 * (uint64_t)(level))

/* What is done to the entry that stands for an instance, at that number, in another one. */
static void ctl_instance(int op, uint64_t outer, uint64_t inner, int fd)
{
	struct et_ctl r = {
		.c = {.h = header(ET_KIND_CTL, offsetof(struct et_ctl, name), ms, 7),
		      .ep = outer,
		      .epfile = outer + 1, /* as instance() has it */
		      .id = ET_CALL_EPOLL_CTL,
		      .refs = 1},
		.epfd = 3,
		.op = op,
		.fd = fd,
		.events = EPOLLIN,
		.data = fd,
		.table = TABLE,
		.file = {.addr = inner + 1, .kind = ET_FILE_EPOLL, .ep = inner},
	};

	r.c.h.flags = ET_F_EVENT_READ;
	take(&r, r.c.h.size);
}

static void entry_of_instance(uint64_t outer, uint64_t inner, int fd)
{
	entry_met_in(ms, outer, inner + 1, fd, fd, fd, EPOLLIN, ET_ENTRY_AT_NUMBER);
}

/* Instances within each other, each level at a number of its own. */
static void ctl_level(int op, int level)
{
	ms++;
	ctl_instance(op, EP_AT(level - 1), EP_AT(level), FD + level);
}

static void scan_levels(int levels)
{
	ms += T_MS;
	scan(ms, 0);
	for (int level = 0; level < levels; level++)
		instance(ms, EP_AT(level), FD + level);
	for (int level = 1; level < levels; level++)
		entry_of_instance(EP_AT(level - 1), EP_AT(level), FD + level);
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

#define WIDTH	      32
#define ROWS	      5
#define EP_OF(row, n) EP_AT((row)*WIDTH + (n))
#define FD_OF(row, n) (FD + (row)*WIDTH + (n))

/* Rows of instances, each of which watches all of the next row. */
static void for_each_in_rows(bool scanned)
{
	for (int n = 0; n < (ROWS - 1) * WIDTH; n++)
		for (int row = n / WIDTH + 1, below = 0; below < WIDTH; below++) {
			uint64_t inner = EP_OF(row, below);
			int fd = FD_OF(row, below);

			if (scanned)
				entry_of_instance(EP_AT(n), inner, fd);
			else
				ctl_instance(EPOLL_CTL_ADD, EP_AT(n), inner, fd);
		}
}

/*
 * A forged recording: the ways through the rows are more than anybody can walk. The search ends, and
 * that is told.
 */
static void test_rows(void)
{
	replayed = true;
	begin_rules();
	for_each_in_rows(false);
	CHECK(!model_incomplete(pipeline.model));
	ms += T_MS;
	scan(ms, 0);
	for (int n = 0; n < ROWS * WIDTH; n++)
		instance(ms, EP_AT(n), FD + n);
	for_each_in_rows(true);
	scan(ms, ET_SCAN_END);
	tick(ms);
	CHECK(model_incomplete(pipeline.model));
	end();
	replayed = false;
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
	test_rows();
	test_taken_out();
	return unit_failed;
}
