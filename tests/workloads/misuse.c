// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * misuse - programs that are wrong in one way, and programs that look like these and are right.
 *
 *     misuse --list [GROUP]    the scenes, a line each: NAME RULE, RULE is none of the right ones
 *     misuse HOLD_MS SCENE...  plays scenes at once; HOLD_MS: how long the end state is held
 *     misuse HOLD_MS --all     all that --list has
 *
 * A scene of the group spins takes a tenth of a CPU as long as it is held, a few take all they get; those
 * of the pollers all do, because they never block. Those of the turns have loops that turn though nothing
 * is ready, and what the interface is asked for.
 *
 * Each prints a line of truth when it is over: NAME PID RULE FD, FD -1 where it is about an instance.
 */
#include "misuse-scenes.h"

#include <sys/mman.h>
#include <sys/prctl.h>

static void close_ends(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		close(fds[i]);
}

/* The program is a process group, so that its children end with it. */
static pid_t start_program(const struct scene *s, struct play *p)
{
	pid_t pid = fork();

	must(pid >= 0);
	if (pid)
		return pid;
	alarm(60);
	setpgid(0, 0);
	must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	close_ends(p->peer, p->count);
	await(p->go);
	close_ends(p->go, 2);
	s->program(p);
	park();
	return 0;
}

static void play(const struct scene *s, int hold_ms)
{
	struct play *p =
		mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	must(p != MAP_FAILED);
	p->hold_ms = hold_ms;
	p->fd = -1;
	must(!pipe(p->steps) && !pipe(p->turns));
	s->prepare(p);
	must(!pipe(p->go));
	pid = start_program(s, p);
	p->program = pid;
	close_ends(p->mine, p->count);
	post(p->go); /* what it closes now is closed by the last who has it */
	fprintf(stderr, "%d %s\n", pid, s->name);
	s->world(p);
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	printf("%s %d %s %d\n", s->name, p->pid ? p->pid : pid, s->rule, p->fd);
	fflush(stdout);
}

static int list(const char *group)
{
	for (size_t g = 0; g < COUNT(groups); g++) {
		if (strcmp(groups[g].name, group))
			continue;
		for (size_t i = 0; i < groups[g].count; i++)
			printf("%s %s\n", groups[g].scenes[i].name, groups[g].scenes[i].rule);
		return 0;
	}
	return 2;
}

static bool is_wanted(const struct scene *s, bool all, char **names)
{
	for (; *names; names++)
		if ((all && !strcmp(*names, "--all")) || !strcmp(*names, s->name))
			return true;
	return false;
}

/* Each in a process of its own. */
static void start_wanted(int hold_ms, char **names)
{
	for (size_t g = 0; g < COUNT(groups); g++) {
		for (size_t i = 0; i < groups[g].count; i++) {
			const struct scene *s = &groups[g].scenes[i];

			if (!is_wanted(s, g == 0, names) || fork())
				continue;
			play(s, hold_ms);
			exit(0);
		}
	}
}

int main(int argc, char **argv)
{
	int failed = 0, status;

	alarm(60);
	signal(SIGPIPE, SIG_IGN);
	if (argc >= 2 && argc <= 3 && !strcmp(argv[1], "--list"))
		return list(argc == 3 ? argv[2] : "");
	if (argc == 3 && !strcmp(argv[1], "pause"))
		return poll(NULL, 0, atoi(argv[2]));
	if (argc < 3)
		return 2;
	start_wanted(atoi(argv[1]), argv + 2);
	while (wait(&status) > 0)
		failed |= status;
	return failed != 0;
}
