/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interest.h - epoll instances and their interest lists, as told by the stream.
 *
 * An instance is its struct eventpoll, an entry is (instance, struct file, number): never the
 * number alone. The kernel uses addresses again, so a successful create or ADD always begins a new
 * one, even where an older one had the same identity.
 */
#ifndef ET_INTEREST_H
#define ET_INTEREST_H

#include "base/table.h"
#include "event/event.h"

#include <stdbool.h>
#include <stdint.h>

enum entry_state {
	ENTRY_OPEN,
	ENTRY_CLOSED, /* its number is closed, its file lives on elsewhere: it still delivers */
	ENTRY_GONE,   /* deleted, or its file or its instance is gone */
};

/* Numbers of one file that were closed at one time: with the last reference the file goes. */
struct closes {
	uint64_t time_ns;
	unsigned count;
};

struct entry {
	struct node by_fd;   /* (instance, number) */
	struct node by_data; /* (instance, data) */
	struct node by_file;
	struct entry *next, *prev; /* in the instance's list of living or of gone ones */
	struct instance *instance;
	uint64_t file;
	int fd;
	enum entry_state state;
	bool past;	/* it went in an interval before this one, see interest_new_interval */
	uint64_t table; /* the descriptor table that its number is in */
	uint32_t events;
	uint64_t data;
	char *name; /* what stands behind the number, as of the last ADD or MOD */
	struct closes closes;
	uint64_t first_ns, last_ready_ns, ended_ns;
	uint64_t deliveries;
	uint32_t adds, mods, dels;
};

/* What entries that are no longer kept one by one add up to. */
struct folded {
	uint64_t entries, deliveries, adds, mods, dels;
};

#define RECENT_GONE 32

struct instance {
	struct node by_ep;
	struct instance *next, *prev; /* among the living or the gone ones, newest first */
	uint64_t ep;
	unsigned number;
	bool gone;
	struct closes closes;
	struct entry *entries;
	struct entry *gone_entries; /* newest first */
	struct entry *oldest_gone;
	struct entry *recent[RECENT_GONE]; /* gone lately: a wait may still report them */
	unsigned recent_at;
	unsigned gone_count;
	size_t live_count;
	struct folded folded;
};

struct interest {
	struct table by_ep, by_fd, by_data, by_file;
	struct instance *instances;
	struct instance *gone_instances;
	struct instance *oldest_gone;
	unsigned gone_count;
	struct folded dropped; /* entries of gone instances that are not kept any more */
	unsigned numbers;
};

void interest_free(struct interest *in);

/* For interval.c: an entry that is in no list, and a list of instances. */
void free_entry(struct entry *e);
void free_instances(struct instance *inst);

/* Adds f to *sum. */
void folded_add(struct folded *sum, const struct folded *f);

/* The living instance of that address, NULL: not seen yet. */
struct instance *interest_find(const struct interest *in, uint64_t ep);

/* The same, made and numbered where it was not seen yet; NULL only where memory ran out. */
struct instance *interest_get(struct interest *in, uint64_t ep);

/* A created instance: what had the address before is gone. */
struct instance *interest_create(struct interest *in, uint64_t ep, uint64_t now_ns);

/* Applies a successful epoll_ctl; name is copied. Returns the entry, NULL: none (or no memory). */
struct entry *interest_ctl(struct interest *in, struct instance *inst, const struct event *ev,
			   const char *name);

/* The entry of that file and number, NULL: not known. */
struct entry *interest_entry(const struct interest *in, const struct instance *inst, uint64_t file,
			     int fd);

/*
 * The entry that a ready event of a wait that began at since_ns means, NULL: not known. Living ones
 * before those whose number is closed, those before what went away during the wait; newest first.
 */
struct entry *interest_match(const struct interest *in, const struct instance *inst, uint64_t data,
			     uint64_t since_ns);

/* The next older entry of the same state and data, NULL: none. */
struct entry *interest_match_next(const struct entry *e);

/* A number is closed; with the last reference its file goes, or its instance. */
void interest_close(struct interest *in, const struct event *ev);

/*
 * Begins an interval: counts of all entries are 0, what is gone is forgotten. Entries that went
 * lately stay, marked past, because a wait that goes on may still report them.
 */
void interest_new_interval(struct interest *in);

#endif
