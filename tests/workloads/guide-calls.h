/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * guide-calls.h: epoll calls that check their result and write their own line. All of them go
 * through syscall(), so that the arguments printed are those that the kernel saw.
 */
#ifndef GUIDE_CALLS_H
#define GUIDE_CALLS_H

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "strace-grammar.h"

#define READY_MAX   128
#define ARENA_ADDR  0x20000000 /* low and fixed: pointers are the same in every run */
#define SIGSET_SIZE 8UL
#define SIGNAL(n)   (UINT64_C(1) << ((n)-1))

/* Everything that a call gets a pointer to. A page that cannot be read follows. */
struct arena {
	struct epoll_event ctl;
	struct epoll_event ready[READY_MAX];
	struct timespec timeout;
	uint64_t sigset;
};

struct guide {
	FILE *out;	   /* in memory, so that no output comes between two calls */
	FILE *names;	   /* in memory too: what stands behind descriptors */
	const char *group; /* for messages */
	char *dir;	   /* for files with a path, once there is one */
	const char *status_path;
	struct arena *mem;
	char *edge;    /* the first byte that cannot be read */
	void *nowhere; /* 8: nothing is there; a variable, as compilers know better of a constant */
	unsigned int calls;
	unsigned int failures;
	bool with_names;
	bool skip; /* the kernel lacks the call */
};

