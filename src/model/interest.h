/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interest.h - epoll instances and their interest lists, as the stream reports them.
 *
 * An instance is its struct eventpoll, an entry is (instance, struct file, number): never the
 * number alone. The kernel reuses addresses, so a successful create or ADD always begins a new
 * one, even if an older one had the same identity.
 */
#ifndef ET_INTEREST_H
#define ET_INTEREST_H

#include "base/table.h"
#include "event/event.h"
#include "model/bounds.h"
#include "model/families.h"
#include "model/turns.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

enum entry_state {
	ENTRY_OPEN,
	ENTRY_CLOSED, /* its number is closed, its file lives on elsewhere: it still delivers */
	ENTRY_GONE,   /* deleted, or its file or its instance is gone */
};

/* A process that holds an instance, and by which number. */
struct holder {
	struct holder *next;
	struct node by_number; /* (PID, number), while its instance lives */
	struct instance *instance;
	uint32_t pid;
	int fd;
	uint64_t table;	  /* the descriptor table that fd is in */
	uint64_t used_ns; /* when the process used the instance last; 0: not observed */
	/* Of a foreign process that rests: as of struct instance_event, and since when it has. */
	uint64_t switches, rests_ns;
	uint16_t round; /* of the scan that observed it last */
	bool foreign;	/* the process is no target */
	bool cloexec;
	char comm[17];
};

/* What the last scan observed of an entry; kept if snapshots are wanted. */
struct observed {
	struct pending pending;
	uint64_t scanned_ns; /* when that was */
	uint64_t
		unread_since_ns; /* nobody has taken input since that scan, as far as scans can tell */
	uint64_t last_read_ns; /* the last scan that showed that somebody had; 0: none has */
	uint64_t empty_ns; /* when the last scan began that found no input waiting; 0: none has */
	uint64_t unwritten_since_ns; /* nor given output since that one */
	uint64_t last_written_ns;    /* the last scan that showed that somebody had; 0: none has */
	uint32_t shows;		     /* events that the file had, as far as scans can tell */
	uint32_t showed;	     /* at the scan before, or since then */
	uint32_t late_reads; /* times that input was taken though no event had been delivered */
	uint32_t events;     /* as the kernel has them: 0 and private bits if it is disarmed */
	bool ready;
	bool known; /* its file could be scanned */
};

/* Kept small: a server may have a hundred thousand. */
struct entry {
	struct node by_fd;   /* (instance, number) */
	struct node by_data; /* (instance, data) */
	struct node by_file;
	struct entry *next, *prev; /* in the instance's list of living or of gone ones */
	struct instance *instance;
	uint64_t file;	/* 0: known from fdinfo alone */
	uint64_t table; /* the descriptor table that its number is in */
	uint64_t data;
	char *name; /* the file of the number, as of the last ADD or MOD */
	struct file_what what;
	struct observed *observed; /* NULL: nothing is kept, or no scan has observed it */
	struct entry_turns *turns; /* NULL: nothing of it was delivered, or nothing is kept */
	struct io_event *io;	   /* its reads and writes as of the last scan; NULL: none */
	uint64_t first_ns, last_ready_ns, deliveries;
	union {
		uint64_t
			changed_ns; /* last ADD, MOD or close of a number; if found, when a scan found it */
		uint64_t ended_ns; /* ENTRY_GONE */
	};
	int fd;
	uint32_t number; /* no other has it, from 1 on */
	uint32_t events;
	uint32_t last_ready;	       /* what was delivered last */
	uint32_t last_tid, former_tid; /* to which thread, and to which other one before that */
	uint32_t adder;		       /* the thread that registered it; 0: not observed */
	uint32_t closer, closer_pid;   /* the one that closed its number or file; 0: unknown */
	uint64_t closed_ns;	       /* when; that it is gone by that may show only later */
	uint64_t former_ready_ns;      /* when */
	uint32_t adds, mods, dels;
	uint32_t changed_by;	      /* the process that made the last of these; 0: not observed */
	uint32_t pid;		      /* the process that added it; 0: not observed */
	unsigned closes;	      /* numbers of its file that were closed at changed_ns */
	uint32_t elsewhere;	      /* closed: a process that has the file open, 0: not known */
	int elsewhere_fd;	      /* and by which number */
	uint16_t round, fdinfo_round; /* of the scans that observed it last, by either source */
	enum entry_state state : 8;
	bool discovered : 1;   /* by a scan: no ADD or MOD of it was traced */
	bool copied : 1;       /* its file had more than this number when it was added */
	bool unheld : 1;       /* fdinfo has it, and no descriptor table its file */
	bool closer_waits : 1; /* the closer waits on the instance, too, or did last */
	bool asked_out : 1;    /* EPOLLOUT was asked for, now or earlier */
	bool past : 1; /* it went in an interval before this one, see interest_new_interval */
};

