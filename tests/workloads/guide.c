/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guide: the oracle. Makes epoll calls of every kind, checks that each does what epoll(7) says,
 * and prints a line for each in strace's grammar, made from its own arguments and results.
 *
 *   guide [GROUP [STATUS-FILE]]   a group, or all that need nobody's help; --list names them
 *   guide files --names           also "FD NAME" for the file of each epoll_ctl, in their order
 *
 * The last line on stderr is "guide: GROUP: N calls". Status 0: all as it should be; 1: not;
 * 2: usage; 77: this kernel lacks the call.
 */
#include "guide-ctl.h"
#include "guide-files.h"
#include "guide-pipe.h"
#include "guide-wait.h"

#define STATUS_SKIP 77

static void on_signal(int number)
{
	(void)number;
}

struct group {
	const char *name;
	void (*run)(struct guide *g);
	bool alone; /* needs help, a name or a newer kernel: only when asked for */
};

static const struct group groups[] = {
	{"create", group_create, false},
	{"ctl", group_ctl, false},
	{"masks", group_masks, false},
	{"data", group_data, false},
	{"events", group_events, false},
	{"triggers", group_triggers, false},
	{"ctl-errors", group_ctl_errors, false},
	{"exclusive", group_exclusive, false},
	{"nested", group_nested, false},
	{"wait", group_wait, false},
	{"wait-errors", group_wait_errors, false},
	{"pwait", group_pwait, false},
	{"pwait2", group_pwait2, true},
	{"batch", group_batch, false},
	{"many", group_many, false},
	{"width", group_width, false},
	{"pipe-lt", group_pipe_lt, false},
	{"pipe-et", group_pipe_et, true},
	{"files", group_files, false},
	{"files-deleted", group_files_deleted, false},
	{"files-hostile", group_files_hostile, false},
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static void map_arena(struct guide *g)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = (sizeof(struct arena) + page - 1) / page * page;
	char *at = mmap((void *)ARENA_ADDR, bytes + page, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	must(at == (char *)ARENA_ADDR);
	must(mprotect(at, bytes, PROT_READ | PROT_WRITE) == 0);
	g->mem = (struct arena *)at;
	g->edge = at + bytes;
	g->nowhere = (void *)8;
}

/* SIGALRM and SIGUSR1 get a handler, SIGUSR1 stays blocked but where a wait lets it in. */
static void set_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigset_t blocked;

	must(sigaction(SIGALRM, &action, NULL) == 0);
	must(sigaction(SIGUSR1, &action, NULL) == 0);
	must(sigemptyset(&blocked) == 0 && sigaddset(&blocked, SIGUSR1) == 0);
	must(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
}

static void run_group(struct guide *g, const struct group *group)
{
	g->group = group->name;
	must(close_range(3, ~0U, 0) == 0); /* the same numbers whoever started us */
	group->run(g);
	close_range(3, ~0U, 0);
}

/* NAME: a group, or null for all that need nobody's help. */
static int run(struct guide *g, const char *name)
{
	bool found = false;

	for (size_t i = 0; i < GROUPS; i++) {
		if (name ? strcmp(name, groups[i].name) != 0 : groups[i].alone)
			continue;
		found = true;
		run_group(g, &groups[i]);
	}
	g->group = name ? name : "all";
	return found ? 0 : -ENOENT;
}

static int list(void)
{
	for (size_t i = 0; i < GROUPS; i++)
		puts(groups[i].name);
	return 0;
}

static int usage(void)
{
	fputs("usage: guide [GROUP [STATUS-FILE | --names]]\n       guide --list\n", stderr);
	return 2;
}

static int print_calls(const struct guide *g, const char *calls, const char *names)
{
	fputs(calls, stdout);
	if (g->with_names)
		fputs(names, stdout);
	must(fflush(stdout) == 0);
	fprintf(stderr, "guide: %s: %u calls\n", g->group, g->calls);
	if (g->skip)
		return STATUS_SKIP;
	return g->failures ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct guide g = {.group = "all"};
	char *calls = NULL, *names = NULL;
	size_t calls_len, names_len;
	int status;

	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if (argc > 3)
		return usage();
	g.with_names = argc == 3 && strcmp(argv[2], "--names") == 0;
	g.status_path = argc == 3 && !g.with_names ? argv[2] : NULL;
	g.out = open_memstream(&calls, &calls_len);
	g.names = open_memstream(&names, &names_len);
	must(g.out && g.names);
	map_arena(&g);
	set_signals();
	status = run(&g, argc > 1 ? argv[1] : NULL) ? usage() : 0;
	must(fclose(g.out) == 0 && fclose(g.names) == 0);
	if (!status)
		status = print_calls(&g, calls, names);
	if (g.dir)
		rmdir(g.dir);
	free(g.dir);
	free(calls);
	free(names);
	return status;
}
