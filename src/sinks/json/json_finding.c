/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_finding.h"

#include "sinks/json/json_what.h"

struct finding_line {
	const struct finding *f;
	const struct clocks *clocks;
	bool final;
};

static const char *state_name(const struct finding_line *t)
{
	return t->final ? "final" : t->f->state == FINDING_RESOLVED ? "resolved" : "raised";
}

#define APPEND(name, body)		 JSON_APPEND(name, finding_line, t, body)
#define APPEND_IF(name, condition, body) JSON_APPEND_IF(name, finding_line, t, condition, body)

APPEND(append_time, json_u64(j, key, clocks_real_ns(t->clocks, t->f->time_ns)))
APPEND(append_rule, json_string(j, key, rule_name(t->f->rule)))
APPEND(append_severity, json_string(j, key, severity_name(t->f->severity)))
APPEND(append_state, json_string(j, key, state_name(t)))
APPEND(append_pid, json_u64(j, key, t->f->pid))
APPEND(append_tid, json_u64(j, key, t->f->tid))
APPEND_IF(append_epfd, t->f->epfd >= 0, json_u64(j, key, t->f->epfd))
APPEND_IF(append_instance, t->f->instance, json_u64(j, key, t->f->instance))
APPEND_IF(append_fd, t->f->fd >= 0, json_u64(j, key, t->f->fd))
JSON_APPEND_FILE(append, finding_line, t, t->f->file, &t->f->what)
APPEND_IF(append_delivered, t->f->delivered_ns,
	  json_u64(j, key, clocks_real_ns(t->clocks, t->f->delivered_ns)))
APPEND_IF(append_delivered_events, t->f->delivered_ns, json_events(j, key, t->f->delivered))
APPEND_IF(append_count, t->final, json_u64(j, key, t->f->count))
APPEND_IF(append_standing, t->final && !rules_happens(t->f->rule), json_u64(j, key, t->f->standing))
APPEND_IF(append_first, t->final, json_u64(j, key, clocks_real_ns(t->clocks, t->f->raised_ns)))
APPEND_IF(append_last, t->final, json_u64(j, key, clocks_real_ns(t->clocks, t->f->last_ns)))
APPEND(append_advice, json_string(j, key, finding_fix(t->f)))

/* Lines, each of which is a clause. */
static void append_evidence(struct json *j, const char *key, const void *from)
{
	const struct finding_line *t = from;
	struct buf b = {0};

	for (const char *c = t->f->evidence.data; c && *c; c++)
		*c == '\n' ? buf_str(&b, "; ") : buf_char(&b, *c);
	buf_char(&b, 0);
	json_string(j, key, b.failed ? "" : b.data);
	buf_free(&b);
}

const struct json_object json_finding_object = {
	.type = "finding",
	.about = "a rule found something wrong, or its evidence has gone again",
	.fields =
		(const struct json_field[]){
			{"time_ns", JSON_INTEGER, true, append_time,
			 "when it was raised or resolved, since 1970", NULL},
			{"rule", JSON_STRING, true, append_rule, "name of the rule", NULL},
			{"severity", JSON_STRING, true, append_severity, "error, warning or note",
			 NULL},
			{"state", JSON_STRING, true, append_state,
			 "raised, resolved, or final: at the end each is reported once more", NULL},
			{"pid", JSON_INTEGER, true, append_pid, "process", NULL},
			{"tid", JSON_INTEGER, true, append_tid, "the thread that has to do with it",
			 NULL},
			{"epfd", JSON_INTEGER, false, append_epfd,
			 "a descriptor by which the process holds the instance", NULL},
			{"instance", JSON_INTEGER, false, append_instance, "number of the instance",
			 NULL},
			{"fd", JSON_INTEGER, false, append_fd, "the descriptor that it is about",
			 NULL},
			JSON_FILE_FIELDS(append, "", "what fd refers to"),
			{"evidence", JSON_STRING, true, append_evidence, "what was seen", NULL},
			{"delivered_time_ns", JSON_INTEGER, false, append_delivered,
			 "when a wait reported the descriptor last, since 1970", NULL},
			{"delivered_events", JSON_STRINGS, false, append_delivered_events,
			 "and what it reported", NULL},
			{"advice", JSON_STRING, true, append_advice, "what to do", NULL},
			{"count", JSON_INTEGER, false, append_count,
			 "final: times that it was raised, about this or another descriptor", NULL},
			{"standing", JSON_INTEGER, false, append_standing,
			 "final: descriptors of which it is true", NULL},
			{"first_time_ns", JSON_INTEGER, false, append_first,
			 "final: when it was raised first, since 1970", NULL},
			{"last_time_ns", JSON_INTEGER, false, append_last, "and last", NULL},
			{.name = NULL},
		},
};

