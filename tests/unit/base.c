/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* buf, table, histogram. */
#include "base/buf.h"
#include "base/histogram.h"
#include "base/table.h"
#include "unit.h"

#include <stdlib.h>

static const char *text(struct buf *b)
{
	static char copy[512];

	snprintf(copy, sizeof(copy), "%.*s", (int)b->len, b->len ? b->data : "");
	b->len = 0;
	return copy;
}

static void test_numbers(void)
{
	struct buf b = {0};

	buf_u64(&b, UINT64_MAX);
	CHECK_STR(text(&b), "18446744073709551615");
	buf_i64(&b, INT64_MIN);
	CHECK_STR(text(&b), "-9223372036854775808");
	buf_hex(&b, 0xdeadbeef);
	CHECK_STR(text(&b), "0xdeadbeef");
	buf_hex(&b, 0);
	CHECK_STR(text(&b), "0x0");
	buf_pad(&b, 42, 6);
	CHECK_STR(text(&b), "000042");
	buf_free(&b);
}

static void test_escapes(void)
{
	struct buf b = {0};

	buf_escaped(&b, "a\n\t\"\\\033[31m\x7f\xff", 12, "");
	CHECK_STR(text(&b), "a\\n\\t\\\"\\\\\\33[31m\\177\\377");
	buf_escaped(&b, "\0011", 2, ""); /* the digit must not join the octal number */
	CHECK_STR(text(&b), "\\0011");
	buf_escaped(&b, "a<b>", 4, "<>");
	CHECK_STR(text(&b), "a\\74b\\76");
	buf_free(&b);
}

/* As printf writes them, whatever follows. */
static void test_octal(void)
{
	struct buf b = {0};
	char bytes[2], want[16];

	for (int i = 0; i < 512; i++) {
		bytes[0] = i / 2;
		bytes[1] = i % 2 ? '7' : 'x';
		if (strchr("\f\n\r\t\v\"\\", bytes[0]) || (i / 2 >= ' ' && i / 2 < 0x7f))
			continue;
		snprintf(want, sizeof(want), i % 2 ? "\\%03o7" : "\\%ox", i / 2);
		buf_escaped(&b, bytes, 2, "");
		CHECK_STR(text(&b), want);
	}
	buf_free(&b);
}

struct item {
	struct node node;
	unsigned key;
};

/* All keys in five hashes only, so that chains are long and the table grows under them. */
static void test_table(void)
{
	static struct item items[1009];
	struct table t = {0};
	unsigned found = 0, last = 1009;

	for (unsigned i = 0; i < 1009; i++) {
		items[i].key = i;
		CHECK(!table_add(&t, &items[i].node, hash_u64(i % 5)));
	}
	for (struct node *n = table_find(&t, hash_u64(3)); n; n = table_next(n)) {
		unsigned key = container_of(n, struct item, node)->key;

		CHECK(key % 5 == 3 && key < last); /* newest first */
		last = key;
		found++;
	}
	CHECK(found == 202);
	for (unsigned i = 0; i < 1009; i += 2)
		table_del(&t, &items[i].node);
	CHECK(t.count == 504);
	CHECK(!table_find(&t, hash_u64(7)));
	table_free(&t);
}

static void test_histogram(void)
{
	static struct histogram h;

	CHECK(histogram_percentile(&h, 500) == 0);
	for (uint64_t v = 1; v <= 10007; v++)
		histogram_add(&h, v);
	CHECK(h.count == 10007 && h.max == 10007 && h.sum == 10007 * 5004);
	CHECK(histogram_percentile(&h, 500) >= 5004 &&
	      histogram_percentile(&h, 500) <= 5004 * 17 / 16);
	CHECK(histogram_percentile(&h, 990) >= 9907 && histogram_percentile(&h, 990) <= 10007);
	CHECK(histogram_percentile(&h, 1000) == 10007);
	histogram_add(&h, UINT64_MAX);
	CHECK(histogram_percentile(&h, 1000) == UINT64_MAX);
}

/* Both sides of every power of two are in the row of theirs. */
static void test_histogram_log2(void)
{
	static struct histogram h;
	uint64_t counts[HISTOGRAM_LOG2];

	histogram_add(&h, 0);
	for (unsigned i = 0; i < 64; i++) {
		histogram_add(&h, 1ULL << i);
		histogram_add(&h, ~0ULL >> (63 - i));
	}
	histogram_add(&h, 23);
	histogram_add(&h, 31);
	histogram_log2(&h, counts);
	CHECK(counts[0] == 3);
	for (unsigned i = 1; i < 64; i++)
		CHECK(counts[i] == (i == 4 ? 4 : 2));
}

int main(void)
{
	test_numbers();
	test_escapes();
	test_octal();
	test_table();
	test_histogram();
	test_histogram_log2();
	return unit_failed;
}
