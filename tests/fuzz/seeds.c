/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writes the first inputs of the fuzz targets: records of every kind, made by hand as those of the
 * unit tests, in the forms that fuzz-decode.c and fuzz-replay.c read. The argument is a directory.
 */
#include "feed-scan.h"
#include "fuzz.h"
#include "recording/pack.h"
#include "recording/recorder.h"

#include <errno.h>
#include <sys/stat.h>

static struct buf records; /* each behind its length in 16 bits */
static const char *directory;

static int keep(void *ctx, const void *data, size_t size)
{
	(void)ctx;
	buf_char(&records, size & 0xff);
	buf_char(&records, size >> 8);
	buf_append(&records, data, size);
	return 0;
}

static void write_seed(const char *target, const char *name, const void *head, size_t head_len,
		       const void *data, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, target);
	mkdir(directory, 0777);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%s", directory, target, name);
	f = fopen(path, "we");
	MUST(f);
	MUST(fwrite(head, 1, head_len, f) == head_len && fwrite(data, 1, len, f) == len);
	MUST(!fclose(f));
}

static int put_block(void *ctx, const struct recording_block *block, size_t bytes)
{
	buf_append(ctx, block, bytes);
	return 0;
}

/* The records as a recording of one block, and that block's frames. */
static void write_recording(const char *name)
{
	struct recording_header h;
	struct buf file = {0}, frames = {0};
	struct input in = {(const uint8_t *)records.data, records.len};
	const uint8_t *bytes;
	struct packer p;
	char text[64];
	size_t len;

	recording_header_fill(&h);
	buf_append(&file, &h, sizeof(h));
	MUST(!packer_init(&p, put_block, &file));
	while ((bytes = take_bytes(&in, &len))) {
		struct et_hdr *r = copy_of(bytes, len);

		MUST(!packer_add(&p, r->kind, r, len, r->time_ns));
		free(r);
		frames.len = 0;
		buf_char(&frames, p.used & 0xff);
		buf_char(&frames, p.used >> 8);
		buf_append(&frames, p.plain, p.used);
	}
	MUST(!packer_flush(&p));
	packer_free(&p);
	write_seed("replay", name, "\0", 1, file.data, file.len);
	snprintf(text, sizeof(text), "%s-fixed", name);
	write_seed("replay", text, "\1", 1, file.data, file.len);
	snprintf(text, sizeof(text), "%s-frames", name);
	write_seed("replay", text, "\2", 1, frames.data, frames.len);
	buf_free(&file);
	buf_free(&frames);
}

/* What has been kept, with every set of options that matters. */
static void write_seeds(const char *name)
{
	static const unsigned char options[][3] = {
		{1, 1, 0},     {2 | 16, 3, 0},	    {2, 3 << 2, 0},  {4, 0, 0},
		{4 | 8, 0, 0}, {1 | 2 | 8 | 16, 0}, {1 | 64, 2, 16}, {4, 3 << 2, 64},
		{128, 0, 0},   {128, 64, 0},	    {2, 0, 128},     {4 | 64, 0, 128},
	};
	char text[64];

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(text, sizeof(text), "%s-%zu", name, i);
		write_seed("decode", text, options[i], sizeof(options[i]), records.data,
			   records.len);
	}
	snprintf(text, sizeof(text), "%s-records", name);
	write_seed("replay", text, "\3", 1, records.data, records.len);
	write_recording(name);
	records.len = 0;
}

static void made(uint64_t ms, int ret)
{
	struct et_create r = {
		.c = {.h = header(ET_KIND_CREATE, sizeof(r), ms, 7),
		      .duration_ns = 1000,
		      .ep = ret < 0 ? 0 : EP,
		      .ret = ret,
		      .id = ET_CALL_EPOLL_CREATE1},
		.arg = EPOLL_CLOEXEC,
	};

	take(&r, sizeof(r));
}

static void feature(void)
{
	struct et_feature r = {.h = header(ET_KIND_FEATURE, sizeof(r), 1000, 7)};

	memcpy(r.name, "task storage", 12);
	memcpy(r.state, "yes", 3);
	take(&r, sizeof(r));
}

static void syscalls(void)
{
	static const char names[] = "read\0write\0\0epoll_wait";
	struct {
		struct et_syscalls s;
		char names[sizeof(names)];
	} r = {.s.h = header(ET_KIND_SYSCALLS, sizeof(struct et_syscalls) + sizeof(names), 1000,
			     7)};

	memcpy(r.names, names, sizeof(names));
	take(&r, sizeof(r.s) + sizeof(names));
}

static void target(uint32_t root, uint32_t children)
{
	struct et_target r = {.h = header(ET_KIND_TARGET, sizeof(r), 1000, 7),
			      .root = root,
			      .children = children};

	take(&r, sizeof(r));
}