void json_finding(struct output *out, const struct finding *f, const struct model *m)
{
	struct json j = {.b = &out->buf};
	struct finding_line line = {f, model_clocks(m), false};

	json_append_line(&j, &json_finding_object, &line);
	output_line_done(out);
}

struct report {
	const struct diagnosis *d;
	const struct rules *r;
};

JSON_APPEND(append_errors, report, t, json_u64(j, key, t->d->by_severity[SEVERITY_ERROR]))
JSON_APPEND(append_warnings, report, t, json_u64(j, key, t->d->by_severity[SEVERITY_WARNING]))
JSON_APPEND(append_notes, report, t, json_u64(j, key, t->d->by_severity[SEVERITY_NOTE]))
JSON_APPEND(append_waits, report, t, json_u64(j, key, t->d->waits))
JSON_APPEND(append_failed, report, t, json_u64(j, key, t->d->failed))
JSON_APPEND_IF(append_busy, report, t, t->d->busy,
	       json_u64(j, key, (uint64_t)pace_per_second(t->d->busy)))
JSON_APPEND(append_ready_unknown, report, t, json_u64(j, key, t->d->ready_unknown))
JSON_APPEND(append_passed_over, report, t, json_u64(j, key, t->d->passed_over))
JSON_APPEND(append_opaque, report, t, json_u64(j, key, t->d->opaque->count))
JSON_APPEND(append_spins, report, t, json_u64(j, key, t->d->spins->count))
JSON_APPEND(append_entries, report, t, json_u64(j, key, t->d->entries))
JSON_APPEND(append_instances, report, t, json_u64(j, key, t->d->instances))
JSON_APPEND(append_scans, report, t, json_u64(j, key, t->d->scans))
JSON_APPEND(append_duration, report, t, json_u64(j, key, t->d->duration_ns))

static void append_checked(struct json *j, const char *key, const void *from)
{
	const struct report *t = from;

	json_open(j, key, '[');
	for (unsigned id = 0; id < RULE_COUNT; id++)
		if (t->d->checked >> id & 1)
			json_string(j, NULL, rule_name((enum rule_id)id));
	json_close(j, ']');
}

static void append_unchecked(struct json *j, const char *key, const void *from)
{
	const struct report *t = from;

	json_open(j, key, '{');
	for (unsigned id = 0; id < RULE_COUNT; id++)
		if (!(t->d->checked >> id & 1))
			json_string(j, rule_name((enum rule_id)id),
				    rules_unchecked(t->r, (enum rule_id)id));
	json_close(j, '}');
}

static void append_unbuilt(struct json *j, const char *key, const void *from)
{
	(void)from;
	json_open(j, key, '[');
	for (const char *const *what = rules_unbuilt; *what; what++)
		json_string(j, NULL, *what);
	json_close(j, ']');
}

struct halted {
	const struct halt *h;
	const struct diagnosis *d;
};

JSON_APPEND(append_halted_pid, halted, s, json_u64(j, key, s->h->pid))
JSON_APPEND(append_halted_how, halted, s,
	    json_string(j, key, s->h->how == THREAD_FROZEN ? "frozen" : "stopped"))
