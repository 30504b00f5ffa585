/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter.h - which lines are shown. The model has taken everything before.
 */
#ifndef ET_FILTER_H
#define ET_FILTER_H

#include "model/model.h"
#include "sinks/filter_options.h"

bool filter_shows(const struct filter *f, const struct view *v);

#endif