static void family(uint64_t ms)
{
	struct et_fork fork = {.h = header(ET_KIND_FORK, sizeof(fork), ms, 7),
			       .child_tgid = 1008,
			       .child_user_tgid = 8,
			       .comm = "child"};
	struct et_exec exec = {.h = header(ET_KIND_EXEC, sizeof(exec), ms, 7), .comm = "next"};
	struct et_comm comm = {.h = header(ET_KIND_COMM, sizeof(comm), ms, 7), .comm = "named"};

	take(&fork, sizeof(fork));
	exec.h.flags = ET_F_COMPAT;
	take(&exec, sizeof(exec));
	take(&comm, sizeof(comm));
}

/* What a thread does: in a call about a file with a name, or in none. */
static void thread(uint64_t ms, uint32_t tid, int nr, enum et_thread_state state)
{
	static const char name[] = "file\0tmp";
	struct {
		struct et_thread t;
		char name[sizeof(name)];
	} r = {.t = {.switches = ms,
		     .idle_ns = MS,
		     .nr = nr,
		     .state = state,
		     .fd = 5,
		     .comm = "worker",
		     .file = {.addr = 505,
			      .kind = ET_FILE_PATH,
			      .flags = ET_FILE_DELETED,
			      .name_len = sizeof(name)}}};
	size_t size = nr < 0 ? sizeof(r.t) : sizeof(r.t) + sizeof(name);

	r.t.h = header(ET_KIND_THREAD, size, ms, tid);
	r.t.h.flags = nr < 0 ? 0 : ET_F_CALLFILE;
	memcpy(r.name, name, sizeof(name));
	take(&r, size);
}

/* epoll_ctl with files of all kinds; the last time epfd is no instance. */
static void ctl_files(uint64_t ms)
{
	static struct et_ctl r;

	for (unsigned kind = 0; kind <= ET_FILE_PIDFD; kind++) {
		bool no_instance = kind == ET_FILE_PIDFD;
		size_t size = no_instance ? sizeof(r) : offsetof(struct et_ctl, name) + 8;

		r = (struct et_ctl){
			.c = {.h = header(ET_KIND_CTL, size, ms, 7),
			      .epfile = 1,
			      .ret = -EINVAL,
			      .id = ET_CALL_EPOLL_CTL},
			.op = EPOLL_CTL_ADD,
			.fd = 6,
			.file = {.addr = 600,
				 .ep = kind == ET_FILE_EPOLL ? EP2 : 0,
				 .ino = 23,
				 .peer_ino = 24,
				 .kind = kind,
				 .name_len = 8,
				 .family = kind % 2 ? 2 : 10,
				 .sport = 80,
				 .dport = 1024,
				 .proto = "TCP"},
			.name = "name\0bc",
			.epfile = {.addr = 601, .kind = ET_FILE_UNIX, .name_len = 4},
			.epname = "\0@ab",
		};
		r.c.h.flags = no_instance ? ET_F_EPFILE : 0;
		take(&r, size);
	}
}

/* epoll_pwait2, and its return from a descriptor that is no instance. */
static void pwait2(uint64_t ms, bool no_instance)
{
	struct {
		struct et_wait w;
		struct et_wait_ext x;
		struct et_file file;
		char name[8];
	} r = {
		.w = {.c = {.h = header(ET_KIND_WAIT, sizeof(r), ms, 8),
			    .ep = no_instance ? 0 : EP,
			    .epfile = 1,
			    .ret = no_instance ? -EINVAL : 0,
			    .id = ET_CALL_EPOLL_PWAIT2},
		      .a = {.epfd = 3, .maxevents = 8, .events_ptr = 16, .timeout = 32},
		      .event_size = 16},
		.x = {.sigset = 0x4003, .sigsetsize = 8, .sigmask_ptr = 48, .tv_nsec = 7},
		.file = {.addr = 600, .kind = ET_FILE_ANON, .name_len = 8},
		.name = "[timer]",
	};

	r.w.c.h.flags = ET_F_SIGSET_READ | ET_F_TIMEOUT_READ | (no_instance ? ET_F_EPFILE : 0);
	take(&r, sizeof(r));
}

/* A wait with events in records of their own, and a call that was skipped. */
static void wide_wait(uint64_t ms)
{
	struct et_wait skipped = {
		.c = {.h = header(ET_KIND_WAIT, sizeof(skipped), ms, 8),
		      .ep = EP,
		      .ret = -EPERM,
		      .id = ET_CALL_EPOLL_WAIT},
		.a = {.epfd = 3, .maxevents = 8},
		.event_size = 12,
	};

	more_ready(8, ms, 8, 1);
	more_ready(8, ms, 3, 9);
	waited(8, ms - 1, ms, 11);
	skipped.c.h.flags = ET_F_NO_ENTRY | ET_F_SKIPPED;
	take(&skipped, sizeof(skipped));
}

