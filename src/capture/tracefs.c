/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A directory of tracefs is there only if it is mounted, so ask for one inside. */
static int open_mounted(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int inside = fd < 0 ? -1 : openat(fd, "events/syscalls", O_PATH | O_CLOEXEC);

	if (inside < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(inside);
	return fd;
}

/* fsopen(2), fsconfig(2), fsmount(2): system calls 5.2; the C library's wrappers are younger. */
static int open_detached(void)
{
	int fs = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	int fd, err;

	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
		err = -errno;
		close(fs);
		return err;
	}
	fd = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	err = -errno;
	close(fs);
	return fd < 0 ? err : fd;
}

int tracefs_open(enum tracefs_way *ret_way)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	int fd;

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		fd = open_mounted(places[i]);
		if (fd >= 0) {
			*ret_way = TRACEFS_MOUNTED;
			return fd;
		}
	}
	fd = open_detached();
	*ret_way = fd >= 0 ? TRACEFS_DETACHED : TRACEFS_NONE;
	return fd;
}

int tracefs_event_id(int tracefs, const char *event)
{
	char path[128], text[16];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "events/%s/id", event);
	fd = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -EIO;
	text[n] = 0;
	return atoi(text);
}

int tracefs_syscall_id(int tracefs, const char *name)
{
	char event[96];

	snprintf(event, sizeof(event), "syscalls/%s", name);
	return tracefs_event_id(tracefs, event);
}
