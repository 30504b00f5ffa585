/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * file.h - from a descriptor number to its struct file, and what a struct file is.
 */
#ifndef ET_FILE_H
#define ET_FILE_H

#include "state.h"

#define PATH_DEPTH 40 /* directories and mounts that are followed upward */

/*
 * Turns an address into a pointer that the verifier lets us read through, without the call of a
 * helper for each read (kernel/bpf/helpers.c, Linux 6.2). Only programs with TYPED use it: one that
 * names it does not load on a kernel that lacks it.
 */
static void *(*const rdonly_cast)(const void *obj, __u32 btf_id) = (void *)ET_CALL_RDONLY_CAST;

/* How a program reads kernel structures: a constant in each program. */
enum reads {
	BY_HELPER,
	TYPED,
};

static __always_inline struct file *slot_at(struct file **slot, enum reads reads)
{
	struct file *file = NULL;

	if (reads == TYPED) {
		/* As if the slot were the member of that type in some structure. */
		struct fdtable *t =
			rdonly_cast((void *)slot - bpf_core_field_offset(struct fdtable, fd),
				    settings.id_fdtable);

		return (struct file *)t->fd;
	}
	bpf_probe_read_kernel(&file, sizeof(file), slot);
	return file;
}

static __always_inline struct fdtable *current_table(enum reads reads)
{
	struct task_struct *task = current_task();

	if (reads == TYPED) {
		task = rdonly_cast(task, settings.id_task_struct);
		return task->files->fdt;
	}
	return BPF_CORE_READ(task, files, fdt);
}

/*
 * Has the current process become a 32-bit program? Its system calls have other numbers; the raw
 * tracepoints tell them as well, those of single calls do not.
 */
static __always_inline bool runs_compat(enum reads reads)
{
	struct task_struct *task = current_task();

	if (reads == TYPED) {
		task = rdonly_cast(task, settings.id_task_struct);
		return task->mm->task_size <= 1UL << 32;
	}
	return is_compat(task);
}

/* The struct file behind a number of the current process, 0 where it is not open. */
static __always_inline struct file *read_file_at(__s32 fd, enum reads reads)
{
	struct fdtable *fdt = current_table(reads);
	struct file **slot;

	if (reads == TYPED) {
		if ((__u32)fd >= fdt->max_fds)
			return NULL;
		slot = fdt->fd;
	} else {
		if ((__u32)fd >= BPF_CORE_READ(fdt, max_fds))
			return NULL;
		slot = BPF_CORE_READ(fdt, fd);
	}
	return slot_at(slot + (__u32)fd, reads);
}

static __always_inline struct file *file_at(__s32 fd)
{
	return read_file_at(fd, BY_HELPER);
}

/* An instance is told by its dentry's name: the symbol eventpoll_fops need not be in kallsyms. */
static __noinline bool learn_eventpoll(struct file *file)
{
	const char want[] = "[eventpoll]";
	char have[sizeof(want)] = {};
	const unsigned char *name = BPF_CORE_READ(file, f_path.dentry, d_name.name);

	if (BPF_CORE_READ(file, f_path.dentry, d_sb, s_magic) != ANON_INODE_FS_MAGIC)
		return false;
	bpf_probe_read_kernel_str(have, sizeof(have), name);
	for (int i = 0; i < (int)sizeof(want); i++)
		if (have[i] != want[i])
			return false;
	shared.eventpoll_fops = (__u64)BPF_CORE_READ(file, f_op);
	return true;
}

/* The struct eventpoll behind a file, 0 where it is none. */
static __always_inline __u64 read_eventpoll_of(struct file *file, enum reads reads)
{
	const void *fops, *data;

	if (!file)
		return 0;
	if (reads == TYPED) {
		struct file *f = rdonly_cast(file, settings.id_file);

		fops = f->f_op;
		data = f->private_data;
	} else {
		fops = BPF_CORE_READ(file, f_op);
		data = BPF_CORE_READ(file, private_data);
	}
	if (shared.eventpoll_fops ? (__u64)fops != shared.eventpoll_fops : !learn_eventpoll(file))
		return 0;
	return (__u64)data;
}

static __always_inline __u64 eventpoll_of(struct file *file)
{
	return read_eventpoll_of(file, BY_HELPER);
}

/* Is the file in an interest list? */
static __always_inline bool watched(struct file *file)
{
	if (bpf_core_field_exists(file->f_ep))
		return BPF_CORE_READ(file, f_ep) != NULL;
	struct file___v510 *old = (void *)file;
	struct list_head *next = BPF_CORE_READ(old, f_ep_links.next);

	return next && next != (void *)old + bpf_core_field_offset(old->f_ep_links);
}

