/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * steps-seccomp.h: the steps of steps.c by which a filter answers calls of this thread from now on.
 *
 *   refuse CALL ERRNO    as SECCOMP_RET_ERRNO, with a number; 0 lets it return 0
 *   trap CALL            SIGSYS
 *   answer CALL RESULT   SECCOMP_RET_USER_NOTIF: another thread lets it return that
 */
#ifndef STEPS_SECCOMP_H
#define STEPS_SECCOMP_H

#include "steps-calls.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

static const struct {
	const char *name;
	int nr;
} filtered_calls[] = {
#ifdef SYS_epoll_wait
	{"epoll_create", SYS_epoll_create},   {"epoll_wait", SYS_epoll_wait},
#endif
	{"epoll_create1", SYS_epoll_create1}, {"epoll_ctl", SYS_epoll_ctl},
	{"epoll_pwait", SYS_epoll_pwait},     {"epoll_pwait2", SYS_epoll_pwait2},
};

static inline int filtered_call(const char *name)
{
	for (size_t i = 0; name && i < sizeof(filtered_calls) / sizeof(filtered_calls[0]); i++)
		if (!strcmp(filtered_calls[i].name, name))
			return filtered_calls[i].nr;
	usage("no such call", name ? name : "");
}

/* Returns what seccomp(2) does. */
static inline long filter_call(int nr, uint32_t action, unsigned flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {sizeof(code) / sizeof(code[0]), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog));
}

static inline long step_refuse(struct call *c)
{
	return filter_call(filtered_call(c->words[1]), SECCOMP_RET_ERRNO | arg(c, 2), 0);
}

static inline long step_trap(struct call *c)
{
	return filter_call(filtered_call(c->words[1]), SECCOMP_RET_TRAP, 0);
}

/* Who answers: the thread has no filter, since it is older. */
struct answerer {
	int listener;
	int64_t ret;
	pthread_mutex_t lock;
};

static inline void *answer_calls(void *of)
{
	struct answerer *a = of;
	struct seccomp_notif call;

	pthread_mutex_lock(&a->lock); /* held until there is a filter */
	for (;;) {
		struct seccomp_notif_resp answer = {0};

		memset(&call, 0, sizeof(call));
		if (ioctl(a->listener, SECCOMP_IOCTL_NOTIF_RECV, &call) && errno != EINTR)
			return NULL;
		answer.id = call.id;
		answer.val = a->ret;
		ioctl(a->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

static inline long step_answer(struct call *c)
{
	static struct answerer a = {.lock = PTHREAD_MUTEX_INITIALIZER};
	int nr = filtered_call(c->words[1]);
	pthread_t thread;

	a.ret = arg(c, 2);
	pthread_mutex_lock(&a.lock);
	if (pthread_create(&thread, NULL, answer_calls, &a))
		return -EAGAIN;
	pthread_detach(thread);
	a.listener = filter_call(nr, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	pthread_mutex_unlock(&a.lock);
	return a.listener < 0 ? a.listener : 0;
}

#endif