/* Bits of a mask that say how to report, not what (fs/eventpoll.c, EP_PRIVATE_BITS). */
#define EPOLL_PRIVATE_BITS 0xf0000000U

/* What the kernel adds to every armed mask (fs/eventpoll.c, do_epoll_ctl). */
#define ALWAYS_ON (EPOLLERR | EPOLLHUP)

/* Has EPOLLONESHOT disarmed it, as of the last scan? Only private bits are left then. */
static inline bool entry_disarmed(const struct entry *e)
{
	return e->observed && e->observed->known && e->observed->events & EPOLLONESHOT &&
	       !(e->observed->events & ~EPOLL_PRIVATE_BITS);
}

/* Input waits: bytes, messages, connections; of bytes not less than SO_RCVLOWAT. */
static inline bool pending_waits(const struct pending *p)
{
	if (p->has_unread && p->unread_bytes)
		return p->unread_bytes >= p->lowat || p->class == CLASS_DATAGRAM;
	return p->has_count && p->count;
}

#define RECENT_GONE 32

/*
 * Events whose data is that of an open entry and of one whose number is closed, since the last scan:
 * the next scan shows which of their files was ready.
 */
struct doubt {
	struct doubt *next;
	uint64_t data;
	uint32_t events;
	uint32_t tid;		 /* of the last one */
	uint64_t count, last_ns; /* how many, and when the last one was */
	uint64_t heaviest;	 /* the most that one of them stood for */
};

struct instance {
	struct node by_ep;
	struct bounds *bounds;
	struct instance *next, *prev; /* among the living or the gone ones, newest first */
	uint64_t ep;		      /* 0: only fdinfo is known of it, and a holder's number */
	unsigned number;
	bool gone;
	bool busy_poll; /* EPIOCSPARAMS, as of the last scan */
	uint64_t first_ns, ended_ns;
	uint64_t discovered_ns; /* when a scan discovered it; 0: a call made it known */
	unsigned unseen;	/* scans in a row that have not observed it */
	uint16_t round;		/* of the scan that observed it last */
	uint64_t file;		/* its own struct file *, from a scan; 0: not known */
	/* The processes that used it last and before that: by epoll_ctl, a wait, or being in one. */
	uint32_t user, former_user;
	uint64_t used_ns, former_used_ns;
	uint64_t parted_ns; /* when the last process that uses it was forked; 0: not observed */
	uint64_t waited_ns; /* when a wait on it returned last, 0: none has */
	uint64_t unread_ns; /* when a wait on it last returned events that are not known */
	/* Threads that were in a wait on it when the last scan of descriptors began. */
	uint32_t waiters;
	uint32_t waiter;	       /* the TID of the one that waits longest, */
	uint64_t waits_ns;	       /* since then */
	uint64_t all_waiting_since_ns; /* all threads that wait on it; 0: not all did */
	struct holder *holders, **holders_end;
	struct holder *last_asked; /* NULL: none, or it has gone */
	uint64_t closed_ns;	   /* a number of it was closed then */
	uint32_t closed_by;	   /* by that process, */
	uint32_t closer;	   /* that thread, */
	unsigned refs;		   /* with so many references to it before, */
	unsigned closes;	   /* so many of which went with it */
	struct entry *entries;
	struct entry *gone_entries; /* newest first */
	struct entry *oldest_gone;
	struct entry *recent[RECENT_GONE]; /* gone lately: a wait may still report them */
	unsigned recent_at;
	unsigned gone_count;
	size_t live_count;
	struct doubt *doubts;
};

