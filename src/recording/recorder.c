/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "recording/recorder.h"

#include "base/log.h"
#include "recording/pack.h"
#include "recording/recording.h"
#include "../../bpf/wire.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FLUSH_NS 400000000ULL /* a block waits no longer for more */
#define SYNC_NS	 300000000L   /* between two syncs */

struct recorder {
	int fd;
	struct packer packer;
	pthread_t syncer;
	bool syncing; /* there is such a thread */
	/* What both threads use, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool dirty, stop;
	int sync_err;
};

/* Until SYNC_NS from now, or the stop. */
static void pause_syncing(struct recorder *r)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += SYNC_NS;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	while (!r->stop && pthread_cond_timedwait(&r->changed, &r->lock, &until) != ETIMEDOUT)
		;
}

/* Waiting for the disk must not keep the reader of the ring from reading. */
static void *sync_blocks(void *recorder)
{
	struct recorder *r = recorder;
	int err;

	pthread_mutex_lock(&r->lock);
	while (!r->stop || r->dirty) {
		if (!r->dirty) {
			pthread_cond_wait(&r->changed, &r->lock);
			continue;
		}
		r->dirty = false;
		pthread_mutex_unlock(&r->lock);
		err = fdatasync(r->fd) && errno != EINVAL && errno != EROFS ? -errno : 0;
		pthread_mutex_lock(&r->lock);
		if (err)
			r->sync_err = err;
		pause_syncing(r);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Signals are for the thread of the caller. */
static int start_syncing(struct recorder *r)
{
	pthread_condattr_t attr;
	sigset_t all, old;
	int err;

	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->changed, &attr);
	pthread_condattr_destroy(&attr);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&r->syncer, NULL, sync_blocks, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	r->syncing = !err;
	return -err;
}

static void stop_syncing(struct recorder *r)
{
	if (!r->syncing)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->syncer, NULL);
}

static int write_block(void *ctx, const struct recording_block *block, size_t bytes)
{
	struct recorder *r = ctx;
	int err = recording_write(r->fd, block, bytes);

	if (err)
		return err;
	pthread_mutex_lock(&r->lock);
	r->dirty = true;
	err = r->sync_err;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	return err;
}

int recorder_open(const char *path, struct recorder **ret_recorder, struct failure *failure)
{
	struct recorder *r = calloc(1, sizeof(*r));
	struct recording_header header;
	int err;

	if (!r)
		return fail(failure, -ENOMEM, NULL, "out of memory");
	r->fd = recording_create(path, failure);
	if (r->fd < 0) {
		err = r->fd;
		free(r);
		return err;
	}
	recording_header_fill(&header);
	err = recording_write(r->fd, &header, sizeof(header));
	if (!err)
		err = packer_init(&r->packer, write_block, r);
	if (!err)
		err = start_syncing(r);
	if (err) {
		fail(failure, err, NULL, "cannot write recording '%s': %s", path, log_errno(err));
		recorder_close(r);
		return err;
	}
	*ret_recorder = r;
	return 0;
}

int recorder_take(void *recorder, const void *data, size_t size)
{
	struct recorder *r = recorder;
	const struct et_hdr *h = data;
	int err = packer_add(&r->packer, h->kind, data, size, h->time_ns);

	if (err || !r->packer.used)
		return err;
	if (h->kind == ET_KIND_END ||
	    (h->kind == ET_KIND_TICK && h->time_ns >= r->packer.first_ns + FLUSH_NS))
		return packer_flush(&r->packer);
	return 0;
}

int recorder_close(struct recorder *r)
{
	int err;

	if (!r)
		return 0;
	err = packer_flush(&r->packer);
	stop_syncing(r);
	if (!err)
		err = r->sync_err;
	packer_free(&r->packer);
	if (close(r->fd) && !err)
		err = -errno;
	free(r);
	return err;
}
