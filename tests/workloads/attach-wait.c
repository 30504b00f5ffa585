/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * attach-wait MS [THREADS]: blocks for MS in epoll_wait on an empty instance, in so many threads
 * at once. attach-wait -: as often as a line of stdin gives an MS, until one says "end". Prints how
 * each wait ended.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define MOST_THREADS 97

struct waiter {
	pthread_t thread;
	int epfd;
	int timeout_ms;
};

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void *wait_once(void *arg)
{
	const struct waiter *w = arg;
	struct epoll_event events[7];
	long long before = now_ms();
	int n, err;

	printf("waiting\n");
	errno = 0;
	n = epoll_wait(w->epfd, events, 7, w->timeout_ms);
	err = errno;
	printf("returned %d errno %d after %lld ms\n", n, err, now_ms() - before);
	return NULL;
}

static int wait_in_threads(int epfd, int timeout_ms, int count)
{
	static struct waiter waiters[MOST_THREADS];

	for (int i = 0; i < count; i++) {
		waiters[i] = (struct waiter){.epfd = epfd, .timeout_ms = timeout_ms};
		if (i && pthread_create(&waiters[i].thread, NULL, wait_once, &waiters[i]))
			return 1;
	}
	wait_once(&waiters[0]);
	for (int i = 1; i < count; i++)
		pthread_join(waiters[i].thread, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[2]) : 1;
	int epfd = epoll_create1(EPOLL_CLOEXEC);
	char line[32];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || epfd < 0 || count < 1 || count > MOST_THREADS)
		return 2;
	if (argv[1][0] != '-')
		return wait_in_threads(epfd, atoi(argv[1]), count);
	while (fgets(line, sizeof(line), stdin) && line[0] != 'e')
		wait_in_threads(epfd, atoi(line), 1);
	return 0;
}
