/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scan_files.bpf.c - a scan of descriptors: which instances the targets hold, what they watch,
 * whether that is ready, and what waits in it.
 *
 * Two passes of an iterator over all descriptors of the machine. The first reports the targets'
 * instances. The second reports who else holds these, and their entries, from the files watched:
 * file.f_ep leads to the entries of a file, and RCU keeps them readable while a program runs
 * (fs/eventpoll.c frees them with kfree_rcu).
 *
 * Merging with calls. The place of an entry's record in the ring is reserved before the entry is
 * read. What a call had done to it before is seen then, and what a call does to it later comes
 * later in the ring: applied in this order, the last one is right.
 */
#include "pending.bpf.h"
#include "task.bpf.h"

#define WALK_PIECE 128 /* entries on one file: so many to the power of 3 */
#define MARK_MAX   64  /* marks that one descriptor may leave for the reader */

/* Both are emptied by user space before every scan. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64); /* struct eventpoll * of an instance that a target holds */
	__type(value, char);
} held_instances SEC(".maps");

/* A file that has several numbers is visited at each, and all its entries are emitted at the first. */
struct emitted_file {
	__u64 file;
	__u64 table;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct emitted_file);
	__type(value, char);
} emitted_files SEC(".maps");

/* A descriptor that is visited. */
struct visit {
	struct et_hdr h;
	__u64 file;
	__u64 table;
	__u64 slots; /* of the process's descriptor table: struct file ** */
	__u64 node;  /* struct hlist_node * of the next entry, or struct list_head * in 5.10 */
	__u64 end;   /* where a struct list_head ends; 0: of the hlist, which ends with NULL */
	__u32 max_fds;
	__s32 fd;
	__u32 emitted;
	bool target;
	bool nowhere; /* in no interest list */
};

static __always_inline bool is_held(__u64 ep)
{
	return bpf_map_lookup_elem(&held_instances, &ep);
}

/*
 * What targets do with an instance is seen call by call. Of another process only this can be seen:
 * that it has not done anything since an earlier scan.
 */
static __always_inline __u64 switches_at_rest(struct task_struct *task)
{
	__u64 args[6] = {};
	__s32 nr;

	if (BPF_CORE_READ(task, signal, nr_threads) != 1 || thread_state(task) == ET_THREAD_RUNS)
		return 0;
	nr = read_call(task, args);
	return nr < 0 || wait_call(nr) ? 0 : task->nvcsw + task->nivcsw;
}

static __always_inline bool polls_busily(struct eventpoll *ep)
{
	return bpf_core_field_exists(ep->busy_poll_usecs) && BPF_CORE_READ(ep, busy_poll_usecs);
}

static __always_inline void emit_instance(struct visit *v, struct task_struct *task, __u64 ep)
{
	struct et_instance r = {.h = v->h};
	unsigned long *words, word = 0;
	__u32 fd = v->fd;

	r.h.kind = ET_KIND_INSTANCE;
	r.h.size = sizeof(r);
	r.ep = ep;
	r.file = v->file;
	r.table = v->table;
	r.fd = fd;
	r.flags = v->target ? 0 : ET_INSTANCE_FOREIGN;
	if (polls_busily((struct eventpoll *)ep))
		r.flags |= ET_INSTANCE_BUSY_POLL;
	r.switches = v->target ? 0 : switches_at_rest(task);
	words = BPF_CORE_READ(task, files, fdt, close_on_exec);
	bpf_probe_read_kernel(&word, sizeof(word), words + fd / 64);
	if (word >> (fd & 63) & 1)
		r.flags |= ET_INSTANCE_CLOEXEC;
	bpf_probe_read_kernel(r.comm, sizeof(r.comm), &task->comm);
	if (!emit(&r, sizeof(r), ET_KIND_INSTANCE))
		shared.scan_was_cut = true;
	v->emitted++;
}

static __always_inline bool is_ready(struct epitem *epi)
{
	void *node = (void *)epi + bpf_core_field_offset(epi->rdllink);
	struct epitem *over;

	if (bpf_core_field_exists(epi->ovflist_next))
		over = BPF_CORE_READ(epi, ovflist_next);
	else
		over = BPF_CORE_READ(epi, next);
	return BPF_CORE_READ(epi, rdllink.next) != node || over != EP_UNACTIVE_PTR;
}

static __always_inline bool stands_at(const struct visit *v, __s32 fd)
{
	__u64 file = 0;

	if ((__u32)fd >= v->max_fds)
		return false;
	bpf_probe_read_kernel(&file, sizeof(file), (void *)(v->slots + (__u64)(__u32)fd * 8));
	return file == v->file;
}

