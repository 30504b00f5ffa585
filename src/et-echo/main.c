/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* et-echo: the command line of the edge-triggered echo server, and its messages. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "mistakes.h"

#ifndef ET_ECHO_VERSION
#define ET_ECHO_VERSION "0.1.0"
#endif

#define MAX_EVENTS	 64
#define MAX_EVENTS_LIMIT 65536

struct options {
	const char *host;
	const char *port;
	struct serve_options serve;
};

__attribute__((format(printf, 2, 3))) static int complain(int status, const char *format, ...)
{
	va_list args;

	fputs("et-echo: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

static int complain_errno(const char *what, int err)
{
	const char *text = strerror(err);

	return complain(EXIT_FAILURE, "%s: %c%s", what, tolower((unsigned char)text[0]), text + 1);
}

static int complain_step(const struct options *opts, enum serve_step step, int err)
{
	static const char *const whats[] = {
		[STEP_START] = "cannot start",
		[STEP_PRINT] = "cannot write to standard output",
		[STEP_WAIT] = "cannot wait for events",
	};
	char what[NI_MAXHOST + 64];

	if (step != STEP_LISTEN)
		return complain_errno(whats[step], err);
	snprintf(what, sizeof(what),
		 strchr(opts->host, ':') ? "cannot listen on [%s]:%s" : "cannot listen on %s:%s",
		 opts->host, opts->port);
	return complain_errno(what, err);
}

static void print_help(void)
{
	puts("usage: et-echo [options]\n"
	     "An edge-triggered epoll echo server.\n\n"
	     "  -l, --listen ADDR     IPv4 or IPv6 address to listen on (127.0.0.1)\n"
	     "  -p, --port PORT       port to listen on; 0 picks a free one (0)\n"
	     "      --max-events N    size of the epoll_wait array (64)\n"
	     "      --break KIND      make a mistake on purpose:");
	for (enum mistake i = MISTAKE_NONE + 1; i < MISTAKES; i++)
		printf("          %-19s %s\n", mistake_name(i), mistake_help(i));
	puts("  -v, --verbose         report each connection\n"
	     "  -h, --help            print this help\n"
	     "  -V, --version         print the version");
}

/* Digits only: strtoul alone would take blanks and signs. */
static bool parse_number(const char *text, unsigned long max, unsigned int *ret_number)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || number > max)
		return false;
	*ret_number = (unsigned int)number;
	return true;
}

static bool parse_mistake(const char *text, enum mistake *ret_mistake)
{
	for (enum mistake i = MISTAKE_NONE + 1; i < MISTAKES; i++) {
		if (!strcmp(text, mistake_name(i))) {
			*ret_mistake = i;
			return true;
		}
	}
	return false;
}

#define SHORT_OPTIONS "+:l:p:vhV" /* + ends them at the first word that is none */

enum {
	OPT_MAX_EVENTS = 256,
	OPT_BREAK
};

static const struct option long_options[] = {
	{"listen", required_argument, NULL, 'l'},
	{"port", required_argument, NULL, 'p'},
	{"max-events", required_argument, NULL, OPT_MAX_EVENTS},
	{"break", required_argument, NULL, OPT_BREAK},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

/* Returns -1 to go on, or the exit status. */
static int take_option(int opt, struct options *opts)
{
	unsigned int number;

	if (opt == 'l') {
		opts->host = optarg;
	} else if (opt == 'p') {
		if (!parse_number(optarg, 65535, &number))
			return complain(2, "invalid port: %s", optarg);
		opts->port = optarg;
	} else if (opt == OPT_MAX_EVENTS) {
		if (!parse_number(optarg, MAX_EVENTS_LIMIT, &number) || !number)
			return complain(2, "invalid number of events: %s", optarg);
		opts->serve.max_events = number;
	} else if (opt == OPT_BREAK) {
		if (!parse_mistake(optarg, &opts->serve.mistake))
			return complain(2, "invalid kind of break: %s", optarg);
	} else if (opt == 'v') {
		opts->serve.verbose = true;
	} else {
		if (opt == 'h')
			print_help();
		else
			puts("et-echo " ET_ECHO_VERSION);
		return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	return -1;
}

/*
 * An unknown short option may stand in the middle of its word, and optind may not have passed it yet, so
 * optopt names it. If optopt is a known option, a long one was given an argument that it does not take.
 */
static int complain_option(int opt, const char *word)
{
	if (opt == ':')
		return complain(2, "option needs an argument: %s", word);
	if (optopt && !strchr(SHORT_OPTIONS, optopt))
		return complain(2, "unknown option: -%c", optopt);
	return complain(2, "unknown option: %s", word);
}

static int parse_options(int argc, char **argv, struct options *opts)
{
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, SHORT_OPTIONS, long_options, NULL)) != -1) {
		int status;

		if (opt == '?' || opt == ':')
			return complain_option(opt, argv[optind - 1]);
		status = take_option(opt, opts);
		if (status >= 0)
			return status;
	}
	return optind < argc ? complain(2, "unexpected argument: %s", argv[optind]) : -1;
}

/* With a lower limit there are fewer connections, nothing worse. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	struct options opts = {
		.host = "127.0.0.1", .port = "0", .serve = {.max_events = MAX_EVENTS}};
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				       .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *addr;
	enum serve_step step;
	int status, err;

	signal(SIGXFSZ, SIG_IGN);	  /* a file that may not grow is as a full disk */
	setvbuf(stdout, NULL, _IOLBF, 0); /* the reader of a pipe gets each line at once */
	status = parse_options(argc, argv, &opts);
	if (status >= 0)
		return status;
	if (getaddrinfo(opts.host, opts.port, &hints, &addr))
		return complain(2, "invalid address: %s", opts.host);
	raise_file_limit();
	err = serve(&opts.serve, addr, &step);
	freeaddrinfo(addr);
	return err ? complain_step(&opts, step, -err) : EXIT_SUCCESS;
}
