/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * values.h - values of options. All of the text must be used: rubbish after a number, a sign, or
 * what does not fit is refused. 0, or -EINVAL (-ENOMEM): then *ret is untouched.
 */
#ifndef ET_VALUES_H
#define ET_VALUES_H

#include "cli/options.h"

/* A number from least to most. */
int value_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret);

/* A number with unit (ns, us, ms, s, m, h); bare seconds without, a fraction too: "0.5". In ns. */
int value_time(const char *text, uint64_t *ret_ns);

/* A TIME as above, or HH:MM:SS with or without a fraction. */
int value_at_time(const char *text, struct at_time_options *ret);

/* Bytes with K, M or G (KiB, MiB, GiB). */
int value_size(const char *text, size_t *ret_bytes);

/* Numbers from least up, with commas or blanks between; added to *ret. */
int value_numbers(const char *text, int least, struct int_list *ret);

/*
 * Words that arguments called arg may be (option_table.h), with commas between: the bits that they
 * stand for; ! in front for all but these. *ret_bad: the word that is not known.
 */
int value_words(const char *arg, const char *text, uint64_t all, uint64_t *ret,
		const char **ret_bad);

#endif