static __always_inline bool read_watched(struct file *file, enum reads reads)
{
	if (reads == TYPED) {
		struct file *f = rdonly_cast(file, settings.id_file);

		return f->f_ep;
	}
	return watched(file);
}

/* References to the file; the descriptor tables' and those of calls under way. */
static __always_inline __s64 references(struct file *file)
{
	if (bpf_core_field_exists(file->f_ref))
		return BPF_CORE_READ(file, f_ref.refcnt.counter) + 1;
	return BPF_CORE_READ((struct file___v612 *)file, f_count.counter);
}

static __always_inline void read_proto(struct et_file *f, struct sock *sk)
{
	struct proto *proto = BPF_CORE_READ(sk, sk_prot_creator);

	if (!proto)
		proto = BPF_CORE_READ(sk, __sk_common.skc_prot);
	bpf_probe_read_kernel_str(f->proto, sizeof(f->proto),
				  (void *)proto + bpf_core_field_offset(struct proto, name));
}

static __always_inline void describe_inet(struct et_file *f, struct sock *sk)
{
	f->kind = ET_FILE_INET;
	f->sport = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (!f->sport)
		f->sport = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	f->dport = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (f->family == AF_INET) {
		*(__u32 *)f->saddr = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
		*(__u32 *)f->daddr = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	} else {
		BPF_CORE_READ_INTO(&f->saddr, sk, __sk_common.skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&f->daddr, sk, __sk_common.skc_v6_daddr);
	}
}

static __always_inline void describe_unix(struct et_file *f, char *name, struct sock *sk)
{
	struct unix_sock *u = (void *)sk;
	struct unix_address *addr = BPF_CORE_READ(u, addr);
	struct sock *peer = BPF_CORE_READ(u, peer);
	int len;

	f->kind = ET_FILE_UNIX;
	if (peer)
		f->peer_ino = BPF_CORE_READ(peer, sk_socket, file, f_inode, i_ino);
	if (!addr)
		return;
	len = BPF_CORE_READ(addr, len) - 2; /* less sun_family */
	if (len <= 0 || len > 108)
		return;
	if (!bpf_probe_read_kernel(name, len & 127,
				   (void *)addr + bpf_core_field_offset(struct unix_address, name) +
					   2))
		f->name_len = len;
}

static __always_inline void describe_netlink(struct et_file *f, struct sock *sk, __u16 protocol)
{
	f->sport = protocol;
	f->peer_ino = BPF_CORE_READ((struct netlink_sock *)sk, portid);
}

static __always_inline void describe_socket(struct et_file *f, char *name, struct file *file)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);
	__u16 protocol;

	f->kind = ET_FILE_SOCK;
	if (!sk)
		return;
	read_proto(f, sk);
	f->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	protocol = BPF_CORE_READ(sk, sk_protocol);
	f->rdev = BPF_CORE_READ(sk, sk_type);
	if (f->family == AF_UNIX)
		describe_unix(f, name, sk);
	else if ((f->family == AF_INET || f->family == AF_INET6) &&
		 (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_MPTCP))
		describe_inet(f, sk);
	else if (f->family == AF_NETLINK)
		describe_netlink(f, sk, protocol);
}

/* From the root of a mount to where it is mounted; false at the topmost. */
static __always_inline bool leave_mount(struct dentry **dentry, struct vfsmount **mnt)
{
	struct mount *m = (void *)*mnt - bpf_core_field_offset(struct mount, mnt);
	struct mount *parent = BPF_CORE_READ(m, mnt_parent);

	if (parent == m)
		return false;
	*dentry = BPF_CORE_READ(m, mnt_mountpoint);
	*mnt = (void *)parent + bpf_core_field_offset(struct mount, mnt);
	return true;
}

/*
 * The path's components, leaf first, as prepend_path() of fs/d_path.c walks them. How much is used
 * is kept in the record only: the verifier knows nothing of it then, and need not go through all
 * that it could be at each step.
 */
static __noinline int describe_path(struct et_file *f, char *name, struct file *file)
{
	struct dentry *dentry, *root;
	struct vfsmount *mnt;
	__u32 used;
	long n;

	if (!f || !name)
		return 0;
	dentry = BPF_CORE_READ(file, f_path.dentry);
	mnt = BPF_CORE_READ(file, f_path.mnt);
	root = BPF_CORE_READ(mnt, mnt_root);
	if (!BPF_CORE_READ(dentry, d_hash.pprev) && dentry != root)
		f->flags |= ET_FILE_DELETED;
	f->flags |= ET_FILE_CUT;
	for (int i = 0; i < PATH_DEPTH; i++) {
		if (dentry == root) {
			if (!leave_mount(&dentry, &mnt)) {
				f->flags &= ~ET_FILE_CUT;
				break;
			}
			root = BPF_CORE_READ(mnt, mnt_root);
			continue;
		}
		used = *(volatile __u16 *)&f->name_len;
		if (used >= ET_NAME_LEN)
			break;
		n = bpf_probe_read_kernel_str(name + used, ET_NAME_PART,
					      BPF_CORE_READ(dentry, d_name.name));
		if (n < 0)
			break;
		f->name_len = used + (n & 0x1ff);
		dentry = BPF_CORE_READ(dentry, d_parent);
	}
	return 0;
}

