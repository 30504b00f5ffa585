/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The thundering herd: processes that each watch one listener by an instance of their own. All are
 * woken for a connection, but hardly any wait returns more than once for it, because the kernel
 * polls again for whoever is woken. With EPOLLEXCLUSIVE one is woken.
 */
#include "edges.h"

#include <sched.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define WORKERS	    4
#define CONNECTIONS 40

static int *returns; /* of waits, in all workers */

static int listen_at(struct sockaddr_in *ret_at)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(*ret_at);

	*ret_at = (struct sockaddr_in){.sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	CHECK(!bind(fd, (struct sockaddr *)ret_at, len) && !listen(fd, 64) &&
	      !getsockname(fd, (struct sockaddr *)ret_at, &len));
	return fd;
}

/* Who accepts answers with a byte, and closes when the peer has. */
static void work(int listener, uint32_t exclusive)
{
	struct epoll_event e = {.events = EPOLLIN | exclusive};
	int own = epoll_create1(0), fd;
	char c = 0;

	if (epoll_ctl(own, EPOLL_CTL_ADD, listener, &e))
		_exit(1);
	for (;;) {
		if (epoll_wait(own, &e, 1, -1) != 1)
			_exit(1);
		__atomic_fetch_add(returns, 1, __ATOMIC_RELAXED);
		fd = accept(listener, NULL, NULL);
		if (fd >= 0 && write(fd, &c, 1) == 1 && read(fd, &c, 1) == 0)
			close(fd);
	}
}

/* A field of /proc/PID/status, as text. */
static void status_field(pid_t pid, const char *name, char *value)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	*value = 0;
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), ": %31s", value);
	if (f)
		fclose(f);
}

/* How often it has gone to sleep. */
static long sleeps(pid_t pid)
{
	char value[32];

	status_field(pid, "voluntary_ctxt_switches", value);
	return atol(value);
}

/* Is it asleep, in its wait and not in a read? */
static bool sleeps_in_wait(pid_t pid)
{
	char state[32], path[64];
	int nr = -1;
	FILE *f;

	status_field(pid, "State", state);
	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	f = fopen(path, "re");
	if (f && fscanf(f, "%d", &nr) != 1)
		nr = -1; /* it runs */
	if (f)
		fclose(f);
#ifdef SYS_epoll_wait
	if (nr == SYS_epoll_wait)
		nr = SYS_epoll_pwait;
#endif
	return state[0] == 'S' && nr == SYS_epoll_pwait;
}

static void await_sleep(const pid_t *pids)
{
	for (int i = 0; i < WORKERS; i++) {
		if (sleeps_in_wait(pids[i]))
			continue;
		sched_yield();
		i = -1; /* all of them, at one time */
	}
}

/* For each connection: how many waits returned, and how many workers were woken; in hundredths. */
static void measure(uint32_t exclusive, int *ret_returns, int *ret_wakeups)
{
	struct sockaddr_in at;
	int listener = listen_at(&at);
	pid_t pids[WORKERS];
	long before = 0, after = 0;
	char c;

	*returns = 0;
	for (int i = 0; i < WORKERS; i++) {
		pids[i] = fork();
		if (!pids[i])
			work(listener, exclusive);
	}
	await_sleep(pids);
	for (int i = 0; i < WORKERS; i++)
		before += sleeps(pids[i]);
	for (int i = 0; i < CONNECTIONS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		CHECK(!connect(fd, (struct sockaddr *)&at, sizeof(at)) && read(fd, &c, 1) == 1);
		close(fd);
		await_sleep(pids);
	}
	for (int i = 0; i < WORKERS; i++)
		after += sleeps(pids[i]);
	for (int i = 0; i < WORKERS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	close(listener);
	*ret_returns = *returns * 100 / CONNECTIONS;
	*ret_wakeups = (after - before) * 100 / CONNECTIONS;
}

int main(void)
{
	int herd_returns, herd_wakeups, one_returns, one_wakeups;

	returns = mmap(NULL, sizeof(*returns), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	CHECK(returns != MAP_FAILED);
	alarm(60);
	measure(0, &herd_returns, &herd_wakeups);
	measure(EPOLLEXCLUSIVE, &one_returns, &one_wakeups);
	printf("herd: %d.%02d returns, %d.%02d sleeps a connection; EPOLLEXCLUSIVE: %d.%02d, "
	       "%d.%02d\n",
	       herd_returns / 100, herd_returns % 100, herd_wakeups / 100, herd_wakeups % 100,
	       one_returns / 100, one_returns % 100, one_wakeups / 100, one_wakeups % 100);
	CHECK(herd_returns < 200);
	CHECK(one_returns == 100);
	CHECK(herd_wakeups > one_wakeups + 100);
	return unit_failed;
}
