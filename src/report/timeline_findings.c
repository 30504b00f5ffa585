/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Findings: marks on the track of the entry that they are about, or of the thread. */
#include "report/timeline_internal.h"

#include "rules/rules.h"

static void finding_args(struct timeline *t, const struct finding *f)
{
	args_clear(&t->args);
	args_text(&t->args, "severity", severity_name(f->severity));
	if (f->state == FINDING_RAISED && f->evidence.data)
		args_text(&t->args, "evidence", f->evidence.data);
	if (f->state == FINDING_RAISED)
		args_text(&t->args, "fix", finding_fix(f));
	args_u64(&t->args, "tid", f->tid);
}

void timeline_finding(struct timeline *t, const struct finding *f)
{
	struct track entry = {
		.kind = TRACK_ENTRY,
		.id = track_id(ID_ENTRY, f->entry),
		.parent = track_id(ID_INSTANCE, f->instance),
		.instance = f->instance,
		.entry = f->entry,
	};
	const struct track *track = &entry;

	if (!f->entry) {
		struct thread *th = timeline_thread(t, f->pid, f->tid);

		if (!th)
			return;
		track = &th->track;
	}
	finding_args(t, f);
	t->name.len = 0;
	buf_printf(&t->name, "%s%s", rule_name(f->rule),
		   f->state == FINDING_RESOLVED ? " resolved" : "");
	buf_char(&t->name, 0);
	if (t->name.failed)
		return;
	timeline_emit(t, &(struct track_event){.kind = HAPPENS_INSTANT,
					       .track = track,
					       .time_ns = f->time_ns,
					       .name = t->name.data,
					       .name_varies = true,
					       .category = "finding"});
}
