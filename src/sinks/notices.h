/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * notices.h - what the stream has to say to the user beside lines: on stderr, as the tool's messages.
 */
#ifndef ET_NOTICES_H
#define ET_NOTICES_H

#include "model/model.h"

/* Prints the message of a view; nothing for views that have none. */
void notices_view(const struct view *v);

/* Prints that the model has kept less than there was, if that is so. */
void notices_end(const struct model *m);

#endif