JSON_APPEND(append_halted_still, halted, s, json_bool(j, key, s->h->since_ns))
JSON_APPEND(append_halted_ns, halted, s, json_u64(j, key, diagnosis_halted_ns(s->d, s->h)))

static const struct json_object json_halt = {
	.type = "halt",
	.is_part = true,
	.about = "a process in which no stall was looked for while it could not run",
	.fields =
		(const struct json_field[]){
			{"pid", JSON_INTEGER, true, append_halted_pid, "process", NULL},
			{"state", JSON_STRING, true, append_halted_how,
			 "stopped, by a signal, or frozen, with its cgroup", NULL},
			{"still", JSON_BOOL, true, append_halted_still, "at the end", NULL},
			{"duration_ns", JSON_INTEGER, true, append_halted_ns, "for how long", NULL},
			{.name = NULL},
		},
};

static void append_halts(struct json *j, const char *key, const void *from)
{
	const struct report *t = from;

	if (!t->d->halt_count)
		return;
	json_open(j, key, '[');
	for (size_t i = 0; i < t->d->halt_count; i++)
		json_append_object(j, NULL, &json_halt, &(struct halted){&t->d->halts[i], t->d});
	json_close(j, ']');
}

const struct json_object json_diagnosis_object = {
	.type = "diagnosis",
	.about = "what --diagnose has found and checked, at the end",
	.fields =
		(const struct json_field[]){
			{"errors", JSON_INTEGER, true, append_errors, "findings that are errors",
			 NULL},
			{"warnings", JSON_INTEGER, true, append_warnings, "and warnings", NULL},
			{"notes", JSON_INTEGER, true, append_notes, "and notes", NULL},
			{"checked", JSON_STRINGS, true, append_checked, "rules", NULL},
			{"not_checked", JSON_MAP, true, append_unchecked,
			 "other rules, and those that were not in full, and why", NULL},
			{"halted", JSON_OBJECTS, false, append_halts,
			 "processes that were stopped or frozen", &json_halt},
			{"waits", JSON_INTEGER, true, append_waits, "that were seen to return",
			 NULL},
			{"failed_waits", JSON_INTEGER, true, append_failed,
			 "of these, but for EINTR", NULL},
			{"waits_per_second", JSON_INTEGER, false, append_busy,
			 "of the thread that waits most often, if that is out of the ordinary",
			 NULL},
			{"not_checked_yet", JSON_STRINGS, true, append_unbuilt,
			 "what no rule looks for yet", NULL},
			{"ready_not_read", JSON_INTEGER, true, append_ready_unknown,
			 "ready events that no rule has seen: see --max-ready", NULL},
			{"waits_not_read", JSON_INTEGER, true, append_passed_over,
			 "of the waits: they were counted only, because their thread waits very "
			 "often",
			 NULL},
			{"input_not_known", JSON_INTEGER, true, append_opaque,
			 "edge-triggered or one-shot entries of which nothing shows whether input "
			 "waits, so that no rule has judged it",
			 NULL},
			{"spins_not_known", JSON_INTEGER, true, append_spins,
			 "entries that were reported again and again though nothing shows, without "
			 "--io, whether anything is done about it",
			 NULL},
			{"entries", JSON_INTEGER, true, append_entries, "that were seen", NULL},
			{"instances", JSON_INTEGER, true, append_instances, "that were seen", NULL},
			{"looks", JSON_INTEGER, true, append_scans, "at the kernel's state", NULL},
			{"duration_ns", JSON_INTEGER, true, append_duration, "of the trace", NULL},
			{.name = NULL},
		},
};

void json_diagnosis(struct output *out, const struct diagnosis *d, const struct rules *r,
		    const struct model *m)
{
	struct json j = {.b = &out->buf};
	struct report report = {d, r};

	for (size_t i = 0; i < d->count; i++) {
		struct finding_line line = {d->findings[i], model_clocks(m), true};

		json_append_line(&j, &json_finding_object, &line);
	}
	json_append_line(&j, &json_diagnosis_object, &report);
}
