// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * misuse - programs that are wrong in one way, and programs that look like these and are right.
 *
 *     misuse --list               the scenes, a line each: NAME RULE, RULE is none of the right ones
 *     misuse HOLD_MS SCENE...     plays scenes at once; HOLD_MS: how long the end state is held
 *     misuse HOLD_MS --all
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
	close_ends(p->mine, p->count);
	tell(p->go); /* what it closes now is closed by the last who has it */
	fprintf(stderr, "%d %s\n", pid, s->name);
	s->world(p);
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	printf("%s %d %s %d\n", s->name, p->pid ? p->pid : pid, s->rule, p->fd);
	fflush(stdout);
}

static bool is_wanted(const struct scene *s, int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], "--all") || !strcmp(argv[i], s->name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	int failed = 0, status;

	alarm(60);
	signal(SIGPIPE, SIG_IGN);
	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (size_t i = 0; i < SCENES; i++)
			printf("%s %s\n", scenes[i].name, scenes[i].rule);
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "pause"))
		return poll(NULL, 0, atoi(argv[2]));
	if (argc < 3)
		return 2;
	for (size_t i = 0; i < SCENES; i++) {
		if (!is_wanted(&scenes[i], argc, argv) || fork())
			continue;
		play(&scenes[i], atoi(argv[1]));
		return 0;
	}
	while (wait(&status) > 0)
		failed |= status;
	return failed != 0;
}
