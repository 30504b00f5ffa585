/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule.h - what a rule is made of. Each has a file of its own, which begins with its row, and a line
 * in base/rule_ids.h.
 */
#ifndef ET_RULE_H
#define ET_RULE_H

#include "rules/pace.h"
#include "rules/rules.h"

#define BACKPRESSURED_MAX 64

/* What a question of a rule is about, and so when it is asked. */
enum about {
	ABOUT_NOTHING,
	/* At the end of each scan, of each that lives: */
	ABOUT_ENTRY,
	/* One that was delivered; it may be deleted just now if the loop adds it again each time. */
	ABOUT_DELIVERED,
	ABOUT_INSTANCE,
	ABOUT_HOLDER, /* a process that has an instance open */
	ABOUT_WAITER, /* a thread in a wait */
	ABOUT_THREAD, /* a thread that has waited, whatever it does now */
	ABOUT_STRAY,  /* a socket that is in no interest list, though it was, or its number */
	ABOUT_VIEW,   /* at each view */
	ABOUT_COUNT,
};

/* What it is asked about; NULL: it has none of that. */
struct subject {
	const struct entry *entry;
	const struct instance *instance; /* the entry's, the holder's, the one that is waited on */
	const struct holder *holder;
	const struct task *waiter;
	const struct task *thread;
	const struct lapse *stray;
	const struct view *view;
};

struct question {
	enum about about;
	unsigned views; /* ABOUT_VIEW: of these kinds, a bit each by enum view_kind */
	unsigned hold;	/* T that the picture must have lasted, scan after scan */
	bool idle;	/* and all threads that wait on the instance must be waiting */
	/* Is the picture there? Then a finding is suspected. */
	bool (*pictured)(struct rules *r, const struct subject *s);
	/* NULL, or: does something else account for it now, so that nothing is raised? */
	bool (*excused)(struct rules *r, const struct subject *s);
	/* How grave it is, by what the finding remembers; SEVERITY_NONE: not yet. */
	enum severity (*judge)(struct rules *r, struct finding *f, const struct subject *s);
	enum severity severity; /* if judge is NULL: the picture that has lasted is enough */
	/* Writes the evidence, and what the finding is about if the engine cannot know it. */
	void (*explain)(struct rules *r, struct finding *f, const struct subject *s);
	/* NULL, or: what distinguishes findings of the rule, if not their subject. */
	uint64_t (*key)(const struct rules *r, const struct subject *s);
};

#define ASKS_MAX 2

struct rule {
	/* For --explain and the manual; T is what --stall sets. */
	const char *title; /* a clause */
	const char *means; /* sentences, as are the two below */
	const char *evidence;
	const char *not_it;
	const char *fix;  /* a clause that findings carry, unless they have one of their own */
	bool needs_io;	  /* without reads and writes it is not checked */
	bool needs_ready; /* nor without all events that waits return */
	bool happens;	  /* it finds what happens, which stays true, not what is and may end */
	enum mark mark;	  /* what one scan that has the picture shows; MARK_NONE: too little */
	/* NULL, or: is that enough for a mark of this entry? */
	bool (*marked)(const struct rules *r, const struct entry *e);
	struct question asks[ASKS_MAX];
	/* Takes views of these kinds before the questions about them; it may raise findings itself. */
	void (*view)(struct rules *r, const struct view *v);
	unsigned views;
	size_t state_size; /* of what it keeps in struct rules */
};

/* The rows, by enum rule_id. */
extern const struct rule *const rules_registry[RULE_COUNT];

#define RULE_ROW(id, file, name) extern const struct rule rule_##file;
RULES(RULE_ROW)
#undef RULE_ROW

struct rules {
	struct rules_options opt;
	struct model *model;
	finding_fn *fn;
	void *ctx;
	/* The questions of the rules that were asked for. */
	struct asked {
		enum rule_id id;
		const struct question *question;
	} asked[ABOUT_COUNT][RULE_COUNT * ASKS_MAX];
	unsigned asked_count[ABOUT_COUNT];
	const struct rule *viewers[RULE_COUNT]; /* those of them that take views */
	unsigned viewer_count;
	void *states[RULE_COUNT]; /* of the rules that were asked for: state_size bytes, zeroed */
	struct table by_key;
	struct finding *findings, **findings_end;
	size_t count;
	struct finding *causes, **causes_end; /* in the order in which they were raised */
	struct table by_cause;
	size_t cause_count;
	uint64_t round; /* the scans so far */
	uint64_t waits; /* that returned */
	struct paces paces;
	uint64_t ready_unknown; /* events of these that are not known */
	uint64_t passed_over;	/* of these, without a record of their own */
	uint64_t unread;	/* events of both, at least */
	struct unjudged opaque, spins;
	char ready_text[64]; /* the same in words */
	uint64_t now_ns;     /* of the stream */
	uint64_t T;	     /* opt.stall_ns */
	enum severity worst;
	bool full; /* a finding found no room */
	bool lost; /* records were: a wait may have reported what no rule was asked about */
	/* Processes of which output is blocked, as of that scan; there may be more than are kept. */
	uint32_t backpressured[BACKPRESSURED_MAX];
	unsigned backpressured_count;
	uint64_t backpressured_round;
	struct halt halts[HALTS_MAX];
	size_t halt_count;
	struct failed_ctls *failed; /* of failed_ctl.c */
};

/*
 * The finding of that rule about what has that key, made if there is none; NULL: there is no
 * room. To call it at a scan is to say that the evidence, as far as it goes, is there.
 */
struct finding *rules_suspect(struct rules *r, enum rule_id id, uint64_t key);

/* The same without making one, and without saying so. */
struct finding *rules_find(const struct rules *r, enum rule_id id, uint64_t key);

/* Says what it is about. */
void rules_about_entry(struct rules *r, struct finding *f, const struct entry *e);
void rules_about_instance(struct rules *r, struct finding *f, const struct instance *inst);

/*
 * The evidence suffices for that severity. True: the finding is to be reported, so write its evidence
 * and call rules_report(). False: it was reported, or nothing is that grave.
 */
bool rules_raise(struct rules *r, struct finding *f, enum severity severity);
void rules_report(struct rules *r, struct finding *f);

/* What has been reported has happened once more. */
void rules_again(struct rules *r, struct finding *f);

/*
 * For the engine, see asking.c: asks all rules at the end of a scan, which proves nothing if it is
 * incomplete; and asks those rules that want it about a view.
 */
void rules_ask_all(struct rules *r);
void rules_ask_view(struct rules *r, const struct view *v);

/* For the engine: the evidence has gone; and what was only suspected is forgotten. */
void rules_resolve(struct rules *r, struct finding *f);
void rules_drop(struct rules *r, struct finding **at);

/* For the engine, see halts.c: a process is stopped or frozen, or goes on; or has ended. */
void halts_note(struct rules *r, const struct view *v);
void halts_end(struct rules *r, const struct view *v);

/* For the engine, see causes.c: a member has been raised and has its evidence, or was resolved. */
void causes_raise(struct rules *r, struct finding *member);
void causes_resolve(struct rules *r, struct finding *member);
void causes_free(struct rules *r);

void finding_free(struct finding *f);
/* It is about that file; the text is copied, NULL: not known. */
void finding_set_file(struct finding *f, const char *file, const struct file_what *what);

/* A line of the evidence. */
void evidence(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
