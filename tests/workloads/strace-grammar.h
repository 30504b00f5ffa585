/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * strace-grammar.h: epoll's constants and arguments as strace prints them, for workloads that print
 * what they did. Written for itself, and not shared with epolltrace: an oracle that uses the
 * tables of what it tests sees none of their errors.
 * Order and spelling were measured with strace 6.1 (-v: arrays whole); "data" is as in strace 7.
 */
#ifndef STRACE_GRAMMAR_H
#define STRACE_GRAMMAR_H

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

struct sg_name {
	uint32_t bit;
	const char *text;
};

/* VALUE as NAME|NAME|0xREST; UNKNOWN is the comment behind a number without any name. */
static inline void sg_flags(FILE *out, uint32_t value, const struct sg_name *names, size_t count,
			    const char *unknown)
{
	const char *sep = "";

	for (size_t i = 0; i < count; i++) {
		if (!(value & names[i].bit))
			continue;
		fprintf(out, "%s%s", sep, names[i].text);
		value &= ~names[i].bit;
		sep = "|";
	}
	if (value && !*sep)
		fprintf(out, "%#" PRIx32 " /* %s */", value, unknown);
	else if (value)
		fprintf(out, "|%#" PRIx32, value);
	else if (!*sep)
		fputc('0', out);
}

static inline void sg_events(FILE *out, uint32_t events)
{
	static const struct sg_name names[] = {
		{0x001, "EPOLLIN"},	      {0x002, "EPOLLPRI"},	 {0x004, "EPOLLOUT"},
		{0x008, "EPOLLERR"},	      {0x010, "EPOLLHUP"},	 {0x020, "EPOLLNVAL"},
		{0x040, "EPOLLRDNORM"},	      {0x080, "EPOLLRDBAND"},	 {0x100, "EPOLLWRNORM"},
		{0x200, "EPOLLWRBAND"},	      {0x400, "EPOLLMSG"},	 {0x2000, "EPOLLRDHUP"},
		{1U << 28, "EPOLLEXCLUSIVE"}, {1U << 29, "EPOLLWAKEUP"}, {1U << 30, "EPOLLONESHOT"},
		{1U << 31, "EPOLLET"},
	};

	sg_flags(out, events, names, sizeof(names) / sizeof(names[0]), "EPOLL???");
}

static inline void sg_create_flags(FILE *out, int flags)
{
	static const struct sg_name names[] = {{EPOLL_CLOEXEC, "EPOLL_CLOEXEC"}};

	sg_flags(out, (uint32_t)flags, names, 1, "EPOLL_???");
}

static inline void sg_op(FILE *out, int op)
{
	switch (op) {
	case EPOLL_CTL_ADD:
		fputs("EPOLL_CTL_ADD", out);
		break;
	case EPOLL_CTL_DEL:
		fputs("EPOLL_CTL_DEL", out);
		break;
	case EPOLL_CTL_MOD:
		fputs("EPOLL_CTL_MOD", out);
		break;
	default:
		fprintf(out, "%#x /* EPOLL_CTL_??? */", (unsigned int)op);
	}
}

static inline void sg_pointer(FILE *out, const void *pointer)
{
	if (pointer)
		fprintf(out, "%#" PRIxPTR, (uintptr_t)pointer);
	else
		fputs("NULL", out);
}

static inline void sg_event(FILE *out, const struct epoll_event *event)
{
	fputs("{events=", out);
	sg_events(out, event->events);
	fprintf(out, ", data=%#" PRIx64 "}", event->data.u64);
}

/* What a wait that returned COUNT left in EVENTS; of a null array strace says so. */
static inline void sg_event_array(FILE *out, const struct epoll_event *events, long count)
{
	if (!events) {
		fputs("NULL", out);
		return;
	}
	fputc('[', out);
	for (long i = 0; i < count; i++) {
		if (i)
			fputs(", ", out);
		sg_event(out, &events[i]);
	}
	fputc(']', out);
}

static inline void sg_timespec(FILE *out, const struct timespec *ts)
{
	fprintf(out, "{tv_sec=%lld, tv_nsec=%lld}", (long long)ts->tv_sec, (long long)ts->tv_nsec);
}

/* A signal set as the kernel has it, 64 bits; from two thirds on strace names what is missing. */
static inline void sg_sigset(FILE *out, uint64_t set)
{
	static const char *const names[] = {
		"HUP",	"INT",	  "QUIT", "ILL",   "TRAP", "ABRT", "BUS",  "FPE",
		"KILL", "USR1",	  "SEGV", "USR2",  "PIPE", "ALRM", "TERM", "STKFLT",
		"CHLD", "CONT",	  "STOP", "TSTP",  "TTIN", "TTOU", "URG",  "XCPU",
		"XFSZ", "VTALRM", "PROF", "WINCH", "IO",   "PWR",  "SYS",  "RTMIN",
	};
	const char *sep = "";

	if (__builtin_popcountll(set) >= 64 * 2 / 3) {
		fputc('~', out);
		set = ~set;
	}
	fputc('[', out);
	for (unsigned int i = 0; i < 64; i++) {
		if (!(set >> i & 1))
			continue;
		if (i < 32)
			fprintf(out, "%s%s", sep, names[i]);
		else
			fprintf(out, "%sRT_%u", sep, i - 31);
		sep = " ";
	}
	fputc(']', out);
}

/* RESULT: what a call returned, or -errno. */
static inline void sg_result(FILE *out, long result)
{
	if (result < 0)
		fprintf(out, ") = -1 %s (%s)\n", strerrorname_np((int)-result),
			strerror((int)-result));
	else
		fprintf(out, ") = %ld\n", result);
}

/* BYTES as between strace's quotes; what stands in ALSO is escaped too. */
static inline void sg_quoted(FILE *out, const char *bytes, size_t len, const char *also)
{
	static const char plain[] = "\"\\\n\t\v\f\r";
	static const char letter[] = "\"\\ntvfr";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		const char *known = c ? strchr(plain, c) : NULL;
		bool digit_next = i + 1 < len && bytes[i + 1] >= '0' && bytes[i + 1] <= '9';

		if (known)
			fprintf(out, "\\%c", letter[known - plain]);
		else if (c >= ' ' && c < 0x7f && !strchr(also, c))
			fputc(c, out);
		else
			fprintf(out, digit_next ? "\\%03o" : "\\%o", c);
	}
}

#endif
