/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs iterators, those of bpf/scan_tasks.bpf.c among them. */
#include "capture/live_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads all that an iterator writes; the caller frees *ret_data. Bytes or -errno. */
static ssize_t read_iterator(struct bpf_link *link, char **ret_data)
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

ssize_t live_tasks(struct live *live, struct et_task **ret_tasks)
{
	char *data;
	ssize_t n = read_iterator(live->list_link, &data);

	if (n < 0)
		return n;
	*ret_tasks = (struct et_task *)data;
	return n / sizeof(struct et_task);
}

/* The reader of an iterator whose programs tell by the ring alone. */
static int nothing(struct live *live)
{
	(void)live;
	return 0;
}

int live_run_iterator(struct bpf_link *link, size_t size, int (*fn)(struct live *),
		      struct live *live)
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
		err = n < 0 && errno != EAGAIN && errno != EINTR ? -errno : fn(live);
	} while (!err && n);
out:
	if (fd >= 0)
		close(fd);
	free(marks);
	return err;
}

int live_look(struct live *live, unsigned what, uint64_t blocked_since_ns)
{
	live->shared->look_blocked_since = what & LOOK_BLOCKED ? blocked_since_ns : 0;
	live->shared->look_again = what & LOOK_AGAIN;
	live->shared->look_prior = what & LOOK_PRIOR;
	live->shared->look_threads = what & (LOOK_SILENT | LOOK_ALL_THREADS);
	live->shared->look_all_threads = what & LOOK_ALL_THREADS;
	return live_run_iterator(live->look_link, 4096, nothing, live);
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

bool live_ask_proc(struct live *live, const void *data, size_t size)
{
	struct et_thread r;

	if (live->has_pt_regs || size < sizeof(r))
		return false;
	memcpy(&r, data, sizeof(r));
	if (r.h.kind != ET_KIND_THREAD || r.nr != -2)
		return false;
	r.nr = proc_syscall(r.h.user_tgid, r.h.user_tid);
	r.h.size = sizeof(r);
	live_deliver(live, &r, sizeof(r));
	return true;
}
