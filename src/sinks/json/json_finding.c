/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/json/json_finding.h"

#include "sinks/json/json_what.h"

struct told {
	const struct finding *f;
	const struct clocks *clocks;
	bool final;
};

static const char *state_name(const struct told *t)
{
	return t->final ? "final" : t->f->state == FINDING_RESOLVED ? "resolved" : "raised";
}

#define PUT(name, body)		      JSON_PUT(name, told, t, body)
#define PUT_IF(name, condition, body) JSON_PUT_IF(name, told, t, condition, body)

PUT(put_time, json_u64(j, key, clocks_real_ns(t->clocks, t->f->time_ns)))
PUT(put_rule, json_string(j, key, rule_name(t->f->rule)))
PUT(put_severity, json_string(j, key, severity_name(t->f->severity)))
PUT(put_state, json_string(j, key, state_name(t)))
PUT(put_pid, json_u64(j, key, t->f->pid))
PUT(put_tid, json_u64(j, key, t->f->tid))
PUT_IF(put_epfd, t->f->epfd >= 0, json_u64(j, key, t->f->epfd))
PUT_IF(put_instance, t->f->instance, json_u64(j, key, t->f->instance))
PUT_IF(put_fd, t->f->fd >= 0, json_u64(j, key, t->f->fd))
JSON_PUT_FILE(put, told, t, t->f->file, &t->f->what)
PUT_IF(put_delivered, t->f->delivered_ns,
       json_u64(j, key, clocks_real_ns(t->clocks, t->f->delivered_ns)))
PUT_IF(put_delivered_events, t->f->delivered_ns, json_events(j, key, t->f->delivered))
PUT_IF(put_count, t->final, json_u64(j, key, t->f->count))
PUT_IF(put_standing, t->final && !rules_happens(t->f->rule), json_u64(j, key, t->f->standing))
PUT_IF(put_first, t->final, json_u64(j, key, clocks_real_ns(t->clocks, t->f->raised_ns)))
PUT_IF(put_last, t->final, json_u64(j, key, clocks_real_ns(t->clocks, t->f->last_ns)))
PUT(put_advice, json_string(j, key, finding_fix(t->f)))

/* Lines, of which each is a clause. */
static void put_evidence(struct json *j, const char *key, const void *from)
{
	const struct told *t = from;
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
			{"time_ns", JSON_INTEGER, true, put_time,
			 "when it was raised or resolved, since 1970", NULL},
			{"rule", JSON_STRING, true, put_rule, "name of the rule", NULL},
			{"severity", JSON_STRING, true, put_severity, "error, warning or note",
			 NULL},
			{"state", JSON_STRING, true, put_state,
			 "raised, resolved, or final: at the end each is told once more", NULL},
			{"pid", JSON_INTEGER, true, put_pid, "process", NULL},
			{"tid", JSON_INTEGER, true, put_tid, "the thread that has to do with it",
			 NULL},
			{"epfd", JSON_INTEGER, false, put_epfd,
			 "a descriptor by which the process holds the instance", NULL},
			{"instance", JSON_INTEGER, false, put_instance, "number of the instance",
			 NULL},
			{"fd", JSON_INTEGER, false, put_fd, "the descriptor that it is about",
			 NULL},
			JSON_FILE_FIELDS(put, "", "what stands behind fd"),
			{"evidence", JSON_STRING, true, put_evidence, "what was seen", NULL},
			{"delivered_time_ns", JSON_INTEGER, false, put_delivered,
			 "when a wait reported the descriptor last, since 1970", NULL},
			{"delivered_events", JSON_STRINGS, false, put_delivered_events,
			 "and what it reported", NULL},
			{"advice", JSON_STRING, true, put_advice, "what to do", NULL},
			{"count", JSON_INTEGER, false, put_count,
			 "final: times that it was raised, about this or another descriptor", NULL},
			{"standing", JSON_INTEGER, false, put_standing,
			 "final: descriptors of which it is true", NULL},
			{"first_time_ns", JSON_INTEGER, false, put_first,
			 "final: when it was raised first, since 1970", NULL},
			{"last_time_ns", JSON_INTEGER, false, put_last, "and last", NULL},
			{.name = NULL},
		},
};

void json_finding(struct output *out, const struct finding *f, const struct model *m)
{
	struct json j = {.b = &out->buf};
	struct told told = {f, model_clocks(m), false};

	json_put_line(&j, &json_finding_object, &told);
	output_line_done(out);
}

struct report {
	const struct diagnosis *d;
	const struct rules *r;
};

JSON_PUT(put_errors, report, t, json_u64(j, key, t->d->by_severity[SEVERITY_ERROR]))
JSON_PUT(put_warnings, report, t, json_u64(j, key, t->d->by_severity[SEVERITY_WARNING]))
JSON_PUT(put_notes, report, t, json_u64(j, key, t->d->by_severity[SEVERITY_NOTE]))
JSON_PUT(put_waits, report, t, json_u64(j, key, t->d->waits))
JSON_PUT(put_failed, report, t, json_u64(j, key, t->d->failed))
JSON_PUT_IF(put_busy, report, t, t->d->busy,
	    json_u64(j, key, (uint64_t)pace_per_second(t->d->busy)))
