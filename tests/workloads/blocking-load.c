/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * blocking-load PORT SECONDS CONNECTIONS REQUEST - asks a server on 127.0.0.1 the same again and
 * again, as fast as it answers; prints how many answers came, and how many a second.
 *
 * It makes no epoll call, so that who traces these slows the server alone: as if the load came from
 * another machine. All answers must have as many bytes as the first, but for the last one of a
 * connection. In REQUEST "\n" is a CRLF.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_CONNECTIONS 256
#define SILENCE_MS	 200 /* after which the first answer is whole */

static int connections[MOST_CONNECTIONS];
static char request[1024], answer[65536];
static size_t request_len, answer_len;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void take_request(const char *text)
{
	for (; *text && request_len < sizeof(request) - 2; text++) {
		if (text[0] == '\\' && text[1] == 'n') {
			request[request_len++] = '\r';
			request[request_len++] = '\n';
			text++;
		} else {
			request[request_len++] = *text;
		}
	}
}

static int connect_to(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		fail("connect");
	return fd;
}

static void ask(int fd)
{
	if (send(fd, request, request_len, MSG_NOSIGNAL) != (ssize_t)request_len)
		fail("send");
}

/* A server may close a connection behind so many answers, and say so in the last one. */
static void take_answer(int *fd, int port)
{
	ssize_t n = recv(*fd, answer, answer_len, MSG_WAITALL);

	if (n <= 0)
		fail("recv");
	if (n == (ssize_t)answer_len)
		return;
	close(*fd);
	*fd = connect_to(port);
}

static void learn_length(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	ask(fd);
	do {
		ssize_t n = recv(fd, answer + answer_len, sizeof(answer) - answer_len, 0);

		if (n <= 0)
			fail("first answer");
		answer_len += n;
	} while (poll(&p, 1, SILENCE_MS) > 0);
}

int main(int argc, char **argv)
{
	int count = argc == 5 ? atoi(argv[3]) : 0, port;
	double start, end;
	long answers = 0;

	if (count < 1 || count > MOST_CONNECTIONS)
		return 2;
	port = atoi(argv[1]);
	take_request(argv[4]);
	for (int i = 0; i < count; i++)
		connections[i] = connect_to(port);
	learn_length(connections[0]);
	start = now();
	end = start + atof(argv[2]);
	for (int i = 0; i < count; i++)
		ask(connections[i]);
	while (now() < end) {
		for (int i = 0; i < count; i++) { /* the server always has others to answer */
			take_answer(&connections[i], port);
			ask(connections[i]);
			answers++;
		}
	}
	printf("%ld %.1f\n", answers, answers / (now() - start));
	return 0;
}