static void close_number(uint64_t ms, int fd, uint64_t ep, unsigned refs)
{
	struct et_close r = {.h = header(ET_KIND_CLOSE, sizeof(r), ms, 7),
			     .file = FILE_OF(fd),
			     .ep = ep,
			     .fd = fd,
			     .refs = refs};

	take(&r, sizeof(r));
}

static void begin_all(void)
{
	start();
	feature();
	syscalls();
	target(7, 1);
}

static void seed_calls(void)
{
	begin_all();
	made(1010, 3);
	made(1011, -EMFILE);
	ctl(1012, EPOLL_CTL_ADD, 5, 5);
	ctl(1013, EPOLL_CTL_MOD, 5, 6);
	waited_before(7, 1100);
	waited(7, 1110, 1200, 1);
	waited(8, 1110, 1300, -EINTR);
	inflight(8, 1310, false);
	tick(2500);
	ctl(2501, EPOLL_CTL_DEL, 5, 0);
	waited(8, 1310, 2600, 1);
	exited(8, 2700, false);
	lost(2800, 3);
	exited(7, 2900, true);
	finish_alive(3000);
	write_seeds("calls");
}

static void seed_files(void)
{
	begin_all();
	made(1010, 3);
	ctl_files(1020);
	pwait2(1030, false);
	pwait2(1040, true);
	wide_wait(1050);
	for (int fd = 4; fd < 8; fd++)
		ctl(1050, EPOLL_CTL_ADD, fd, 7);
	waited(7, 1060, 1070, 1);
	close_number(1080, 4, 0, 2);
	close_number(1081, 5, 0, 1);
	close_number(1082, 3, EP, 1);
	family(1090);
	finish(1100);
	write_seeds("files");
}

/* What rules find something in. */
static void seed_rules(void)
{
	begin_all();
	made(1010, 3);
	for (int fd = 4; fd < 8; fd++)
		ctl(1012, EPOLL_CTL_ADD, fd, fd);
	for (uint64_t ms = 1100; ms < 2200; ms += 100) {
		scan(ms, 0);
		instance(ms, EP, 3);
		for (int fd = 4; fd < 8; fd++) {
			watched(ms, FILE_OF(fd), ms > 1900 ? 0 : 10);
			read_and_written(ms, FILE_OF(fd), fd, 0);
			entry_met(ms, FILE_OF(fd), fd, fd + (fd == 6), fd,
				  fd == 7 ? EPOLLONESHOT : EPOLLIN | EPOLLET,
				  fd == 6 ? 0 : ET_ENTRY_AT_NUMBER);
		}
		thread(ms, 7, 1, ET_THREAD_BLOCKED);
		inflight(7, 1050, false);
		scan(ms + 1, ET_SCAN_END);
	}
	waited(7, 1050, 2300, 1);
	close_number(2301, 5, 0, 1);
	ctl(2302, EPOLL_CTL_ADD, 5, 9);
	read_and_written(2303, FILE_OF(5), 5, ET_F_FIRST);
	waited(8, 2300, 2310, 1);
	finish_alive(2400);
	write_seeds("rules");
}

static void seed_scans(void)
{
	begin_all();
	for (unsigned i = 0; i < 3; i++) {
		uint64_t ms = 1010 + 2000 * i;

		scan(ms, i == 2 ? ET_SCAN_NO_ITER : 0);
		instance(ms, EP, 3);
		instance(ms, i == 1 ? 0 : EP2, 9);
		entry(ms + 1, 4, 0x4);
		entry_of_file(ms + 1, FILE_OF(5), 5, 0x5, EPOLLET | EPOLLIN, 0);
		row(ms + 2, 4, 0x4);
		row(ms + 2, 6, 0x6);
		rows_end(ms + 2);
		thread(ms + 2, 7, 1, ET_THREAD_BLOCKED);
		thread(ms + 2, 8, -1, ET_THREAD_RUNS);
		inflight(8, ms + 3, true);
		scan(ms + 4, ET_SCAN_END | (i ? ET_SCAN_CUT | ET_SCAN_UNSEEN : 0));
		tick(ms + 5);
		closed(ms + 6, 4, 1 + i);
	}
	finish_alive(9000);
	write_seeds("scans");
}

int main(int argc, char **argv)
{
	if (argc != 2 || argv[1][0] == '-') {
		fprintf(stderr, "usage: seeds DIRECTORY\n");
		return 2;
	}
	directory = argv[1];
	feed.take = keep;
	process = 7;
	seed_calls();
	seed_files();
	seed_scans();
	seed_rules();
	write_seed("replay", "text", "\0", 1, "#!/bin/sh\n", 10);
	buf_free(&records);
	return unit_failed;
}
