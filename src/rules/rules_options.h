/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules_options.h - what rules.h is asked for. */
#ifndef ET_RULES_OPTIONS_H
#define ET_RULES_OPTIONS_H

#include "base/rule_ids.h"

#include <stdint.h>

struct rules_options {
	uint64_t enabled;  /* bits by enum rule_id, 0: none is asked */
	uint64_t stall_ns; /* nothing may move for so long: T of the rules */
};

#endif
