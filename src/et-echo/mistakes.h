/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The server, as it should be or with one of the mistakes that --break makes on purpose. */
#ifndef ET_ECHO_MISTAKES_H
#define ET_ECHO_MISTAKES_H

#include <netdb.h>
#include <stdbool.h>

enum mistake {
	MISTAKE_NONE,
	MISTAKE_LOST_EDGE,
	MISTAKE_LOST_EOF,
	MISTAKE_LOST_ACCEPT,
	MISTAKE_LOST_WRITE,
	MISTAKE_BLOCKING_FD,
	MISTAKE_PHANTOM,
	MISTAKE_ONESHOT,
	MISTAKE_STALE_BATCH,
	MISTAKE_WRITE_SPIN,
	MISTAKE_HANGUP_SPIN,
	MISTAKE_ACCEPT_EMFILE,
	MISTAKE_READY_IGNORED,
	MISTAKE_NOTIFIER_UNDRAINED,
	MISTAKES
};

/* Both for all mistakes but MISTAKE_NONE. */
const char *mistake_name(enum mistake mistake);
const char *mistake_help(enum mistake mistake);

/* What could not be done. */
enum serve_step {
	STEP_LISTEN,
	STEP_START,
	STEP_PRINT,
	STEP_WAIT
};

struct serve_options {
	unsigned int max_events; /* size of the array for epoll_wait */
	bool verbose;		 /* print a line for each connection */
	enum mistake mistake;
};

/* Serves on addr until SIGTERM or SIGINT: 0, or -errno of *ret_step. */
int serve(const struct serve_options *options, const struct addrinfo *addr,
	  enum serve_step *ret_step);

#endif
