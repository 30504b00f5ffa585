/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fdinfo.h - what /proc says of epoll instances.
 */
#ifndef ET_FDINFO_H
#define ET_FDINFO_H

#include <stddef.h>
#include <stdint.h>

/* "tfd: 5 events: 19 data: 5 pos:0 ino:... sdev:...": Linux 3.8, fs/eventpoll.c, ep_show_fdinfo. */
struct fdinfo_row {
	int fd;
	uint32_t events;
	uint64_t data;
};

struct fdinfo {
	struct fdinfo_row *rows;
	size_t count, room;
};

/*
 * Reads /proc/PID/task/TID/fdinfo/FD, to be freed with fdinfo_free. The kernel holds the instance's lock
 * meanwhile, 1 to 2 us for each row. 0, or -errno: -ENOENT if the process or the number is gone,
 * -EACCES without the privileges.
 */
int fdinfo_read(uint32_t pid, uint32_t tid, int fd, struct fdinfo *ret_info);

void fdinfo_free(struct fdinfo *info);

/* The numbers of a process that are instances; the caller frees *ret_fds. Count or -errno. */
int fdinfo_instances(uint32_t pid, int **ret_fds);

/*
 * Adds the rows of the whole lines in len bytes of such a file's text, which is written to;
 * *ret_used: bytes of these lines. 0 or -ENOMEM.
 */
int fdinfo_parse(struct fdinfo *info, char *text, size_t len, size_t *ret_used);

#endif
