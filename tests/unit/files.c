/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a file is, from its record: its text, and beside that what is not taken from the text. */
#include "event/decode_internal.h"
#include "model/families.h"
#include "unit.h"

#include <sys/socket.h>

#define MADE 8

/* Files that were made last; each keeps its text until MADE others have been. */
static struct buf texts[MADE];
static struct file files[MADE];
static unsigned made;

static const struct file *make_named(struct et_file f, const char *proto, const char *name,
				     size_t len)
{
	unsigned at = made++ % MADE;

	memcpy(f.proto, proto, strlen(proto));
	f.name_len = len;
	CHECK(!decode_file(&texts[at], &f, name, len, &files[at]));
	return &files[at];
}

static const struct file *make(struct et_file f, const char *proto)
{
	return make_named(f, proto, "", 0);
}

static bool are_alike(const struct file *a, const struct file *b)
{
	return files_alike(a->text, &a->what, b->text, &b->what);
}

static const struct et_file tcp = {
	.kind = ET_FILE_INET, .family = AF_INET, .sport = 7, .saddr = {127, 0, 0, 1}};
static const struct et_file pipe_file = {.kind = ET_FILE_PIPE, .ino = 7};

static void test_alike(void)
{
	const struct file *a = make(tcp, "TCP"), *b = make(pipe_file, "");
	struct et_file other_tcp = tcp, other_pipe = pipe_file;
	struct file_what unknown = {.kind = FILE_UNKNOWN};

	other_tcp.sport = 11;
	other_pipe.ino = 11;
	CHECK(are_alike(a, make(other_tcp, "TCP")) && are_alike(b, make(other_pipe, "")));
	CHECK(!are_alike(a, b) && !are_alike(a, make(other_tcp, "TCPv6")));
	CHECK(files_alike(NULL, &unknown, NULL, &unknown));
	CHECK(!files_alike(a->text, &a->what, NULL, &unknown));
}

/* Of what has no number the whole text counts: a path, and not what in it looks like a number. */
static void test_alike_whole(void)
{
	static const struct et_file path = {.kind = ET_FILE_PATH};
	static const struct et_file anon = {.kind = ET_FILE_ANON};
	static const struct et_file queue = {.kind = ET_FILE_PATH, .flags = ET_FILE_MQUEUE};
	const struct file *a = make_named(path, "", "a:1", 4), *b = make_named(path, "", "a:2", 4);

	CHECK_STR(a->text, "/a:1");
	CHECK(!are_alike(a, b) && are_alike(a, make_named(path, "", "a:1", 4)));
	CHECK(!are_alike(make_named(anon, "", "[eventfd]", 9),
			 make_named(anon, "", "[timerfd]", 9)));
	CHECK(are_alike(make_named(queue, "", "a", 2), make_named(queue, "", "b", 2)));
}

static const struct et_file stream = {
	.kind = ET_FILE_UNIX, .family = AF_UNIX, .rdev = SOCK_STREAM, .ino = 7, .peer_ino = 11};

/* Its name is that part of its text. */
static void check_unix(const char *name, size_t len, const char *text, const char *bound,
		       bool abstract)
{
	const struct file *f = make_named(stream, "UNIX-STREAM", name, len);
	const struct unix_ends *ends = &f->what.unix_ends;

	CHECK_STR(f->text, text);
	CHECK(f->what.kind == FILE_UNIX && ends->inode == 7 && ends->peer_inode == 11);
	CHECK(!!ends->name_at == (len != 0) && ends->name_len == strlen(bound));
	CHECK(ends->abstract == abstract);
	CHECK(!memcmp(f->text + ends->name_at, bound, ends->name_len));
}

static void test_unix(void)
{
	check_unix("/a", 3, "UNIX-STREAM:[7->11,\"/a\"]", "/a", false);
	check_unix("\"\n", 3, "UNIX-STREAM:[7->11,\"\\\"\\n\"]", "\\\"\\n", false);
	check_unix("@a", 2, "UNIX-STREAM:[7->11,\"@a\"]", "@a", false);
	check_unix("\0a\0b", 4, "UNIX-STREAM:[7->11,@\"a\\0b\"]", "a\\0b", true);
	check_unix("\0", 1, "UNIX-STREAM:[7->11,@\"\"]", "", true);
	check_unix("", 0, "UNIX-STREAM:[7->11]", "", false);
}

static void test_inet(void)
{
	struct et_file connected = tcp, unbound = tcp;
	const struct file *listener = make(tcp, "TCP"), *f;

	connected.dport = 11;
	unbound.sport = 0;
	CHECK(listener->what.inet_ends.local.known && listener->what.inet_ends.local.port == 7);
	CHECK(!listener->what.inet_ends.peer.known);
	f = make(connected, "TCP");
	CHECK(f->what.inet_ends.peer.known && f->what.inet_ends.peer.port == 11);
	CHECK(!make(unbound, "TCP")->what.inet_ends.local.known);
}

static void test_deleted(void)
{
	static const struct et_file path = {.kind = ET_FILE_PATH};
	static const struct et_file gone = {.kind = ET_FILE_PATH, .flags = ET_FILE_DELETED};
	const struct file *a = make_named(path, "", "a", 2), *b = make_named(gone, "", "a", 2);

	CHECK_STR(a->text, "/a");
	CHECK_STR(b->text, "/a");
	CHECK(!a->what.deleted && b->what.deleted && !are_alike(a, b));
	CHECK(!make_named(path, "", "a\001", 3)->what.deleted);
}

static void add(struct families *f, const struct file *file, unsigned entries)
{
	struct totals t = {.entries = entries};

	families_add(f, file->text, &file->what, &t);
}

static void test_families(void)
{
	struct families f = {0};
	const struct file *a = make(tcp, "TCP"), *b = make(pipe_file, "");
	struct file_what unknown = {.kind = FILE_UNKNOWN};
	struct totals one = {.entries = 1};

	add(&f, a, 2);
	add(&f, b, 3);
	add(&f, a, 5);
	families_add(&f, NULL, &unknown, &one);
	CHECK(families_find(&f, a->text, &a->what)->sum.entries == 7);
	CHECK_STR(families_find(&f, a->text, &a->what)->name, "TCP");
	CHECK(families_find(&f, b->text, &b->what)->sum.entries == 3);
	CHECK_STR(families_find(&f, b->text, &b->what)->name, "pipe");
	CHECK(families_find(&f, NULL, &unknown)->sum.entries == 1);
	CHECK(families_sum(&f).entries == 11);
}

int main(void)
{
	test_alike();
	test_alike_whole();
	test_unix();
	test_inet();
	test_deleted();
	test_families();
	for (unsigned i = 0; i < MADE; i++)
		buf_free(&texts[i]);
	return unit_failed;
}
