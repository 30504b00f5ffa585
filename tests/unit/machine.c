/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the stream says of the machine: the names of its system calls, and which of them poll. */
#include "model/machine.h"
#include "unit.h"

static const char names[] = "read\0poll\0epoll_wait\0\0pselect6\0pollute";

enum {
	READ,
	POLL,
	EPOLL_WAIT,
	UNNAMED,
	PSELECT6,
	POLLUTE,
	BEHIND
};

int main(void)
{
	struct event ev = {.kind = EVENT_SYSCALLS, .syscalls = {names, sizeof(names)}};
	struct machine m = {0};

	CHECK(!machine_syscall(&m, POLL) && !machine_polls(&m, POLL));
	machine_apply(&m, &ev);
	CHECK_STR(machine_syscall(&m, EPOLL_WAIT), "epoll_wait");
	CHECK(!machine_syscall(&m, UNNAMED) && !machine_syscall(&m, BEHIND));
	CHECK(machine_polls(&m, POLL) && machine_polls(&m, PSELECT6));
	CHECK(!machine_polls(&m, READ) && !machine_polls(&m, EPOLL_WAIT));
	CHECK(!machine_polls(&m, UNNAMED) && !machine_polls(&m, POLLUTE));
	CHECK(!machine_polls(&m, BEHIND) && !machine_polls(&m, -1));
	CHECK(!machine_polls(&m, CALL_NR_I386));
	machine_free(&m);
	return unit_failed;
}