static __always_inline void fill_entry(struct et_entry *r, const struct visit *v,
				       struct epitem *epi)
{
	r->h = v->h;
	r->h.kind = ET_KIND_ENTRY;
	r->h.size = sizeof(*r);
	r->ep = (__u64)BPF_CORE_READ(epi, ep);
	r->file = v->file;
	r->table = v->table;
	r->fd = BPF_CORE_READ(epi, ffd.fd);
	r->events = BPF_CORE_READ(epi, event.events);
	r->data = BPF_CORE_READ(epi, event.data);
	r->flags = 0;
	if (is_ready(epi))
		r->flags |= ET_ENTRY_READY;
	if (stands_at(v, r->fd))
		r->flags |= ET_ENTRY_AT_NUMBER;
	r->at = v->fd;
}

/*
 * list_del_rcu and hlist_del_rcu poison what leads back (include/linux/poison.h, LIST_POISON2: no
 * address of a pointer). Both kinds of node have it second.
 */
static __always_inline bool is_removed(struct hlist_node *node)
{
	return (__u64)BPF_CORE_READ(node, pprev) & 7;
}

/* Emits an entry, if it is one of a target's instance. */
static __always_inline void emit_entry(struct visit *v, struct epitem *epi)
{
	struct et_entry *r;

	if (!is_held((__u64)BPF_CORE_READ(epi, ep)))
		return;
	r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
	if (!r) {
		count_lost(ET_KIND_ENTRY);
		shared.scan_was_cut = true;
		return;
	}
	fill_entry(r, v, epi);
	r->h.time_ns = bpf_ktime_get_ns(); /* not before it was read */
	v->emitted++;
	/* Its memory is another entry's, or it was removed since the list was entered. */
	if ((__u64)BPF_CORE_READ(epi, ffd.file) != v->file || is_removed(&epi->fllink))
		bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);
	else
		bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
}

/*
 * A walk keeps its visit in the scratch, whose record has been emitted by then. Its functions are
 * global ones without arguments: the verifier goes through each once and knows nothing of what it
 * returns, so that a loop of many calls is as quickly verified as one of few. bpf_loop, which does
 * the same, is there only since 5.17, and unrolled steps are too many for the verifier.
 */
static __always_inline struct visit *walk(void)
{
	_Static_assert(sizeof(struct visit) <= sizeof(union scratch), "visit");
	return (struct visit *)get_scan_scratch();
}

/* One entry of a file's list; 1 ends the walk. */
__noinline int walk_step(void)
{
	struct visit *v = walk();
	struct hlist_node *node;
	struct epitem *epi;

	if (!v || v->node == v->end)
		return 1;
	node = (void *)v->node;
	epi = (void *)node - bpf_core_field_offset(struct epitem, fllink);
	if ((__u64)BPF_CORE_READ(epi, ffd.file) != v->file) {
		shared.scan_was_cut = true; /* the list has changed under the walk */
		return 1;
	}
	emit_entry(v, epi);
	/* Both kinds of node begin with the pointer to the next one. */
	v->node = (__u64)BPF_CORE_READ(node, next);
	return 0;
}

__noinline int walk_piece(void)
{
	for (int i = 0; i < WALK_PIECE; i++)
		if (walk_step())
			return 1;
	return 0;
}

__noinline int walk_block(void)
{
	for (int i = 0; i < WALK_PIECE; i++)
		if (walk_piece())
			return 1;
	return 0;
}

static __always_inline void walk_entries(struct visit *v)
{
	struct visit *w = walk();

	if (!w)
		return;
	*w = *v;
	for (int i = 0; i < WALK_PIECE; i++)
		if (walk_block())
			goto out;
	shared.scan_was_cut = true;
out:
	v->emitted = w->emitted;
}

/* Finds the first entry of a file and where they end; false where nothing watches it. */
static __always_inline bool enter_list(struct visit *v, struct file *file)
{
	if (bpf_core_field_exists(file->f_ep)) {
		struct hlist_head *head = file->f_ep;

		if (!head)
			return false;
		v->node = (__u64)BPF_CORE_READ(head, first);
		v->end = 0;
	} else {
		struct file___v510 *old = (void *)file;

		v->node = (__u64)BPF_CORE_READ(old, f_ep_links.next);
		v->end = (__u64)old + bpf_core_field_offset(old->f_ep_links);
	}
	return v->node != v->end;
}

/* Have the entries been emitted already, at another number of the same file and table? */
static __always_inline bool emitted_before(const struct visit *v)
{
	struct emitted_file key = {.file = v->file, .table = v->table};
	char one = 1;

	/* The visit itself holds a reference. */
	if (references((struct file *)v->file) <= 2)
		return false;
	if (bpf_map_lookup_elem(&emitted_files, &key))
		return true;
	bpf_map_update_elem(&emitted_files, &key, &one,
			    BPF_ANY); /* else it is emitted again: no harm */
	return false;
}