static __always_inline void describe_pidfd(struct et_file *f, struct pid *pid)
{
	f->kind = ET_FILE_PIDFD;
	f->ino = user_nr(pid);
	if (!BPF_CORE_READ(pid, tasks[0].first))
		f->flags = ET_FILE_REAPED;
}

static __always_inline void describe_anon(struct et_file *f, char *name, struct file *file)
{
	long n = bpf_probe_read_kernel_str(name, ET_NAME_PART,
					   BPF_CORE_READ(file, f_path.dentry, d_name.name));

	f->kind = ET_FILE_ANON;
	f->name_len = n > 1 ? n - 1 : 0;
	/* Up to 6.8 a pidfd's private_data is its struct pid (kernel/pid.c, pidfd_create). */
	if (n == sizeof("[pidfd]") && name[1] == 'p' && name[2] == 'i' && name[3] == 'd') {
		describe_pidfd(f, BPF_CORE_READ(file, private_data));
	}
}

/* Where a description goes: a place within a scratch. */
enum described_at {
	AT_CTL,
	AT_CTL_EPFILE,
	AT_WAIT,
	AT_PWAIT,
	AT_THREAD,
	AT_WATCHED,
};

#define PLACES	    8	  /* a power of two */
#define PLACES_MASK 0xff8 /* bits that offsets of places may have */
_Static_assert(PLACES_MASK + sizeof(struct described) <= sizeof(union scratch), "places");

/* Read as variables, so that the verifier takes all places for one. */
const volatile __u32 places[PLACES] = {
	[AT_CTL] = __builtin_offsetof(union scratch, ctl.file),
	[AT_CTL_EPFILE] = __builtin_offsetof(union scratch, ctl.epfile),
	[AT_WAIT] = __builtin_offsetof(union scratch, wait.epfile),
	[AT_PWAIT] = __builtin_offsetof(union scratch, pwait.epfile),
	[AT_THREAD] = __builtin_offsetof(union scratch, thread.t.file),
	[AT_WATCHED] = __builtin_offsetof(union scratch, watched.w.file),
};

static __always_inline struct described *place_of(__u32 at)
{
	__u32 key = at >= AT_THREAD ? SCRATCH_OF_LOOKS : SCRATCH_OF_CALLS, offset;
	void *s;

	barrier_var(at);
	offset = places[at & (PLACES - 1)];
	barrier_var(offset);
	offset &= PLACES_MASK;
	s = bpf_map_lookup_elem(&scratches, &key);
	return s ? s + offset : NULL;
}

/*
 * Writes what the file is, and its name, to a place in a scratch. A global function: the verifier
 * goes through it once in a program, wherever it is called from.
 */
__noinline int describe(__u64 addr, __u32 at)
{
	struct described *d = place_of(at);
	struct file *file = (void *)addr;
	struct et_file *f = &d->file;
	unsigned long magic;
	__u16 mode;

	if (!d)
		return 0;
	__builtin_memset(f, 0, sizeof(*f));
	if (!file)
		return 0;
	f->addr = addr;
	f->ino = BPF_CORE_READ(file, f_inode, i_ino);
	f->ep = eventpoll_of(file);
	if (f->ep) {
		f->kind = ET_FILE_EPOLL;
		return 0;
	}
	magic = BPF_CORE_READ(file, f_path.dentry, d_sb, s_magic);
	if (magic == SOCKFS_MAGIC) {
		describe_socket(f, d->name, file);
	} else if (magic == PIPEFS_MAGIC) {
		f->kind = ET_FILE_PIPE;
	} else if (magic == ANON_INODE_FS_MAGIC) {
		describe_anon(f, d->name, file);
	} else if (magic == PID_FS_MAGIC) {
		describe_pidfd(f, BPF_CORE_READ(file, f_inode, i_private)); /* fs/pidfs.c */
	} else {
		f->kind = ET_FILE_PATH;
		mode = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
		f->flags = mode == S_IFCHR ? ET_FILE_CHAR : mode == S_IFBLK ? ET_FILE_BLOCK : 0;
		f->rdev = BPF_CORE_READ(file, f_inode, i_rdev);
		if (magic == MQUEUE_MAGIC)
			f->flags |= ET_FILE_MQUEUE;
		describe_path(f, d->name, file);
	}
	return 0;
}

#endif
