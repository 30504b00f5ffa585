/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel_uring.bpf.h - the kernel's requests of io_uring, see kernel.bpf.h.
 */
#ifndef ET_KERNEL_URING_H
#define ET_KERNEL_URING_H

#include "kernel.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* A request has this shape since 6.0 (include/linux/io_uring_types.h). */
struct io_cmd_data {
	struct file *file;
};

struct io_cqe {
	__u64 user_data;
	__s32 res;
	__s32 fd; /* as it was given, until the request is issued */
};

struct io_ring_ctx;

struct io_kiocb {
	struct file *file;
	struct io_cmd_data cmd;
	__u8 opcode;
	__u32 flags; /* REQ_F_*; of 64 bits since 6.9 the lower ones */
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
};

/* What lies in .cmd (io_uring/epoll.c, 6.0). */
struct io_epoll {
	int epfd;
	int op;
	int fd;
	struct epoll_event event;
};

/* 6.15 */
struct io_epoll_wait {
	int maxevents;
	struct epoll_event *events;
};

struct io_uring_sqe {
	__u8 opcode;
	__u8 flags;
	__s32 fd;
	__u64 off;
	__u64 addr;
	__u32 len;
};

#pragma clang attribute pop

/* include/uapi/linux/io_uring.h, enum io_uring_op */
enum {
	IORING_OP_EPOLL_CTL = 29,
	IORING_OP_EPOLL_WAIT = 59, /* 6.15 */
};

/* REQ_F_* that are the IOSQE_* of the program, bit for bit (include/linux/io_uring_types.h). */
enum {
	REQ_F_FIXED_FILE = 1 << 0,
	REQ_F_IO_DRAIN = 1 << 1,
	REQ_F_LINK = 1 << 2,
	REQ_F_HARDLINK = 1 << 3,
	REQ_F_FORCE_ASYNC = 1 << 4,
	REQ_F_CQE_SKIP = 1 << 6,
};

#endif
