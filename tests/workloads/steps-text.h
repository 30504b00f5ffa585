/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * steps-text.h: from text to steps, and from names to numbers and back, for steps.c.
 *
 * Steps are words up to ";" or the end of a line; a step may have a block of more steps in braces
 * behind it, which may hold blocks in turn.
 */
#ifndef STEPS_TEXT_H
#define STEPS_TEXT_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define WORDS_MAX 8

struct step {
	char *words[WORDS_MAX + 1];
	int count;
	char *block; /* text between the braces, NULL: none */
};

static const struct {
	const char *name;
	uint32_t bit;
} event_words[] = {
	{"IN", EPOLLIN},
	{"OUT", EPOLLOUT},
	{"PRI", EPOLLPRI},
	{"ERR", EPOLLERR},
	{"HUP", EPOLLHUP},
	{"RDHUP", EPOLLRDHUP},
	{"EXCLUSIVE", EPOLLEXCLUSIVE},
	{"ONESHOT", EPOLLONESHOT},
	{"ET", EPOLLET},
};

#define EVENT_WORDS (sizeof(event_words) / sizeof(event_words[0]))

static inline void __attribute__((noreturn)) usage(const char *what, const char *where)
{
	fprintf(stderr, "steps: %s: '%s'\n", what, where);
	_Exit(2);
}

/* "IN|ET" or a number. */
static inline uint32_t parse_events(const char *text)
{
	uint32_t events = 0;

	if (*text >= '0' && *text <= '9')
		return strtoul(text, NULL, 0);
	while (*text) {
		size_t len = strcspn(text, "|"), i;

		for (i = 0; i < EVENT_WORDS; i++)
			if (strlen(event_words[i].name) == len &&
			    !memcmp(event_words[i].name, text, len))
				break;
		if (i == EVENT_WORDS)
			usage("no such event", text);
		events |= event_words[i].bit;
		text += len + (text[len] == '|');
	}
	return events;
}

/* Writes events as parse_events reads them; returns the length. */
static inline size_t print_events(char *to, size_t room, uint32_t events)
{
	size_t len = 0;

	to[0] = 0;
	for (size_t i = 0; i < EVENT_WORDS && len < room; i++)
		if (events & event_words[i].bit)
			len += snprintf(to + len, room - len, "%s%s", len ? "|" : "",
					event_words[i].name);
	return len < room ? len : room - 1;
}

/* Behind the brace that closes the block which begins at text. */
static inline char *block_end(char *text)
{
	char *at = text;

	for (int depth = 1; depth; at++) {
		if (!*at)
			usage("block without end", text);
		depth += (*at == '{') - (*at == '}');
	}
	return at;
}

/*
 * Takes the next step off *text, which is changed; false at the end. What step points to lies in
 * that text.
 */
static inline bool next_step(char **text, struct step *step)
{
	static const char blank[] = " \t", end[] = ";\n{";
	char *at = *text;

	*step = (struct step){0};
	at += strspn(at, " \t;\n");
	while (*at && !strchr(end, *at)) {
		char *word = at;

		if (step->count == WORDS_MAX)
			usage("too many words", word);
		step->words[step->count++] = word;
		at += strcspn(at, " \t;\n{");
		if (strchr(blank, *at) && *at) {
			*at++ = 0;
			at += strspn(at, blank);
		}
	}
	if (*at == '{') {
		*at++ = 0;
		step->block = at;
		at = block_end(at);
		at[-1] = 0;
	} else if (*at) {
		*at++ = 0;
	}
	*text = at;
	return step->count > 0;
}

#endif