JSON_PUT(put_ready_unknown, report, t, json_u64(j, key, t->d->ready_unknown))
JSON_PUT(put_opaque, report, t, json_u64(j, key, t->d->opaque->count))
JSON_PUT(put_spins, report, t, json_u64(j, key, t->d->spins->count))
JSON_PUT(put_entries, report, t, json_u64(j, key, t->d->entries))
JSON_PUT(put_instances, report, t, json_u64(j, key, t->d->instances))
JSON_PUT(put_scans, report, t, json_u64(j, key, t->d->scans))
JSON_PUT(put_duration, report, t, json_u64(j, key, t->d->duration_ns))

static void put_checked(struct json *j, const char *key, const void *from)
{
	const struct report *t = from;

	json_open(j, key, '[');
	for (unsigned id = 0; id < RULE_COUNT; id++)
		if (t->d->checked >> id & 1)
			json_string(j, NULL, rule_name((enum rule_id)id));
	json_close(j, ']');
}

static void put_unchecked(struct json *j, const char *key, const void *from)
{
	const struct report *t = from;

	json_open(j, key, '{');
	for (unsigned id = 0; id < RULE_COUNT; id++)
		if (!(t->d->checked >> id & 1))
			json_string(j, rule_name((enum rule_id)id),
				    rules_unchecked(t->r, (enum rule_id)id));
	json_close(j, '}');
}

static void put_unbuilt(struct json *j, const char *key, const void *from)
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

JSON_PUT(put_halted_pid, halted, s, json_u64(j, key, s->h->pid))
JSON_PUT(put_halted_how, halted, s,
	 json_string(j, key, s->h->how == THREAD_FROZEN ? "frozen" : "stopped"))
JSON_PUT(put_halted_still, halted, s, json_bool(j, key, s->h->since_ns))
JSON_PUT(put_halted_ns, halted, s, json_u64(j, key, diagnosis_halted_ns(s->d, s->h)))

static const struct json_object json_halt = {
	.type = "halt",
	.is_part = true,
	.about = "a process in which no stall was looked for while it could not run",
	.fields =
		(const struct json_field[]){
			{"pid", JSON_INTEGER, true, put_halted_pid, "process", NULL},
			{"state", JSON_STRING, true, put_halted_how,
			 "stopped, by a signal, or frozen, with its cgroup", NULL},
			{"still", JSON_BOOL, true, put_halted_still, "at the end", NULL},
			{"duration_ns", JSON_INTEGER, true, put_halted_ns, "for how long", NULL},
			{.name = NULL},
		},
};

static void put_halts(struct json *j, const char *key, const void *from)
{
	const struct report *t = from;

	if (!t->d->halt_count)
		return;
	json_open(j, key, '[');
	for (size_t i = 0; i < t->d->halt_count; i++)
		json_put(j, NULL, &json_halt, &(struct halted){&t->d->halts[i], t->d});
	json_close(j, ']');
}

const struct json_object json_diagnosis_object = {
	.type = "diagnosis",
	.about = "what --diagnose has found and checked, at the end",
	.fields =
		(const struct json_field[]){
			{"errors", JSON_INTEGER, true, put_errors, "findings that are errors",
			 NULL},
			{"warnings", JSON_INTEGER, true, put_warnings, "and warnings", NULL},
			{"notes", JSON_INTEGER, true, put_notes, "and notes", NULL},
			{"checked", JSON_STRINGS, true, put_checked, "rules", NULL},
			{"not_checked", JSON_MAP, true, put_unchecked,
			 "other rules, and those that were not in full, and why", NULL},
			{"halted", JSON_OBJECTS, false, put_halts,
			 "processes that were stopped or frozen", &json_halt},
			{"waits", JSON_INTEGER, true, put_waits, "that were seen to return", NULL},
			{"failed_waits", JSON_INTEGER, true, put_failed, "of these, but for EINTR",
			 NULL},
			{"waits_per_second", JSON_INTEGER, false, put_busy,
			 "of the thread that waits most often, if that is out of the ordinary",
			 NULL},
			{"not_checked_yet", JSON_STRINGS, true, put_unbuilt,
			 "what no rule looks for yet", NULL},
			{"ready_not_read", JSON_INTEGER, true, put_ready_unknown,
			 "ready events that no rule has seen: see --max-ready", NULL},
			{"input_not_known", JSON_INTEGER, true, put_opaque,
			 "edge-triggered or one-shot entries of which nothing tells whether input "
			 "waits, so that no rule has judged it",
			 NULL},
			{"spins_not_known", JSON_INTEGER, true, put_spins,
			 "entries that were reported again and again though nothing tells, without "
			 "--io, whether anything is done about it",
			 NULL},
			{"entries", JSON_INTEGER, true, put_entries, "that were seen", NULL},
			{"instances", JSON_INTEGER, true, put_instances, "that were seen", NULL},
			{"looks", JSON_INTEGER, true, put_scans, "at the kernel's state", NULL},
			{"duration_ns", JSON_INTEGER, true, put_duration, "of the trace", NULL},
			{.name = NULL},
		},
};

void json_diagnosis(struct output *out, const struct diagnosis *d, const struct rules *r,
		    const struct model *m)
{
	struct json j = {.b = &out->buf};
	struct report report = {d, r};

	for (size_t i = 0; i < d->count; i++) {
		struct told told = {d->findings[i], model_clocks(m), true};

		json_put_line(&j, &json_finding_object, &told);
	}
	json_put_line(&j, &json_diagnosis_object, &report);
}