__attribute__((format(printf, 2, 3))) static inline void complain(struct guide *g, const char *fmt,
								  ...)
{
	va_list ap;

	g->failures++;
	fprintf(stderr, "guide: %s: call %u: ", g->group, g->calls);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

#define check(g, what)                                                                             \
	do {                                                                                       \
		if (!(what))                                                                       \
			complain(g, "line %d: not so: %s", __LINE__, #what);                       \
	} while (0)

/* What the program needs beside epoll; without it nothing that follows means anything. */
#define must(what)                                                                                 \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "guide: line %d: %s: %s\n", __LINE__, #what,               \
				strerror(errno));                                                  \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static inline bool readable(const struct guide *g, const void *pointer, size_t bytes)
{
	const char *at = pointer;

	return at >= (const char *)g->mem && at + bytes <= g->edge;
}

/* To be taken before anything else can change errno. */
static inline long result_of(long returned)
{
	return returned < 0 ? -(long)errno : returned;
}

/* Ends the line. WANT is a result or a negated errno. */
static inline long finish(struct guide *g, long result, long want)
{
	sg_result(g->out, result);
	g->calls++;
	if (result != want)
		complain(g, "returned %ld, not %ld", result, want);
	return result;
}

/* For calls that give a descriptor: 0 as WANT means any. */
static inline int finish_create(struct guide *g, long result, long want)
{
	return (int)finish(g, result, want || result < 0 ? want : result);
}

#ifdef SYS_epoll_create /* absent from newer architectures, as is epoll_wait */
static inline int do_create(struct guide *g, long size, long want)
{
	long result = result_of(syscall(SYS_epoll_create, size));

	fprintf(g->out, "epoll_create(%d", (int)size);
	return finish_create(g, result, want);
}
#endif

static inline int do_create1(struct guide *g, long flags, long want)
{
	long result = result_of(syscall(SYS_epoll_create1, flags));

	fputs("epoll_create1(", g->out);
	sg_create_flags(g->out, (int)flags);
	return finish_create(g, result, want);
}

static inline void do_ctl_at(struct guide *g, long epfd, long op, long fd,
			     const struct epoll_event *event, long want)
{
	long result = result_of(syscall(SYS_epoll_ctl, epfd, op, fd, event));

	fprintf(g->out, "epoll_ctl(%d, ", (int)epfd);
	sg_op(g->out, (int)op);
	fprintf(g->out, ", %d, ", (int)fd);
	if ((int)op != EPOLL_CTL_DEL && readable(g, event, sizeof(*event)))
		sg_event(g->out, event);
	else
		sg_pointer(g->out, event);
	finish(g, result, want);
}

static inline void do_ctl(struct guide *g, int epfd, int op, int fd, uint32_t events, uint64_t data,
			  long want)
{
	g->mem->ctl.events = events;
	g->mem->ctl.data.u64 = data;
	do_ctl_at(g, epfd, op, fd, &g->mem->ctl, want);
}

/* The usual case: data is the descriptor, and all goes well. */
static inline void add(struct guide *g, int epfd, int fd, uint32_t events)
{
	do_ctl(g, epfd, EPOLL_CTL_ADD, fd, events, (uint64_t)fd, 0);
}

static inline void del(struct guide *g, int epfd, int fd)
{
	do_ctl_at(g, epfd, EPOLL_CTL_DEL, fd, NULL, 0);
}

/* A failed wait shows its pointers. */
static inline void put_ready(struct guide *g, const struct epoll_event *ready, long result)
{
	if (result < 0 || (result && !readable(g, ready, (size_t)result * sizeof(*ready))))
		sg_pointer(g->out, ready);
	else
		sg_event_array(g->out, ready, result);
}

static inline void put_sigset(struct guide *g, const uint64_t *set, unsigned long size, long result)
{
	fputs(", ", g->out);
	if (set && result >= 0)
		sg_sigset(g->out, *set);
	else
		sg_pointer(g->out, set);
	fprintf(g->out, ", %lu", size);
}

/* The events array is cleared first: what the printer shows then comes from this call. */
static inline void clear_ready(struct guide *g)
{
	memset(g->mem->ready, 0x5a, sizeof(g->mem->ready));
}

static inline long do_wait_at(struct guide *g, long epfd, const struct epoll_event *ready,
			      long maxevents, long timeout, long want)
{
	long result;

	clear_ready(g);
#ifdef SYS_epoll_wait
	result = result_of(syscall(SYS_epoll_wait, epfd, ready, maxevents, timeout));
	fprintf(g->out, "epoll_wait(%d, ", (int)epfd);
#else
	result = result_of(syscall(SYS_epoll_pwait, epfd, ready, maxevents, timeout, NULL, 8));
	fprintf(g->out, "epoll_pwait(%d, ", (int)epfd);
#endif
	put_ready(g, ready, result);
	fprintf(g->out, ", %d, %d", (int)maxevents, (int)timeout);
#ifndef SYS_epoll_wait
	put_sigset(g, NULL, 8, result);
#endif
	return finish(g, result, want);
}

static inline long do_wait(struct guide *g, int epfd, int maxevents, int timeout, long want)
{
	return do_wait_at(g, epfd, g->mem->ready, maxevents, timeout, want);
}

static inline long do_pwait_at(struct guide *g, int epfd, const struct epoll_event *ready,
			       int maxevents, int timeout, const uint64_t *set, unsigned long size,
			       long want)
{
	long result;

	clear_ready(g);
	result = result_of(syscall(SYS_epoll_pwait, epfd, ready, maxevents, timeout, set, size));
	fprintf(g->out, "epoll_pwait(%d, ", epfd);
	put_ready(g, ready, result);
	fprintf(g->out, ", %d, %d", maxevents, timeout);
	put_sigset(g, set, size, result);
	return finish(g, result, want);
}

static inline long do_pwait(struct guide *g, int epfd, int timeout, uint64_t set, long want)
{
	g->mem->sigset = set;
	return do_pwait_at(g, epfd, g->mem->ready, 3, timeout, &g->mem->sigset, SIGSET_SIZE, want);
}

static inline long do_pwait2_at(struct guide *g, int epfd, const struct timespec *timeout,
				const uint64_t *set, unsigned long size, long want)
{
	const struct epoll_event *ready = g->mem->ready;
	long result;

	clear_ready(g);
	result = result_of(syscall(SYS_epoll_pwait2, epfd, ready, 3, timeout, set, size));
	fprintf(g->out, "epoll_pwait2(%d, ", epfd);
	put_ready(g, ready, result);
	fputs(", 3, ", g->out);
	if (timeout && result >= 0)
		sg_timespec(g->out, timeout);
	else
		sg_pointer(g->out, timeout);
	put_sigset(g, set, size, result);
	return finish(g, result, want);
}

static inline long do_pwait2(struct guide *g, int epfd, time_t sec, long nsec, const uint64_t *set,
			     long want)
{
	g->mem->timeout.tv_sec = sec;
	g->mem->timeout.tv_nsec = nsec;
	return do_pwait2_at(g, epfd, &g->mem->timeout, set, SIGSET_SIZE, want);
}

/* Says what stands at INDEX of the last wait's array. */
static inline void want_ready(struct guide *g, int index, uint32_t events, uint64_t data)
{
	const struct epoll_event *got = &g->mem->ready[index];

	if (got->events != events || got->data.u64 != data)
		complain(g, "event %d is %#x with data %#" PRIx64 ", not %#x with %#" PRIx64, index,
			 got->events, got->data.u64, events, data);
}

#endif
