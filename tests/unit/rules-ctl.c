/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What rules find in calls of epoll_ctl that failed, and by them. */
#include "scene.h"

static void test_ctl_error(void)
{
	begin_with(0);
	fails(EPOLL_CTL_ADD, FD, EEXIST);
	ctl(++ms, EPOLL_CTL_MOD, FD, FD);
	fails(EPOLL_CTL_ADD, FD, EEXIST);
	CHECK_STR(found(), "");
	fails(EPOLL_CTL_ADD, FD, EEXIST);
	CHECK_STR(found(), "ctl-error warning raised;");
	fails(EPOLL_CTL_ADD, FD, EEXIST); /* counted */
	fails(EPOLL_CTL_MOD, FD, ENOENT); /* an ADD may answer it */
	fails(EPOLL_CTL_DEL, 17, ENOENT); /* blindly */
	CHECK_STR(found(), "ctl-error warning raised;");
	fails(EPOLL_CTL_ADD, FD, ENOSPC);
	CHECK_STR(found(), "ctl-error warning raised;ctl-error error raised;");
	end();
}

/* EEXIST once: of interest where the entry has another mask, and nothing changes it. */
static void test_eexist(void)
{
	static struct et_ctl r;

	begin_with(0);
	scans(1);
	fails(EPOLL_CTL_ADD, FD, EEXIST);
	waits_on(20);
	CHECK_STR(found(), "");
	end();
	begin_with(0);
	scans(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	now.waits = false; /* it may be about to answer */
	scans(3);
	CHECK_STR(found(), "");
	now.waits = true;
	waits_on(2);
	only("ctl-error warning",
	     "asked for EPOLLIN|EPOLLOUT|EPOLLET, and the entry keeps EPOLLIN|EPOLLET; no "
	     "EPOLL_CTL_MOD has answered it for 0.");
	begin_with(0);
	scans(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	ctl(++ms, EPOLL_CTL_MOD, FD, FD);
	waits_on(1);
	quiet(20);
	begin_with(0); /* other data is as good as another mask */
	scans(1);
	r = failing(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLET);
	r.data = 17;
	take(&r, r.c.h.size);
	waits_on(2);
	only("ctl-error warning",
	     "and the entry keeps EPOLLIN|EPOLLET, as it was registered and with "
	     "the data of then");
	r.data = 1ULL << 32 | FD; /* libev's next count of its uses of FD: asked again and again */
	begin_with(0);
	scans(1);
	for (int i = 0; i < 3; i++) {
		r.c.h.time_ns = ++ms * MS;
		take(&r, r.c.h.size);
		waits_on(2);
	}
	quiet(20);
	begin_with(0); /* but with another mask */
	scans(1);
	r.c.h.time_ns = ++ms * MS;
	r.events = EPOLLIN | EPOLLOUT | EPOLLET;
	take(&r, r.c.h.size);
	waits_on(2);
	only("ctl-error warning", "asked for EPOLLIN|EPOLLOUT|EPOLLET, and the entry keeps");
	begin_with(0); /* what it is about has gone */
	scans(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	closed(++ms, FD, 1);
	waits_on(1);
	quiet(20);
	begin_with(0); /* an answer may be among what was lost */
	scans(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	lost(++ms, 1);
	waits_on(1);
	quiet(20);
}

static void test_mod_enoent(void)
{
	struct et_close r;

	begin_with(0);
	scans(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	CHECK_STR(found(), "");
	waits_on(2);
	only("ctl-error warning", "no EPOLL_CTL_ADD has answered that for 0.1 s; descriptor 4 was "
				  "<pipe:[1]> until thread 7 closed it, 0.0 s before");
	begin_with(0); /* its file is closed later, at another number, by another thread */
	scans(1);
	closed(++ms, FD, 2);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	r = (struct et_close){.h = header(ET_KIND_CLOSE, sizeof(r), ++ms, 7),
			      .file = FILE_A,
			      .table = 1,
			      .fd = OTHER,
			      .refs = 1};
	r.h.tid = r.h.user_tid = 9;
	take(&r, sizeof(r));
	waits_on(2);
	only("ctl-error warning", "<pipe:[1]> until thread 7 closed it, 0.0 s before");
	begin_with(0);
	scans(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	ctl(++ms, EPOLL_CTL_ADD, FD, FD);
	waits_on(1);
	quiet(20);
	begin_with(0); /* the file is given up */
	scans(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	closed(++ms, FD, 1);
	waits_on(1);
	quiet(20);
	begin_with(0); /* but not where a child closes what it has inherited */
	scans(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	r = (struct et_close){
		.h = header(ET_KIND_CLOSE, sizeof(r), ++ms, 8),
		.file = FILE_A,
		.table = 10,
		.fd = FD,
		.refs = 2,
	};
	take(&r, sizeof(r));
	waits_on(2);
	only("ctl-error warning", "no EPOLL_CTL_ADD has answered that");
	begin_with(0); /* but after a long wait */
	scans(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, ENOENT);
	ms += T_MS;
	take_wait(7, EP, (ms - 90) * MS, 80 * MS, 0, 0, false);
	closed(++ms, FD, 1);
	only("ctl-error warning", "no EPOLL_CTL_ADD has answered that for 0.1 s");
}

static void test_ebadf(void)
{
	static struct et_ctl r;

	begin_with(0);
	scans(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_MOD, FD, EBADF);
	only("ctl-error warning",
	     "EPOLL_CTL_MOD = -1 EBADF (Bad file descriptor); descriptor 4 was "
	     "<pipe:[1]> until thread 7 closed it, 0.0 s before");
	begin_with(0);
	scans(1);
	closed(++ms, FD, 1);
	fails(EPOLL_CTL_DEL, FD, EBADF);
	only("ctl-error note", "\"advice\":\"EPOLL_CTL_DEL before close(), not after it\"");
	begin_with(0);
	fails(EPOLL_CTL_ADD, OTHER, EBADF);
	only("ctl-error warning", "what descriptor 17 was, and who closed it, was not seen");
	begin_with(0);
	r = failing(EPOLL_CTL_ADD, FD, EBADF, EPOLLIN);
	r.c.ep = r.c.epfile = 0;
	take(&r, r.c.h.size);
	only("ctl-error warning", "descriptor 3, which is to be the instance, is not open");
}

/* A DEL that finds nothing is of interest only where the entry is there, of another file. */
static void test_del_enoent(void)
{
	static struct et_ctl r;

	begin_with(0);
	scans(1);
	ctl(++ms, EPOLL_CTL_DEL, FD, FD);
	fails(EPOLL_CTL_DEL, FD, ENOENT);
	CHECK_STR(found(), "");
	end();
	begin_with(0);
	scans(1);
	closed(++ms, FD, 2);
	now.entry_flags = 0; /* it is open elsewhere */
	scans(1);
	r = failing(EPOLL_CTL_DEL, FD, ENOENT, 0);
	r.file.addr++;
	take(&r, r.c.h.size);
	only("ctl-error note",
	     "the entry of that number is of a file that it is not any more, and stays: "
	     "process 7 has the file open as descriptor 9");
}

/* Why a call gave EINVAL. */
static void einval(struct et_ctl call, const char *text)
{
	static struct et_ctl r;

	r = call;
	take(&r, r.c.h.size);
	only("ctl-error error", text);
}

static void begin_exclusive(uint32_t events)
{
	begin_with(0);
	now.events |= events;
	scans(1);
}

static void test_einval(void)
{
	struct et_ctl r;

	begin_exclusive(EPOLLEXCLUSIVE);
	einval(failing(EPOLL_CTL_MOD, FD, EINVAL, EPOLLIN),
	       "the entry has EPOLLEXCLUSIVE: such an entry cannot be changed");
	begin_exclusive(0);
	einval(failing(EPOLL_CTL_MOD, FD, EINVAL, EPOLLIN | EPOLLEXCLUSIVE),
	       "EPOLLEXCLUSIVE can be asked for by EPOLL_CTL_ADD only");
	begin_exclusive(0);
	einval(failing(EPOLL_CTL_ADD, 17, EINVAL,
		       EPOLLIN | EPOLLRDHUP | EPOLLONESHOT | EPOLLEXCLUSIVE),
	       "EPOLLRDHUP|EPOLLONESHOT with EPOLLEXCLUSIVE");
	begin_exclusive(0);
	r = failing(EPOLL_CTL_ADD, 17, EINVAL, EPOLLIN | EPOLLEXCLUSIVE);
	r.file.ep = EP + 4096;
	einval(r, "EPOLLEXCLUSIVE of an epoll instance");
	begin_exclusive(0);
	r = failing(EPOLL_CTL_ADD, 3, EINVAL, EPOLLIN);
	r.file.ep = EP;
	einval(r, "descriptor 3 is the instance itself");
	begin_exclusive(0);
	r = failing(EPOLL_CTL_ADD, FD, EINVAL, EPOLLIN);
	r.c.ep = 0;
	einval(r, "descriptor 3 is no epoll instance");
	begin_exclusive(0);
	einval(failing(17, FD, EINVAL, EPOLLIN), "there is no operation 17");
}

/* ADD of /dev/null, and what it asked for is waited for. */
static void adds_device(void)
{
	static struct {
		struct et_ctl r;
		char name[16];
	} at;

	at.r = failing(EPOLL_CTL_ADD, 0, EPERM, EPOLLIN);
	at.r.file.kind = ET_FILE_PATH;
	at.r.file.flags = ET_FILE_CHAR;
	at.r.file.name_len = 9;
	at.r.c.h.size += 9;
	memcpy((char *)&at + offsetof(struct et_ctl, name), "null\0dev", 9);
	take(&at, at.r.c.h.size);
}

static void test_eperm(void)
{
	begin_with(0);
	now.forever = false; /* other threads work */
	adds_device();
	waits_on(20);
	only("ctl-error note", "/dev/null");
	begin_with(0);
	adds_device();
	waits_on(20);
	CHECK_STR(found(), "ctl-error note raised;ctl-error warning raised;");
	CHECK(strstr(written(), "this file cannot be polled, and thread 7 has been in a wait for "
				"0."));
	end();
}

/* Output is owed, and EPOLLOUT was asked for by a call that failed: that call is named. */
static void test_lost_write_asked(void)
{
	begin_with(0);
	now.w.flags |= ET_WATCHED_GIVEN | ET_WATCHED_UNSENT;
	scans(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	waits_on(9);
	CHECK_STR(found(), "ctl-error warning raised;lost-write note raised;");
	CHECK(strstr(written(), "EPOLL_CTL_ADD for EPOLLOUT gave EEXIST (File exists) 0."));
	CHECK(strstr(written(),
		     "\"advice\":\"ask for EPOLLOUT by EPOLL_CTL_MOD: EPOLL_CTL_ADD changes "
		     "nothing\""));
	end();
	begin_with(0); /* what gave EAGAIN was not dropped: the program has asked for room */
	now.w.flags |= ET_WATCHED_UNSENT;
	wrote(-EAGAIN);
	scans(1);
	fails_asking(EPOLL_CTL_ADD, FD, EEXIST, EPOLLIN | EPOLLOUT | EPOLLET);
	waits_on(4);
	CHECK(strstr(found(), "lost-write error raised;"));
	end();
}

int main(void)
{
	test_ctl_error();
	test_eexist();
	test_mod_enoent();
	test_ebadf();
	test_del_enoent();
	test_einval();
	test_eperm();
	test_lost_write_asked();
	return unit_failed;
}