struct interest {
	struct table by_ep, by_fd, by_data, by_file, by_holder;
	struct instance *recent; /* that of the last call, NULL: it is gone */
	struct bounds *bounds;
	struct instance *instances;
	struct instance *gone_instances;
	bool keeps_observed; /* what scans see is kept with the entries */
	bool has_put_back;   /* an entry was deleted and added again, see struct entry_turns */
	struct instance *oldest_gone;
	unsigned gone_count;
	struct families dropped; /* entries that are gone, and not kept one by one any more */
	unsigned numbers;
	uint32_t entry_numbers;
	/* Called when an entry is gone. */
	void (*ended)(void *ctx, const struct entry *e);
	void *ctx;
};

void interest_free(struct interest *in);

/* Adds the figures of an entry. */
void totals_add_entry(struct families *f, const struct entry *e);

/* The living instance of that address; NULL: none is known. */
struct instance *interest_find(const struct interest *in, uint64_t ep);

/* The same, made and numbered if none is known; NULL only if memory ran out. */
struct instance *interest_get_or_add(struct interest *in, uint64_t ep);

/* An instance whose creation began at now_ns: what had the address before is gone. */
struct instance *interest_create(struct interest *in, uint64_t ep, uint64_t now_ns);

/* An instance whose address is not known. NULL only if memory ran out. */
struct instance *interest_create_nameless(struct interest *in);

/* Gives such an instance the address that it turned out to have. */
void interest_bind(struct interest *in, struct instance *inst, uint64_t ep);

/* The instance, and all its entries, are gone; an entry is. */
void interest_bury_instance(struct interest *in, struct instance *inst, uint64_t now_ns);
void interest_bury(struct interest *in, struct entry *e, uint64_t now_ns);

/* Notes that a process holds the instance by that number. NULL only if memory ran out. */
struct holder *interest_hold(struct interest *in, struct instance *inst, uint32_t pid, int fd);

/* Do both processes hold it by one descriptor table, as of the last scan? */
bool interest_one_table(const struct instance *inst, uint32_t pid, uint32_t other);

/* An entry that a scan has discovered. NULL only if memory ran out. */
struct entry *interest_discover_entry(struct interest *in, struct instance *inst,
				      const struct entry_event *observed, uint64_t now_ns);

/* The entry known from fdinfo alone that turns out to be that one; NULL: there is none. */
struct entry *interest_adopt(struct interest *in, struct instance *inst,
			     const struct entry_event *observed);

/* Gives an entry other data. */
void interest_set_data(struct interest *in, struct entry *e, uint64_t data);

/* The first entry, the newest, with that number, whatever its file; NULL: none. */
struct entry *interest_by_number(const struct interest *in, const struct instance *inst, int fd);

/* The next older one. */
struct entry *interest_by_number_next(const struct entry *e);

/*
 * Applies a successful epoll_ctl on the file, which the model has given its text. Returns the entry,
 * NULL: none (or no memory).
 */
struct entry *interest_ctl(struct interest *in, struct instance *inst, const struct event *ev,
			   const struct file *file);

/* The entry of that file and number, NULL: not known. */
struct entry *interest_entry(const struct interest *in, const struct instance *inst, uint64_t file,
			     int fd);

/*
 * The entry that a ready event of a wait means; NULL: not known. Open entries come before those whose
 * number is closed, and these before entries that ended during the wait; newest first. The event is
 * counted for it. If it may also be that of an entry whose number is closed, a scan decides later.
 */
struct entry *interest_deliver(struct interest *in, struct instance *inst,
			       const struct ready_event *ready, const struct event *wait);

/* The next older living entry with the same data, NULL: none. */
struct entry *interest_match_next(const struct entry *e);

/* The number by which that process holds it, or else another one; -1: none is known. */
int interest_number(const struct instance *inst, uint32_t pid);

/*
 * A number is closed; with the last reference its file goes, or its instance. waited_ep: the instance
 * that the closing thread has waited on last, 0: none.
 */
void interest_close(struct interest *in, const struct event *ev, uint64_t waited_ep);

/*
 * Counts events that were in doubt, by what scans have shown so far: those with the data of that
 * entry, or all if it is NULL.
 */
void interest_settle(struct interest *in, struct instance *inst, const struct entry *of);

/*
 * A wait on the instance ends with its thread. It held a reference of its own, if another thread of
 * its process closed a number meanwhile.
 */
void interest_wait_cut(struct interest *in, struct instance *inst, const struct event *ev);

/*
 * Begins an interval: counts of all entries are 0, what is gone is forgotten. Entries that went
 * lately stay, marked past, because a wait that goes on may still report them.
 */
void interest_new_interval(struct interest *in);

#endif
