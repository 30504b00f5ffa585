/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/values.h"

#include "base/array.h"
#include "cli/option_table.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Digits only; *ret_end points past the last one. */
static int parse_digits(const char *text, uint64_t most, uint64_t *ret, const char **ret_end)
{
	uint64_t v = 0;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	for (; isdigit((unsigned char)*text); text++) {
		unsigned d = *text - '0';

		if (v > (most - d) / 10 || d > most)
			return -EINVAL;
		v = v * 10 + d;
	}
	*ret = v;
	*ret_end = text;
	return 0;
}

int value_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
	const char *end;
	uint64_t v;
	int err = parse_digits(text, most, &v, &end);

	if (err || *end || v < least)
		return -EINVAL;
	*ret = v;
	return 0;
}

static uint64_t unit_ns(const char *unit)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{"", 1000000000}, {"s", 1000000000},	 {"ms", 1000000},	  {"us", 1000},
		{"ns", 1},	  {"m", 60000000000ULL}, {"h", 3600000000000ULL},
	};

	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].name))
			return units[i].ns;
	return 0;
}

int value_time(const char *text, uint64_t *ret_ns)
{
	const uint64_t most = 365ULL * 86400; /* a year, in whichever unit */
	const char *end;
	uint64_t whole, unit, scale = 1, fraction = 0;
	int err = parse_digits(text, most * 1000000000, &whole, &end);

	if (err)
		return err;
	if (*end == '.') {
		const char *first = ++end;

		err = parse_digits(first, 999999999, &fraction, &end);
		if (err || end - first > 9)
			return -EINVAL;
		for (const char *p = first; p < end; p++)
			scale *= 10;
	}
	unit = unit_ns(end);
	if (!unit || whole > most * 1000000000 / unit)
		return -EINVAL;
	*ret_ns = whole * unit + (uint64_t)((double)fraction * unit / scale);
	return 0;
}

/* A number of two digits below most, and the separator that must follow it, 0: none. */
static int two_digits(const char **text, uint64_t most, char separator, uint64_t *ret)
{
	const char *end;

	if (parse_digits(*text, most, ret, &end) || end - *text != 2 ||
	    (separator && *end != separator))
		return -EINVAL;
	*text = end + (separator != 0);
	return 0;
}

int value_at_time(const char *text, struct at_time_options *ret)
{
	uint64_t hour, minute, ns;

	if (!strchr(text, ':')) {
		if (value_time(text, &ns))
			return -EINVAL;
		*ret = (struct at_time_options){.ns = ns};
		return 0;
	}
	if (two_digits(&text, 23, ':', &hour) || two_digits(&text, 59, ':', &minute) ||
	    strspn(text, "0123456789") != 2 || strspn(text, "0123456789.") != strlen(text) ||
	    value_time(text, &ns) || ns >= 60000000000ULL)
		return -EINVAL;
	*ret = (struct at_time_options){.of_day = true,
					.ns = (hour * 60 + minute) * 60000000000ULL + ns};
	return 0;
}

int value_size(const char *text, size_t *ret_bytes)
{
	const char *end;
	uint64_t v;
	unsigned shift = 0;
	int err = parse_digits(text, UINT32_MAX, &v, &end);

	if (err)
		return err;
	if (*end) {
		const char *unit = strchr("KMG", toupper((unsigned char)*end));

		if (!unit || end[1])
			return -EINVAL;
		shift = (unit - "KMG" + 1) * 10;
	}
	if (!v || v > (UINT64_C(1) << 30) >> shift)
		return -EINVAL;
	*ret_bytes = v << shift;
	return 0;
}

static int append_int(struct int_list *n, int value)
{
	if (!array_room(&n->at, &n->cap, n->count + 1, sizeof(*n->at)))
		return -ENOMEM;
	n->at[n->count++] = value;
	return 0;
}

/* Skips what separates numbers: blanks, or one comma with blanks around it. */
static const char *next_number(const char *text, bool *ret_comma)
{
	static const char blanks[] = " \t\n";

	text += strspn(text, blanks);
	*ret_comma = *text == ',';
	return *ret_comma ? text + 1 + strspn(text + 1, blanks) : text;
}

int value_numbers(const char *text, int least, struct int_list *ret)
{
	bool comma;

	text = next_number(text, &comma);
	if (comma || !*text)
		return -EINVAL;
	do {
		const char *end, *next;
		uint64_t v;
		int err = parse_digits(text, INT_MAX, &v, &end);

		if (err || (int)v < least)
			return -EINVAL;
		next = next_number(end, &comma);
		if (next == end && *end)
			return -EINVAL;
		err = append_int(ret, (int)v);
		if (err)
			return err;
		text = next;
	} while (*text || comma);
	return 0;
}

int value_words(const char *arg, const char *text, uint64_t all, uint64_t *ret,
		const char **ret_bad)
{
	uint64_t bits = 0;
	bool but = *text == '!';

	text += but;
	for (;;) {
		size_t len = strcspn(text, ",");
		const struct option_word *word = option_word_find(arg, text, len);

		if (!word) {
			*ret_bad = text;
			return -EINVAL;
		}
		bits |= word->value;
		if (!text[len])
			break;
		text += len + 1;
	}
	*ret = but ? all & ~bits : bits;
	return 0;
}
