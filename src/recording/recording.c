/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "recording/recording.h"

#include "base/log.h"
#include "base/version.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

void recording_header_fill(struct recording_header *h)
{
	struct utsname uts;

	*h = (struct recording_header){
		.order = RECORDING_ORDER,
		.version = RECORDING_VERSION,
		.size = sizeof(*h),
		.clock = CLOCK_MONOTONIC,
		.tool = ET_TOOL,
	};
	memcpy(h->magic, RECORDING_MAGIC, sizeof(h->magic)); /* no room for the NUL, and no need */
	if (!uname(&uts)) {
		memcpy(h->machine, uts.machine, strnlen(uts.machine, sizeof(h->machine)));
		memcpy(h->kernel, uts.release, strnlen(uts.release, sizeof(h->kernel)));
	}
	h->check = crc32(0, (const unsigned char *)h, sizeof(*h));
}

int recording_create(const char *path, struct failure *failure)
{
	bool is_stdout = !strcmp(path, "-");
	int fd;

	if (is_stdout && isatty(STDOUT_FILENO))
		return fail(failure, -EINVAL, NULL, "a recording is not for a terminal");
	fd = is_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
		       : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(failure, -errno, NULL, "cannot write recording '%s': %s", path,
			    log_errno(errno));
	return fd;
}

/* Takes back what was written of a block, if the file can be cut. */
static void take_back(int fd, size_t written)
{
	struct stat st;

	if (written && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    !ftruncate(fd, st.st_size - (off_t)written))
		lseek(fd, -(off_t)written, SEEK_CUR);
}

int recording_write(int fd, const void *data, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	size_t done = 0;
	int err = 0;

	while (!err && done < size) {
		ssize_t n = write(fd, (const char *)data + done, size - done);

		if (n >= 0)
			done += n;
		else if (errno == EAGAIN)
			err = poll(&p, 1, -1) < 0 && errno != EINTR ? -errno : 0;
		else if (errno != EINTR)
			err = -errno;
	}
	if (err)
		take_back(fd, done);
	return err;
}