/* May one of the file's entries be of a target's instance? Where there are many it is not asked. */
static __always_inline bool concerns_targets(const struct visit *v)
{
	struct hlist_node *node = (void *)v->node;
	struct epitem *epi;

	if (v->target)
		return true;
	for (int i = 0; i < 8; i++) {
		if ((__u64)node == v->end)
			return false;
		epi = (void *)node - bpf_core_field_offset(struct epitem, fllink);
		if (is_held((__u64)BPF_CORE_READ(epi, ep)))
			return true;
		node = BPF_CORE_READ(node, next);
	}
	return true;
}

static __always_inline void emit_io_of(struct visit *v)
{
	struct io_state *s = bpf_map_lookup_elem(&io_files, &v->file);
	struct et_io r = {.h = v->h};

	if (!s)
		return;
	r.h.kind = ET_KIND_IO;
	r.h.size = sizeof(r);
	r.file = v->file;
	r.fd = v->fd;
	r.in = s->in;
	r.out = s->out;
	r.change = s->change;
	if (!emit(&r, sizeof(r), ET_KIND_IO))
		shared.scan_was_cut = true;
	v->emitted++;
}

static __always_inline void emit_watched(struct visit *v, struct task_struct *task)
{
	union scratch *s = get_scan_scratch();
	__u32 size;

	if (!s || (!v->nowhere && (!concerns_targets(v) || emitted_before(v))))
		return;
	s->watched.w.h = v->h;
	describe(v->file, AT_WATCHED);
	fill_pending(&s->watched.w, s->watched.name, v->file, task);
	s->watched.w.fd = v->fd;
	s->watched.w.refs = references((struct file *)v->file) - 1;
	if (v->nowhere)
		s->watched.w.flags |= ET_WATCHED_NOWHERE;
	size = sizeof(s->watched.w) + (s->watched.w.file.name_len & 0x7ff);
	if (size > sizeof(s->watched))
		size = sizeof(s->watched);
	s->watched.w.h.kind = ET_KIND_WATCHED;
	s->watched.w.h.size = size;
	if (!emit(s, size, ET_KIND_WATCHED))
		shared.scan_was_cut = true;
	v->emitted++;
	if (v->nowhere)
		return;
	if (settings.io_on)
		emit_io_of(v);
	walk_entries(v);
}

static __always_inline void begin_visit(struct visit *v, struct task_struct *task,
					struct file *file, __s32 fd)
{
	header_of(&v->h, task, 0, 0);
	v->fd = fd;
	bpf_probe_read_kernel(&v->file, sizeof(v->file), &file); /* a number, not a pointer */
	v->table = (__u64)BPF_CORE_READ(task, files);
	v->slots = (__u64)BPF_CORE_READ(task, files, fdt, fd);
	v->max_fds = BPF_CORE_READ(task, files, fdt, max_fds);
}

/*
 * Marks in the iterator's own output let the reader stop in between and empty the ring: a read
 * ends when its buffer is full.
 */
static __always_inline void mark(struct bpf_iter__task_file *ctx, __u32 emitted)
{
	__u32 bytes = (emitted < MARK_MAX ? emitted : MARK_MAX) * 8;
	union scratch *any = get_scan_scratch();

	if (any && bytes)
		bpf_seq_write(ctx->meta->seq, any, bytes);
}

/* A target's socket that nothing watches, and whose watch has ended or was asked for in vain. */
static __always_inline bool has_lapsed(struct task_struct *task, struct file *file, __u32 fd)
{
	__u32 tgid = task->tgid;
	__u64 number = number_key(tgid, fd), addr;

	if (!settings.lapses_on || shared.scan_collects ||
	    (file->f_inode->i_mode & S_IFMT) != S_IFSOCK)
		return false;
	if (!bpf_map_lookup_elem(&targets, &tgid))
		return false;
	bpf_probe_read_kernel(&addr, sizeof(addr), &file); /* a number, not a pointer */
	return bpf_map_lookup_elem(&lapsed, &addr) || bpf_map_lookup_elem(&lapsed, &number);
}

SEC("iter/task_file") int scan_files(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct visit v = {};
	__u32 tgid;
	char one = 1;
	bool watched_too;
	__u64 ep;

	if (!task || !file)
		return 0;
	ep = eventpoll_of(file);
	watched_too = !shared.scan_collects && enter_list(&v, file);
	v.nowhere = !ep && !watched_too && has_lapsed(task, file, ctx->fd);
	if (!ep && !watched_too && !v.nowhere)
		return 0;
	tgid = task->tgid;
	v.target = bpf_map_lookup_elem(&targets, &tgid) != NULL;
	if (v.target && shared.scan_collects &&
	    bpf_map_update_elem(&held_instances, &ep, &one, BPF_ANY))
		shared.scan_was_cut = true;
	begin_visit(&v, task, file, ctx->fd);
	if (ep && is_held(ep) && v.target == shared.scan_collects)
		emit_instance(&v, task, ep);
	if (watched_too || v.nowhere)
		emit_watched(&v, task);
	mark(ctx, v.emitted);
	return 0;
}
