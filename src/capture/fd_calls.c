/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/fd_calls.h"

#include "../../bpf/wire.h"

#include <sys/syscall.h>

static const unsigned short calls[] = {
	SYS_read,	SYS_write,	 SYS_readv,	      SYS_writev,     SYS_pread64,
	SYS_pwrite64,	SYS_preadv,	 SYS_pwritev,	      SYS_preadv2,    SYS_pwritev2,
	SYS_recvfrom,	SYS_sendto,	 SYS_recvmsg,	      SYS_sendmsg,    SYS_recvmmsg,
	SYS_sendmmsg,	SYS_accept,	 SYS_accept4,	      SYS_connect,    SYS_shutdown,
	SYS_close,	SYS_fsync,	 SYS_fdatasync,	      SYS_ftruncate,  SYS_fallocate,
	SYS_flock,	SYS_fcntl,	 SYS_ioctl,	      SYS_getdents64, SYS_sendfile,
	SYS_splice,	SYS_tee,	 SYS_vmsplice,	      SYS_syncfs,     SYS_sync_file_range,
	SYS_epoll_ctl,	SYS_epoll_pwait, SYS_epoll_pwait2,    SYS_fstat,      SYS_lseek,
	SYS_setsockopt, SYS_getsockopt,	 SYS_copy_file_range, SYS_openat,     SYS_io_uring_enter,
#ifdef SYS_epoll_wait
	SYS_epoll_wait,
#endif
#ifdef SYS_getdents
	SYS_getdents,
#endif
};

void fd_calls_fill(uint64_t *bits, unsigned count)
{
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i] < count)
			bits[calls[i] / 64] |= 1ULL << (calls[i] & 63);
}

#define SIZED_IN  (ET_IO_IN | ET_IO_SIZE_AT_2)
#define SIZED_OUT (ET_IO_OUT | ET_IO_SIZE_AT_2)

static const struct {
	unsigned short nr;
	uint8_t what;
} io_calls[] = {
	{SYS_read, SIZED_IN},
	{SYS_readv, ET_IO_IN},
	{SYS_preadv2, ET_IO_IN},
	{SYS_recvfrom, SIZED_IN | ET_IO_FLAGS_AT_3},
	{SYS_recvmsg, ET_IO_IN | ET_IO_FLAGS_AT_2},
	{SYS_recvmmsg, ET_IO_IN | ET_IO_FLAGS_AT_3},
	{SYS_accept, ET_IO_IN},
	{SYS_accept4, ET_IO_IN},
	{SYS_splice, ET_IO_IN | ET_IO_OUT_AT_2},
	{SYS_tee, ET_IO_OUT_AT_2},
	{SYS_write, SIZED_OUT},
	{SYS_writev, ET_IO_OUT},
	{SYS_pwritev2, ET_IO_OUT},
	{SYS_sendto, SIZED_OUT | ET_IO_FLAGS_AT_3},
	{SYS_sendmsg, ET_IO_OUT | ET_IO_FLAGS_AT_2},
	{SYS_sendmmsg, ET_IO_OUT | ET_IO_FLAGS_AT_3},
	{SYS_sendfile, ET_IO_OUT},
	{SYS_vmsplice, ET_IO_OUT},
	{SYS_shutdown, ET_IO_CHANGE},
	{SYS_timerfd_settime, ET_IO_CHANGE},
	{SYS_fcntl, ET_IO_BY_COMMAND},
	{SYS_ioctl, ET_IO_BY_COMMAND},
};

void io_calls_fill(uint8_t *what, unsigned count)
{
	for (unsigned i = 0; i < sizeof(io_calls) / sizeof(io_calls[0]); i++)
		if (io_calls[i].nr < count)
			what[io_calls[i].nr] = io_calls[i].what;
}
