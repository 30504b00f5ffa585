/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * snapshot_page.h - what the parts of a snapshot's text share: colour, columns, names.
 */
#ifndef ET_SNAPSHOT_PAGE_H
#define ET_SNAPSHOT_PAGE_H

#include "report/snapshot.h"

#define COLUMNS	   80
#define PAGE_MARK  "\033[33m"
#define PAGE_BOLD  "\033[1m"
#define PAGE_PLAIN "\033[0m"

struct page {
	struct buf *b;
	const struct model *m;
	unsigned limit; /* rows of a table, 0: all */
	bool color;
	bool waits_unknown; /* the kernel does not say what threads wait on */
};

/* Colour, if it is wanted. */
void page_color(struct page *p, const char *code);

/* Blanks, until so many columns have been added since the buffer had start bytes. */
void page_pad_to(struct buf *b, size_t start, size_t width);

/* So many rows of count are shown. */
size_t page_limited(const struct page *p, size_t count);

/* "4242 (nginx)", and such a name alone. */
void page_append_process(struct page *p, uint32_t pid);
void page_append_comm(struct buf *b, const char *comm);

#endif
