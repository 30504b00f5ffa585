/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A recording that an arm64 machine made, read wherever this runs: the ready events lie 16 bytes
 * apart, the system calls have other numbers, and their names are in the recording.
 */
#include "pipeline.h"
#include "tape.h"

#include <sys/epoll.h>
#include <sys/mman.h>

#define EP	 0xffff000012345600ULL
#define ARM_READ 63 /* read(2); on x86-64 that is uname(2) */

/* struct epoll_event, as it is on all architectures but x86. */
struct arm_event {
	uint32_t events;
	uint32_t padding;
	uint64_t data;
};

static void add_names(struct packer *p)
{
	struct {
		struct et_syscalls r;
		char names[128];
	} s = {.r.h = tape_hdr(ET_KIND_SYSCALLS, 0, 1001)};
	size_t len = 0;

	for (int nr = 0; nr < ARM_READ; nr++)
		s.names[len++] = 0;
	len += snprintf(s.names + len, sizeof(s.names) - len, "read") + 1;
	s.r.h.size = sizeof(s.r) + len;
	tape_add(p, &s);
}

static void add_wait(struct packer *p)
{
	struct {
		struct et_wait w;
		struct et_wait_ext x;
		struct arm_event events[2];
	} r = {
		.w.c = {.h = tape_hdr(ET_KIND_WAIT, sizeof(r), 1002),
			.duration_ns = 5000,
			.ep = EP,
			.ret = 2,
			.id = ET_CALL_EPOLL_PWAIT},
		.w.a = {.epfd = 3, .maxevents = 8, .events_ptr = 0x1000, .timeout = -1},
		.w.copied = 2,
		.w.event_size = sizeof(struct arm_event),
		.x.sigsetsize = 8,
		.events = {{EPOLLIN, 0, 0x4}, {EPOLLOUT | EPOLLHUP, 0, 0x1234567890abcdef}},
	};

	tape_add(p, &r);
}

static void add_thread(struct packer *p)
{
	struct et_thread r = {.h = tape_hdr(ET_KIND_THREAD, sizeof(r), 1003),
			      .nr = ARM_READ,
			      .state = ET_THREAD_BLOCKED,
			      .comm = "server"};

	tape_add(p, &r);
}

static void make_tape(void)
{
	struct recording_header h = tape_header();
	struct et_start start = tape_start();
	struct et_target target = {.h = tape_hdr(ET_KIND_TARGET, sizeof(target), 1001), .root = 7};
	struct et_end end = tape_end(1004);
	struct packer p;

	memset(h.machine, 0, sizeof(h.machine));
	memcpy(h.machine, "aarch64", 7);
	tape_begin(h);
	CHECK(!packer_init(&p, tape_block, NULL));
	tape_add(&p, &start);
	add_names(&p);
	tape_add(&p, &target);
	add_wait(&p);
	add_thread(&p);
	tape_add(&p, &end);
	CHECK(!packer_flush(&p));
	packer_free(&p);
}

static const char *replayed(bool snapshot)
{
	static char text[4096];
	struct pipeline_options opt = {
		.filter = {.calls = CALLS_ALL},
		.lines = !snapshot,
		.snapshot = snapshot,
		.blocked_after_ns = 1000 * MS,
		.fd = memfd_create("out", MFD_CLOEXEC),
	};
	struct failure f = {0};
	struct pipeline p;
	struct record_sink sink = {pipeline_take, &p};
	FILE *stream = fmemopen(tape.data, tape.len, "r");
	ssize_t n;

	CHECK(!pipeline_init(&p, &opt));
	CHECK(!replay_stream(stream, "tape", &sink, &f));
	CHECK(!pipeline_finish(&p));
	CHECK(!p.malformed);
	n = pread(opt.fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = 0;
	pipeline_free(&p);
	fclose(stream);
	close(opt.fd);
	return text;
}

int main(void)
{
	make_tape();
	CHECK(strstr(replayed(false),
		     "epoll_pwait(3<eventpoll#1>, [{events=EPOLLIN, data=0x4, fd=?}, "
		     "{events=EPOLLOUT|EPOLLHUP, data=0x1234567890abcdef, fd=?}], 8, -1, NULL, 8) "
		     "= 2 <0.000005>\n"));
	CHECK(strstr(replayed(true), "read\n"));
	tape_free();
	return unit_failed;
}
