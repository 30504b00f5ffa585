/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A file that takes no more ends with a whole line, however much of the next one was written. */
#include "sinks/output.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static struct output out;

static off_t file_size(void)
{
	struct stat st;

	return fstat(out.fd, &st) ? -1 : st.st_size;
}

static void put_bytes(size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_char(&out.buf, 'x');
}

/* No file may grow beyond that. */
static void set_limit(size_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	CHECK(!setrlimit(RLIMIT_FSIZE, &limit));
}

/* A line, then one in pieces of which only the first have room. */
static void test_pieces(void)
{
	int pieces = 0;

	set_limit(10 * MIB);
	out = (struct output){.fd = memfd_create("out", MFD_CLOEXEC)};
	put_bytes(1000);
	buf_char(&out.buf, '\n');
	CHECK(!output_line_done(&out) && file_size() == 0);
	while (!output_piece_done(&out) && pieces < 100) {
		put_bytes(MIB);
		pieces++;
	}
	CHECK(out.err == -EFBIG && pieces > 9 && pieces < 20);
	CHECK(file_size() == 1001);
	close(out.fd);
	buf_free(&out.buf);
}

/* Somebody truncates the file in the middle of a line: what came since is no whole line either. */
static void test_truncated(void)
{
	set_limit(10 * MIB);
	out = (struct output){.fd = memfd_create("out", MFD_CLOEXEC)};
	CHECK(fcntl(out.fd, F_SETFL, O_APPEND) == 0);
	put_bytes(9 * MIB);
	CHECK(!output_piece_done(&out) && file_size() == 9 * MIB);
	CHECK(!ftruncate(out.fd, 0));
	put_bytes(4 * MIB);
	CHECK(!output_piece_done(&out) && file_size() == 4 * MIB);
	put_bytes(7 * MIB);
	CHECK(output_flush(&out) == -EFBIG && file_size() == 0);
	close(out.fd);
	buf_free(&out.buf);
}

static void test_memory(void)
{
	out = (struct output){.fd = memfd_create("out", MFD_CLOEXEC)};
	out.buf.failed = true;
	CHECK(output_flush(&out) == -ENOMEM);
	close(out.fd);
}

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	test_pieces();
	test_truncated();
	test_memory();
	return unit_failed;
}
