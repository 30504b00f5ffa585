/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writers of timelines: records made by hand, which are hard to come by otherwise, become a file. With
 * arguments, FORMAT FILE, it stays for tests/timeline.bats to read; without, both are made.
 */
#include "feed.h"

#include <fcntl.h>
#include <stdlib.h>

#define ENTRIES 4999 /* more than names are kept */

static void begin_writing(enum timeline_format format, const char *path)
{
	struct pipeline_options opt = {
		.filter = {.calls = CALLS_ALL},
		.timeline = format,
		.blocked_after_ns = 1000 * MS,
		.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666),
	};

	process = 7;
	CHECK(opt.fd >= 0);
	CHECK(!pipeline_init(&pipeline, &opt));
}

/* Entries with names that take all bytes there are, a loss in their midst, waits at their end. */
static void write_all(enum timeline_format format, const char *path)
{
	struct et_comm comm = {.h = header(ET_KIND_COMM, sizeof(comm), 1000, 7),
			       .comm = "\x01\x80\"'\\\n{}"};

	begin_writing(format, path);
	start();
	take(&comm, sizeof(comm));
	for (int i = 0; i < ENTRIES; i++) {
		ctl(1001 + i, EPOLL_CTL_ADD, 10 + i, i);
		if (i == 1999 || i == 2999)
			lost(1001 + i, 23);
		if (i % 7 == 0)
			take_wait(8, EP, (1001 + i) * MS, MS + i, 1, i, false);
	}
	waited(7, 7000, 7000, 1); /* takes no time */
	waited(7, 7000, 7001, 1);
	inflight(9, 1000, true);
	tick(8500);
	finish_alive(9000);
	CHECK(!pipeline_finish(&pipeline));
	CHECK(!pipeline.malformed);
	close(pipeline.opt.fd);
	pipeline_free(&pipeline);
}

static void write_both(void)
{
	char path[] = "/tmp/epolltrace.XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	write_all(TIMELINE_PERFETTO, path);
	CHECK(lseek(fd, 0, SEEK_END) > 100 * ENTRIES);
	write_all(TIMELINE_CHROME, path);
	CHECK(lseek(fd, 0, SEEK_END) > 300 * ENTRIES);
	close(fd);
	unlink(path);
}

int main(int argc, char **argv)
{
	if (argc == 3)
		write_all(strcmp(argv[1], "chrome") ? TIMELINE_PERFETTO : TIMELINE_CHROME, argv[2]);
	else
		write_both();
	return unit_failed;
}
