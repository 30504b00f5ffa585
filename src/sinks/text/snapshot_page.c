/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sinks/text/snapshot_page.h"

#include <string.h>

void page_color(struct page *p, const char *code)
{
	if (p->color)
		buf_str(p->b, code);
}

void page_append_comm(struct buf *b, const char *comm)
{
	buf_escaped(b, comm, strlen(comm), "");
}

void page_append_process(struct page *p, uint32_t pid)
{
	const char *comm = snapshot_comm(p->m, pid, NULL);

	buf_u64(p->b, pid);
	if (!comm[0])
		return;
	buf_str(p->b, " (");
	page_append_comm(p->b, comm);
	buf_char(p->b, ')');
}

void page_pad_to(struct buf *b, size_t start, size_t width)
{
	while (b->len - start < width && !b->failed)
		buf_char(b, ' ');
}

size_t page_limited(const struct page *p, size_t count)
{
	return p->limit && count > p->limit ? p->limit : count;
}
