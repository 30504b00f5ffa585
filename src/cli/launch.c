/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/launch.h"

#include "base/log.h"
#include "cli/user.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's part. Never returns. */
static void __attribute__((noreturn))
run_child(char **command, const struct user *user, const int hold[2], const int outcome[2])
{
	char go;
	int err = user ? user_become(user) : 0;

	close(hold[1]);
	close(outcome[0]);
	if (!err) {
		ssize_t n;

		do
			n = read(hold[0], &go, 1);
		while (n < 0 && errno == EINTR);
		if (n != 1)
			_exit(125); /* the tool is gone */
		execvp(command[0], command);
		err = -errno;
	}
	if (write(outcome[1], &err, sizeof(err)) < 0)
		_exit(125);
	_exit(err == -ENOENT ? 127 : 126);
}

int launch_hold(char **command, const char *user_text, struct launch *launch,
		struct failure *failure)
{
	int hold[2] = {-1, -1}, outcome[2] = {-1, -1}, err = 0;
	struct user user = {0};

	*launch = (struct launch){.hold = -1, .outcome = -1};
	if (user_text)
		err = user_find(user_text, &user, failure);
	if (err)
		return err;
	if (pipe2(hold, O_CLOEXEC) || pipe2(outcome, O_CLOEXEC) || (launch->pid = fork()) < 0) {
		err = -errno;
		launch->pid = 0;
		fail(failure, err, NULL, "cannot make a child: %s", log_errno(err));
	}
	if (!err && !launch->pid)
		run_child(command, user_text ? &user : NULL, hold, outcome);
	signal(SIGCHLD, SIG_DFL); /* if it is ignored there is no status to wait for */
	user_free(&user);
	if (hold[0] >= 0)
		close(hold[0]);
	if (outcome[1] >= 0)
		close(outcome[1]);
	launch->hold = hold[1];
	launch->outcome = outcome[0];
	if (err)
		launch_abandon(launch);
	return err;
}

static void close_pipes(struct launch *launch)
{
	if (launch->hold >= 0)
		close(launch->hold);
	if (launch->outcome >= 0)
		close(launch->outcome);
	launch->hold = launch->outcome = -1;
}

int launch_release(struct launch *launch, char **command, struct failure *failure)
{
	int err = 0, status;
	ssize_t n;

	do
		n = write(launch->hold, "", 1);
	while (n < 0 && errno == EINTR);
	do
		n = read(launch->outcome, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close_pipes(launch);
	if (n != sizeof(err))
		return 0;
	status = launch_wait(launch);
	fail(failure, err, NULL, "cannot run '%s': %s", command[0], log_errno(err));
	return WEXITSTATUS(status);
}

void launch_abandon(struct launch *launch)
{
	close_pipes(launch);
	if (launch->pid > 0)
		launch_wait(launch);
}

int launch_wait(struct launch *launch)
{
	int status = 0;

	while (waitpid(launch->pid, &status, 0) < 0 && errno == EINTR)
		;
	launch->pid = 0;
	return status;
}
