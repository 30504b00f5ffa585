/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * file.h - from a descriptor number to its struct file, and what a struct file is.
 */
#ifndef ET_FILE_H
#define ET_FILE_H

#include "state.h"

#define PATH_DEPTH 40 /* directories and mounts that are followed upward */

/* The struct file behind a number of the current process, 0 where it is not open. */
static __always_inline struct file *file_at(__s32 fd)
{
	struct task_struct *task = current_btf();
	struct file *file = NULL;
	struct file **slot;

	if (task) {
		struct fdtable *fdt = task->files->fdt;

		if ((__u32)fd >= fdt->max_fds)
			return NULL;
		slot = fdt->fd;
	} else {
		struct fdtable *fdt = BPF_CORE_READ(current_task(), files, fdt);

		if ((__u32)fd >= BPF_CORE_READ(fdt, max_fds))
			return NULL;
		slot = BPF_CORE_READ(fdt, fd);
	}
	bpf_probe_read_kernel(&file, sizeof(file), slot + (__u32)fd);
	return file;
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
	eventpoll_fops = (__u64)BPF_CORE_READ(file, f_op);
	return true;
}

/* The struct eventpoll behind a file, 0 where it is none. */
static __always_inline __u64 eventpoll_of(struct file *file)
{
	__u64 fops;

	if (!file)
		return 0;
	fops = (__u64)BPF_CORE_READ(file, f_op);
	if (eventpoll_fops ? fops != eventpoll_fops : !learn_eventpoll(file))
		return 0;
	return (__u64)BPF_CORE_READ(file, private_data);
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
	if (f->family == AF_UNIX)
		describe_unix(f, name, sk);
	else if ((f->family == AF_INET || f->family == AF_INET6) &&
		 (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_MPTCP))
		describe_inet(f, sk);
}

/* One step of the way up; false at the root. */
static __always_inline bool path_up(struct dentry **dentry, struct vfsmount **mnt)
{
	struct mount *m;

	if (*dentry != BPF_CORE_READ(*mnt, mnt_root)) {
		*dentry = BPF_CORE_READ(*dentry, d_parent);
		return true;
	}
	m = (void *)*mnt - bpf_core_field_offset(struct mount, mnt);
	if (BPF_CORE_READ(m, mnt_parent) == m)
		return false;
	*dentry = BPF_CORE_READ(m, mnt_mountpoint);
	*mnt = (void *)BPF_CORE_READ(m, mnt_parent) + bpf_core_field_offset(struct mount, mnt);
	return true;
}

/* The path's components, leaf first, as prepend_path() of fs/d_path.c walks them. */
static __noinline int describe_path(struct et_file *f, char *name, struct file *file)
{
	struct dentry *dentry;
	struct vfsmount *mnt;
	__u32 used = 0;
	long n;

	if (!f || !name)
		return 0;
	dentry = BPF_CORE_READ(file, f_path.dentry);
	mnt = BPF_CORE_READ(file, f_path.mnt);
	if (!BPF_CORE_READ(dentry, d_hash.pprev) && dentry != BPF_CORE_READ(mnt, mnt_root))
		f->flags |= ET_FILE_DELETED;
	f->flags |= ET_FILE_CUT;
	for (int i = 0; i < PATH_DEPTH && used < ET_NAME_LEN; i++) {
		if (dentry != BPF_CORE_READ(mnt, mnt_root)) {
			n = bpf_probe_read_kernel_str(name + used, ET_NAME_PART,
						      BPF_CORE_READ(dentry, d_name.name));
			if (n < 0)
				break;
			used += n & 0x1ff;
		}
		if (!path_up(&dentry, &mnt)) {
			f->flags &= ~ET_FILE_CUT;
			break;
		}
	}
	f->name_len = used;
	return 0;
}

static __always_inline void describe_anon(struct et_file *f, char *name, struct file *file)
{
	long n = bpf_probe_read_kernel_str(name, ET_NAME_PART,
					   BPF_CORE_READ(file, f_path.dentry, d_name.name));

	f->kind = ET_FILE_ANON;
	f->name_len = n > 1 ? n - 1 : 0;
	/* Up to 6.8 a pidfd's private_data is its struct pid (kernel/pid.c, pidfd_create). */
	if (n == sizeof("[pidfd]") && name[1] == 'p' && name[2] == 'i' && name[3] == 'd') {
		f->kind = ET_FILE_PIDFD;
		f->ino = user_nr(BPF_CORE_READ(file, private_data));
	}
}

/* Writes what file is to *f and its name, of ET_NAME_CAP bytes, to name. */
static __noinline int describe(struct et_file *f, char *name, __u64 addr)
{
	struct file *file = (void *)addr;
	unsigned long magic;
	__u16 mode;

	if (!f || !name)
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
		describe_socket(f, name, file);
	} else if (magic == PIPEFS_MAGIC) {
		f->kind = ET_FILE_PIPE;
	} else if (magic == ANON_INODE_FS_MAGIC) {
		describe_anon(f, name, file);
	} else if (magic == PID_FS_MAGIC) {
		f->kind = ET_FILE_PIDFD; /* fs/pidfs.c, pidfs_pid() */
		f->ino = user_nr(BPF_CORE_READ(file, f_inode, i_private));
	} else {
		f->kind = ET_FILE_PATH;
		mode = BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT;
		f->flags = mode == S_IFCHR ? ET_FILE_CHAR : mode == S_IFBLK ? ET_FILE_BLOCK : 0;
		f->rdev = BPF_CORE_READ(file, f_inode, i_rdev);
		describe_path(f, name, file);
	}
	return 0;
}

#endif
