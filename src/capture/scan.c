/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/scan.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads all that an iterator writes; the caller frees *ret_data. Bytes or -errno. */
static ssize_t read_iterator(const struct bpf_link *link, char **ret_data)
{
	size_t len = 0, cap = 1 << 16;
	char *data = malloc(cap), *more;
	int fd = bpf_iter_create(bpf_link__fd(link));
	ssize_t n;

	if (fd < 0 || !data) {
		n = fd < 0 ? -errno : -ENOMEM;
		goto out;
	}
	for (;;) {
		n = read(fd, data + len, cap - len);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue; /* bpf_seq_read gives up the CPU after a million objects */
		if (n <= 0)
			break;
		len += n;
		if (cap - len >= cap / 2)
			continue;
		more = realloc(data, cap * 2);
		if (!more) {
			n = -ENOMEM;
			goto out;
		}
		data = more;
		cap *= 2;
	}
	n = n < 0 ? -errno : (ssize_t)len;
out:
	if (fd >= 0)
		close(fd);
	if (n < 0)
		free(data);
	else
		*ret_data = data;
	return n;
}

ssize_t scan_list_tasks(const struct bpf_link *list, struct et_task **ret_tasks)
{
	char *data;
	ssize_t n = read_iterator(list, &data);

	if (n < 0)
		return n;
	*ret_tasks = (struct et_task *)data;
	return n / sizeof(struct et_task);
}

/* After each piece, where programs report by the ring alone. */
static int ignore_piece(void *ctx)
{
	(void)ctx;
	return 0;
}

int scan_run(const struct bpf_link *link, size_t size, int (*fn)(void *ctx), void *ctx)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	char *marks = malloc(size);
	ssize_t n;
	int err;

	if (fd < 0 || !marks) {
		err = fd < 0 ? -errno : -ENOMEM;
		goto out;
	}
	do {
		n = read(fd, marks, size);
		err = n < 0 && errno != EAGAIN && errno != EINTR ? -errno : fn(ctx);
	} while (!err && n);
out:
	if (fd >= 0)
		close(fd);
	free(marks);
	return err;
}

int scan_threads(const struct bpf_link *tasks, struct et_shared *shared, unsigned what,
		 uint64_t blocked_since_ns)
{
	shared->scan_blocked_since = what & SCAN_BLOCKED ? blocked_since_ns : 0;
	shared->scan_again = what & SCAN_AGAIN;
	shared->scan_prior = what & SCAN_PRIOR;
	shared->scan_threads = what & (SCAN_SILENT | SCAN_ALL_THREADS);
	shared->scan_all_threads = what & SCAN_ALL_THREADS;
	shared->scan_sampled = 0;
	return scan_run(tasks, 4096, ignore_piece, NULL);
}

/* "running", or the number of the system call and its arguments; -1: none, -2: not known. */
static int proc_syscall(uint32_t pid, uint32_t tid)
{
	char path[64], text[32];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/task/%u/syscall", pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -2;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -2;
	text[n] = 0;
	return text[0] == 'r' ? -1 : atoi(text);
}

bool scan_ask_proc(struct et_thread *r, const void *data, size_t size)
{
	if (size < sizeof(*r))
		return false;
	memcpy(r, data, sizeof(*r));
	if (r->h.kind != ET_KIND_THREAD || r->nr != -2)
		return false;
	r->nr = proc_syscall(r->h.user_tgid, r->h.user_tid);
	r->h.size = sizeof(*r);
	return true;
}
