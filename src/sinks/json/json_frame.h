/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_frame.h - what stands around all machine output: the header, losses, the end.
 */
#ifndef ET_JSON_FRAME_H
#define ET_JSON_FRAME_H

#include "model/model.h"
#include "sinks/json/json_again.h"
#include "sinks/json/json_table.h"
#include "sinks/output.h"

struct json_frame {
	struct output *out;
	const struct model *model;
	bool begun;
	uint64_t calls;		/* that returned, shown or not */
	uint64_t missed;	/* program runs that the kernel left out */
	uint64_t lost_reported; /* lost records that lines have reported */
	struct json_again again;
};

extern const struct json_object json_header, json_lost, json_end;

/* The header, once: targets and features must have come. */
void json_frame_begin(struct json_frame *f);

/* Counts a view; records that were lost here become a line. */
void json_frame_view(struct json_frame *f, const struct view *v);

/* A view as a line, if it is one. */
void json_frame_line(struct json_frame *f, const struct view *v);

/* Losses not reported yet, even if there are none, and the end; lost: in all. */
void json_frame_end(struct json_frame *f, uint64_t lost);

#endif
