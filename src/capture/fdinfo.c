/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/fdinfo.h"

#include "base/array.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int parse_row(const char *line, struct fdinfo_row *ret)
{
	char *end;

	if (strncmp(line, "tfd:", 4))
		return -EINVAL;
	ret->fd = strtol(line + 4, &end, 10);
	end = strstr(end, "events:");
	if (!end)
		return -EINVAL;
	ret->events = strtoul(end + 7, &end, 16);
	end = strstr(end, "data:");
	if (!end)
		return -EINVAL;
	ret->data = strtoull(end + 5, NULL, 16);
	return 0;
}

static int add_row(struct fdinfo *info, const char *line)
{
	struct fdinfo_row row;

	if (parse_row(line, &row))
		return 0; /* "pos:", "flags:" and the like */
	if (!array_room(&info->rows, &info->room, info->count + 1, sizeof(row)))
		return -ENOMEM;
	info->rows[info->count++] = row;
	return 0;
}

int fdinfo_parse(struct fdinfo *info, char *text, size_t len, size_t *ret_used)
{
	char *end;
	size_t used = 0;
	int err = 0;

	while (!err && (end = memchr(text + used, '\n', len - used))) {
		*end = 0;
		err = add_row(info, text + used);
		used = end + 1 - text;
	}
	*ret_used = used;
	return err;
}

int fdinfo_read(uint32_t pid, uint32_t tid, int fd, struct fdinfo *ret_info)
{
	struct fdinfo info = {0};
	char text[65536], path[64];
	size_t len = 0, used;
	ssize_t n = 0;
	int proc, err = 0;

	snprintf(path, sizeof(path), "/proc/%u/task/%u/fdinfo/%d", pid, tid, fd);
	proc = open(path, O_RDONLY | O_CLOEXEC);
	if (proc < 0)
		return -errno;
	while (!err && (n = read(proc, text + len, sizeof(text) - len)) > 0) {
		len += n;
		err = fdinfo_parse(&info, text, len, &used);
		len -= used;
		memmove(text, text + used, len);
	}
	if (!err && n < 0)
		err = -errno;
	close(proc);
	if (err)
		fdinfo_free(&info);
	else
		*ret_info = info;
	return err;
}

void fdinfo_free(struct fdinfo *info)
{
	free(info->rows);
	*info = (struct fdinfo){0};
}

static int is_instance(int dir, const char *name)
{
	static const char want[] = "anon_inode:[eventpoll]";
	char target[sizeof(want)];

	return readlinkat(dir, name, target, sizeof(target)) == sizeof(want) - 1 &&
	       !memcmp(target, want, sizeof(want) - 1);
}

int fdinfo_instances(uint32_t pid, int **ret_fds)
{
	const struct dirent *d;
	size_t cap = 0;
	int *fds = NULL;
	char path[64];
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((d = readdir(dir))) {
		if (!is_instance(dirfd(dir), d->d_name))
			continue;
		if (!array_room(&fds, &cap, count + 1, sizeof(*fds)))
			break;
		fds[count++] = atoi(d->d_name);
	}
	closedir(dir);
	*ret_fds = fds;
	return count;
}
