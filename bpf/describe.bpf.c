/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * describe.bpf.c - what stands behind a descriptor, in words and numbers: part of every object.
 */
#include "file.bpf.h"
#include "kernel_net.bpf.h"

#define PATH_DEPTH 40 /* directories and mounts that are followed upward */

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
	__u32 key = at >= AT_THREAD ? SCRATCH_OF_SCANS : SCRATCH_OF_CALLS, offset;
	void *s;

	barrier_var(at);
	offset = places[at & (PLACES - 1)];
	barrier_var(offset);
	offset &= PLACES_MASK;
	s = bpf_map_lookup_elem(&scratches, &key);
	return s ? s + offset : NULL;
}

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
